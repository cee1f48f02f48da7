"""svmlight and graphs: what stands in the files; tests/data has the rest of the rows."""
from table import Row

FILES = {"nodes.svm": "1 1:1\n2 2:1\n1 1:1\n2 3:1\n", "train.txt": "0\n1\n", "test.txt": "3\n",
         "graph.mtx": "%%MatrixMarket matrix coordinate real symmetric\n4 4 2\n2 1 1\n3 2 1\n"}
TRAIN = "train -data_format svmlight -data_train nodes.svm"
GRAPH = TRAIN + " -data_graph graph.mtx -data_train_nodes train.txt -data_test_nodes test.txt"
LOGGED = ["admmnet.log"]  # the edges are read when the run has begun


ROWS = [
    Row("index from 0", TRAIN, ["nodes.svm, line 2", "index 0", "counted from 1"], ranks=2,
        files={**FILES, "nodes.svm": "1 1:1\n2 0:1\n"}),
    Row("node beyond the graph", GRAPH, ["test.txt, line 2", "node 4 is not there"], ranks=2,
        files={**FILES, "test.txt": "3\n4\n"}),
    Row("edge beyond the graph", GRAPH, ["graph.mtx, line 4", "node 5 is beyond the 4 of line 2"],
        files={**FILES, "graph.mtx": FILES["graph.mtx"].replace("3 2", "5 2")}, ranks=2,
        leaves=LOGGED),
    Row("negative weight", GRAPH, ["graph.mtx, line 4", "-1 is negative"],
        files={**FILES, "graph.mtx": FILES["graph.mtx"].replace("3 2 1", "3 2 -1")}, leaves=LOGGED),
    Row("a graph for tables", "train -data_format csv -data_train train.csv -data_graph graph.mtx",
        ["-data_graph", "svmlight"]),
]
