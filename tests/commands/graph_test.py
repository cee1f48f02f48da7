"""Graphs: training on the nodes of lists, restart, warm start, prediction."""
import random
import shutil

import harness
from harness import BAD_INPUT

NODES, FEATURES, LAST = 90, 30, 3


def make_graph(folder):
    """Three kinds of nodes, few common features of a kind, most edges within one."""
    draw = random.Random(7)
    lines, edges = [], set()
    for node in range(NODES):
        features = {node % 3 + 3 * draw.randrange(FEATURES // 3) for _ in range(3)}
        features |= {draw.randrange(FEATURES) for _ in range(3)}
        lines.append(" ".join([str(node % 3 + 5)] + [f"{i + 1}:1" for i in sorted(features)]))
        for _ in range(3):
            other = draw.randrange(NODES)
            if draw.random() < 0.8:
                other += (node - other) % 3
            if node != other < NODES:
                edges.add((max(node, other), min(node, other)))
    (folder / "nodes.svm").write_text("\n".join(lines) + "\n")
    (folder / "graph.mtx").write_text(
        "%%MatrixMarket matrix coordinate pattern symmetric\n"
        f"{NODES} {NODES} {len(edges)}\n"
        + "".join(f"{i + 1} {j + 1}\n" for i, j in sorted(edges)))
    for name, nodes in (("train", range(0, 30)), ("validation", range(30, 50)),
                        ("test", range(60, NODES, 2))):
        (folder / f"{name}.txt").write_text("".join(f"{node}\n" for node in nodes))


class Graph(harness.Case):
    DECK = ["-data_format", "svmlight", "-data_train", "nodes.svm", "-data_graph", "graph.mtx",
            "-data_hops", 3, "-data_test_nodes", "test.txt"]
    LISTS = ["-data_train_nodes", "train.txt", "-data_validation_nodes", "validation.txt"]
    RUN = ["-net_hidden", 8, "-train_iterations", LAST, "-ckpt_every_iterations", 1, "-ckpt_keep",
           LAST]

    @classmethod
    def setUpClass(cls):
        """A run in one go."""
        cls.common = cls.shared()
        make_graph(cls.common.folder)
        cls.result = cls.common.train(*cls.DECK, *cls.LISTS, *cls.RUN, "-run_outdir", "out",
                                      "-run_predictions", "true")
        cls.model = cls.common.checkpoint("out", LAST)

    def setUp(self):
        super().setUp()
        shutil.copytree(self.common.folder, self.folder, dirs_exist_ok=True)

    def predict(self, *arguments, **options):
        return self.run_program("predict", "-run_model", self.model, "-run_outdir", "predicted",
                                *arguments, **options)

    def test_a_run(self):
        summary = self.summary("out")
        self.assertEqual(summary["classes"], ["5", "6", "7"])
        self.assertGreater(summary["test_accuracy"], 0.6)
        rows = [row.split(",") for row in
                self.path("out/admmnet.test.csv").read_text().splitlines()[1:]]
        self.assertEqual([row[0] for row in rows], self.path("test.txt").read_text().split())
        self.assertAlmostEqual(sum(row[1] == row[2] for row in rows) / len(rows),
                               summary["test_accuracy"], 12)
        self.assert_says(self.result, f"{3 * FEATURES}-8-3", f"the graph has {NODES} nodes")

    def test_restart_is_bit_by_bit(self):
        """On the same grid; on another to rounding."""
        for ranks in (2, 1):
            for k in range(2, LAST + 1):
                self.checkpoint("out", k).unlink()
            result = self.train("-run_outdir", "out", *self.DECK, *self.LISTS, *self.RUN,
                                ranks=ranks)
            self.assert_says(result, "continues after iteration: 1\n")
            if ranks == 2:
                self.assert_same_state(self.checkpoint("out", LAST), self.model)
            else:
                self.assert_close_weights(self.checkpoint("out", LAST), self.model, 1e-7)

    def test_a_used_deck_begins_the_same_run_on_another_grid(self):
        self.train("-options_file", "out/admmnet.used.yaml", "-run_outdir", "again", ranks=4)
        self.assert_close_weights(self.checkpoint("again", LAST), self.model, 1e-7)

    def test_another_graph_is_another_problem(self):
        lines = self.path("graph.mtx").read_text().splitlines()
        size = lines[1].split()
        lines[1] = f"{size[0]} {size[1]} {int(size[2]) - 1}"
        self.path("fewer.mtx").write_text("\n".join(lines[:-1]) + "\n")
        result = self.train("-run_outdir", "out", *self.DECK, *self.LISTS, *self.RUN,
                            "-train_iterations", LAST + 1, "-data_graph", "fewer.mtx",
                            code=BAD_INPUT)
        self.assert_says(result, "the data is not that of the checkpoint: data_values")

    def test_predict(self):
        accuracy = self.summary("out")["test_accuracy"]
        for ranks in (1, 2):
            result = self.predict(*self.DECK, ranks=ranks)
            self.assert_says(result, f"accuracy: {100 * accuracy:.4f} %")
        rows = self.path("predicted/admmnet.predictions.csv").read_text().splitlines()
        self.assertEqual([row.split(",")[0] for row in rows[1:]],
                         self.path("test.txt").read_text().split())
        self.assert_says(self.predict(*self.DECK[:-4], ranks=1), f"samples: {NODES}",
                         "inputs are 3 blocks (-data_hops), as in training")
        self.assert_says(self.predict(*self.DECK, "-data_hops", 2, code=BAD_INPUT, ranks=0),
                         "-data_hops 2", "trained with 3")
        self.assert_says(self.predict("-data_format", "svmlight", "-data_test", "nodes.svm",
                                      code=BAD_INPUT, ranks=0), "-data_graph is not set")

    def test_warm_start(self):
        result = self.train(*self.DECK, *self.LISTS, *self.RUN, "-run_outdir", "warm",
                            "-run_warm_start", self.model)
        self.assert_says(result, "validation accuracy before iteration 1: "
                         f"{100 * self.summary('out')['validation_accuracy']:.4f} %")

    def test_plan_and_inspect(self):
        self.assert_says(self.run_program("plan", *self.DECK, *self.LISTS, ranks=1),
                         "30 training, 20 validation, 15 test")
        self.assert_says(self.run_program("inspect", self.model, ranks=1), "3 hops")

    def test_decks_that_say_too_much_or_too_little(self):
        for says, words in (("-data_train_nodes: missing", self.DECK),
                            ("-data_validation: with -data_graph",
                             [*self.DECK, *self.LISTS, "-data_validation", 5]),
                            ("-data_test: with -data_graph",
                             [*self.DECK, *self.LISTS, "-data_test", "nodes.svm"]),
                            ("-data_test_nodes: is for -data_graph alone",
                             [*self.DECK, *self.LISTS, "-data_graph", ""])):
            with self.subTest(says=says):
                self.assert_says(self.train(*words, "-run_outdir", "none", code=BAD_INPUT, ranks=0),
                                 says)


if __name__ == "__main__":
    harness.main()
