"""Sparse inputs: training, restart, prediction, and a matrix that would not fit if it were dense."""
import random

import harness
from harness import BAD_INPUT

SAMPLES, TEST, FEATURES, LAST = 240, 60, 500, 3


def write(path, count, seed):
    draw = random.Random(seed)
    lines = []
    for _ in range(count):
        label = draw.randrange(3)
        features = {draw.randrange(FEATURES // 10) * 3 + label for _ in range(4)}
        features |= {draw.randrange(FEATURES) for _ in range(draw.randrange(6))}
        entries = [f"{f + 1}:{draw.randrange(1, 4)}" for f in sorted(features)]
        lines.append(" ".join([str(label), *entries]))
    path.write_text("\n".join(lines) + "\n")


class Sparse(harness.Case):
    DECK = ["-data_format", "svmlight", "-data_train", "train.svm", "-data_test", "test.svm",
            "-data_features", FEATURES, "-net_hidden", 8, "-train_iterations", LAST,
            "-admm_blocks", 4, "-ckpt_every_iterations", 1, "-ckpt_keep", LAST]

    @classmethod
    def setUpClass(cls):
        cls.common = cls.shared()
        write(cls.common.path("train.svm"), SAMPLES, 1)
        write(cls.common.path("test.svm"), TEST, 2)
        cls.result = cls.common.train(*cls.DECK, "-run_outdir", "out")
        cls.model = cls.common.checkpoint("out", LAST)

    def test_a_run(self):
        self.assert_says(self.result, "storage of inputs: sparse", "scaling: deviation",
                         "layer 1: dual")
        self.assertGreater(self.common.summary("out")["test_accuracy"], 0.6)
        self.assertIn("storage: sparse", self.common.path("out/admmnet.used.yaml").read_text())

    def test_restart_is_bit_by_bit(self):
        first = self.common.path("out/admmnet.ckpt.1.h5")
        self.common.train(*self.DECK, "-run_outdir", "again", "-run_restart", first)
        self.assert_same_state(self.common.checkpoint("again", LAST), self.model)

    def test_prediction(self):
        predicted = []
        for ranks, storage in ((3, "auto"), (2, "dense")):
            self.common.run_program("predict", "-run_model", self.model, "-data_format", "svmlight",
                                    "-data_test", "test.svm", "-data_storage", storage,
                                    "-run_outdir", storage, ranks=ranks)
            predicted.append(self.common.path(f"{storage}/admmnet.predictions.csv").read_text())
        self.assertEqual(predicted[0], predicted[1])

    def test_never_dense(self):
        """Dense these inputs are 38 GB, and their Gram matrix has 4 10^14 entries."""
        plan = ["plan", *self.DECK, "-data_features", 20000000, "-net_hidden", 2, "-plan_memory", 6]
        self.common.run_program(*plan, ranks=0)
        self.common.run_program(*plan, "-data_storage", "dense", ranks=0, code=BAD_INPUT)

    def test_what_needs_dense_inputs_says_so(self):
        result = self.common.train(*self.DECK, "-data_storage", "sparse", "-data_scaling", "whiten",
                                   "-run_outdir", "refused", ranks=0, code=BAD_INPUT)
        self.assert_says(result, "-data_storage sparse", "whiten", "-data_storage dense")


if __name__ == "__main__":
    harness.main()
