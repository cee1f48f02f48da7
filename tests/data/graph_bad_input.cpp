// Graphs and lists of nodes that cannot be: BadInput on every rank, with file, line and remedy.
#include "data/dataset.h"
#include "runtime/communicator.h"
#include "support/mpi_check.h"
#include "test_files.h"

using namespace admmnet;
using test::require_bad_input;
using test::TestFolder;

namespace {

const std::string kPattern = "%%MatrixMarket matrix coordinate pattern symmetric\n";
const std::string kReal = "%%MatrixMarket matrix coordinate real symmetric\n";
const std::string kGeneral = "%%MatrixMarket matrix coordinate real general\n";

/// Four nodes of two classes on a path.
struct Path {
  TestFolder folder;
  DataOptions options;

  Path() {
    options.format = "svmlight";
    options.train = folder.write("nodes.svm", "1 1:1\n2 2:1\n1 1:1\n2 3:1\n");
    options.train_nodes = folder.write("train.txt", "0\n1\n");
    options.test_nodes = folder.write("test.txt", "3\n");
    set_graph(kPattern + "4 4 3\n2 1\n3 2\n4 3\n");
  }
  void set_graph(const std::string& text) { options.graph = folder.write("graph.mtx", text); }
  void read() const {
    const DataShape shape = probe(options, MPI_COMM_WORLD);
    const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
    load(options, shape, 0, grid, {64, true, {0, shape.train}, 100});
  }
  void rejects(std::vector<std::string> parts) const {
    require_bad_input([&] { read(); }, parts);
  }
  void rejects_graph(const std::string& text, std::vector<std::string> parts) {
    parts.push_back("graph.mtx");
    for (const char* name : {"graph.mtx", "graph.mtx.gz"}) {
      options.graph = folder.write(name, text);
      rejects(parts);
    }
  }
  /// With this in the place of the list, which is put back.
  void rejects_list(std::string DataOptions::*list, const std::string& text,
                    const std::vector<std::string>& parts) {
    const std::string before = options.*list;
    options.*list = folder.write("list.txt", text);
    rejects(parts);
    options.*list = before;
  }
};

}  // namespace

TEST_CASE("a small graph is read") {
  const Path path;
  path.read();
}

TEST_CASE("graphs: what the first lines must say") {
  Path path;
  path.rejects_graph("", {"is empty"});
  path.rejects_graph("4 4 1\n2 1\n", {"line 1", "%%MatrixMarket matrix"});
  path.rejects_graph("%%MatrixMarket matrix array real symmetric\n",
                     {"line 1", "'array'", "coordinate"});
  path.rejects_graph("%%MatrixMarket matrix coordinate complex symmetric\n", {"'complex'", "real"});
  path.rejects_graph("%%MatrixMarket matrix coordinate real skew-symmetric\n",
                     {"'skew-symmetric'", "undirected"});
  path.rejects_graph("%%MatrixMarket matrix coordinate complex hermitian\n", {"line 1"});
  path.rejects_graph(kPattern + "% no sizes\n", {"ends before the line of the sizes"});
  path.rejects_graph(kPattern + "%\n4 4\n", {"line 3", "three sizes"});
  path.rejects_graph(kPattern + "4 4 -1\n", {"line 2", "three sizes"});
  path.rejects_graph(kPattern + "4 5 0\n", {"line 2", "4 rows and 5 columns", "square"});
  path.rejects_graph(kPattern + "5 5 0\n", {"line 2", "5 nodes", "4 samples", "nodes.svm"});
}

TEST_CASE("graphs: entries") {
  Path path;
  path.rejects_graph(kPattern + "4 4 3\n2 1\n3 2\n", {"line 2", "promises 3", "there are 2"});
  path.rejects_graph(kPattern + "4 4 1\n2 1\n3 2\n", {"line 2", "promises 1", "there are 2"});
  path.rejects_graph(kPattern + "4 4 2\n2 1\n\n0 1\n", {"line 5", "node 0", "counted from 1"});
  path.rejects_graph(kPattern + "4 4 2\n2 1\n5 1\n",
                     {"line 4", "node 5", "beyond the 4 of line 2"});
  path.rejects_graph(kPattern + "4 4 2\n2 1\n3 x\n", {"line 4", "'x' is no node"});
  path.rejects_graph(kPattern + "4 4 2\n2 1\n3\n", {"line 4", "'' is no node"});
  path.rejects_graph(kPattern + "4 4 2\n2 1\n3 2 1\n", {"line 4", "more fields", "real"});
  path.rejects_graph(kReal + "4 4 2\n2 1 1\n3 2\n", {"line 4", "no finite weight"});
  path.rejects_graph(kReal + "4 4 2\n2 1 1\n3 2 -1\n", {"line 4", "-1", "negative"});
  path.rejects_graph(kReal + "4 4 2\n2 1 1\n3 2 nan\n", {"line 4", "'nan'", "no finite weight"});
  path.rejects_graph(kReal + "4 4 2\n2 1 1\n3 2 inf\n", {"line 4", "'inf'"});
  path.rejects_graph(kReal + "4 4 2\n2 1 1\n3 2 1 2\n", {"line 4", "more fields"});
}

TEST_CASE("graphs: edges that stand twice, and in one direction alone") {
  Path path;
  path.rejects_graph(kPattern + "4 4 3\n2 1\n4 3\n2 1\n",
                     {"line 5", "2 1", "line 3", "leave one out"});
  path.rejects_graph(kPattern + "4 4 3\n2 1\n4 3\n3 4\n", {"line 5", "3 4", "line 4", "each once"});
  path.rejects_graph(kGeneral + "4 4 3\n2 1 1\n1 2 1\n4 3 1\n",
                     {"line 5", "4 3", "no counterpart"});
  path.rejects_graph(kGeneral + "4 4 2\n2 1 1\n2 1 1\n", {"line 4", "line 3", "leave one out"});
  path.rejects_graph(kGeneral + "4 4 3\n2 1 1\n1 2 1\n2 1 1\n",
                     {"line 5", "line 3", "leave one out"});
  path.rejects_graph(kGeneral + "4 4 2\n2 1 1\n1 2 3\n", {"line 4", "another weight than line 3"});
  path.rejects_graph(kGeneral + "4 4 2\n2 2 1\n2 2 1\n", {"line 4", "line 3", "leave one out"});
}

// 8 x 5000 x 134 million bytes, twice: more than any machine has.
TEST_CASE("graphs: inputs that no memory holds") {
  Path path;
  std::string nodes, all;
  for (int i = 0; i < 5000; ++i) {
    nodes += i % 2 == 0 ? "1 1:1\n" : "2 134217:1\n";
    if (i != 3) all += std::to_string(i) + "\n";
  }
  path.options.hops = 1000;
  path.options.train = path.folder.write("nodes.svm", nodes);
  path.options.train_nodes = path.folder.write("train.txt", all);
  path.set_graph(kPattern + "5000 5000 1\n2 1\n");
  path.rejects({"-data_graph", "graph.mtx", "1000 blocks make 134217000 inputs",
                "each of 5000 nodes", "5.37e+03 GB of inputs", "fewer -data_hops"});
}

TEST_CASE("lists of nodes") {
  Path path;
  path.rejects_list(&DataOptions::train_nodes, "\n# none\n", {"no node to train on"});
  path.rejects_list(&DataOptions::validation_nodes, "", {"-data_validation_nodes out"});
  path.rejects_list(&DataOptions::validation_nodes, "2\n4\n",
                    {"line 2", "node 4", "0 to 3", "from 0"});
  path.rejects_list(&DataOptions::validation_nodes, "-1\n", {"line 1", "node -1", "0 to 3"});
  path.rejects_list(&DataOptions::validation_nodes, "2.0\n", {"line 1", "'2.0' is no node"});
  path.rejects_list(&DataOptions::validation_nodes, "2 3\n", {"line 1", "'2 3' is no node"});
  path.rejects_list(&DataOptions::validation_nodes, "2\n\n2\n", {"line 3", "node 2", "line 1;"});
  path.rejects_list(&DataOptions::validation_nodes, "1\n", {"node 1", "line 2 of", "train.txt"});
  path.rejects_list(&DataOptions::train_nodes, "0\n2\n", {"only the label 1"});
  path.options.train = path.folder.write("nodes.svm", "1 1:1\n2 2:1\n1:1\n5 3:1\n");
  path.rejects_list(&DataOptions::train_nodes, "0\n1\n2\n",
                    {"line 3", "node 2", "no label", "line 3"});
  path.rejects_list(&DataOptions::train_nodes, "0\n1\n",
                    {"test.txt", "line 1", "node 3", "label 5", "list.txt"});
}
