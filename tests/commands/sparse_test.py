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
        self.common.train(*self.DECK, "-run_outdir", "again", "-run_restart", first,
                          "-train_monitor_spectrum", 1)
        spectra = self.common.path("again/admmnet.spectrum.csv").read_text()
        self.assertIn("pass,W_1_largest", spectra)  # without the Gram matrix of sparse inputs
        self.assert_same_state(self.common.checkpoint("again", LAST), self.model)

    def test_prediction(self):
        predicted = []
        for ranks, storage in ((3, "auto"), (2, "dense")):
            self.common.run_program("predict", "-run_model", self.model, "-data_format", "svmlight",
                                    "-data_test", "test.svm", "-data_storage", storage,
                                    "-run_outdir", storage, ranks=ranks)
            predicted.append(self.common.path(f"{storage}/admmnet.predictions.csv").read_text())
        self.assertEqual(predicted[0], predicted[1])

    # ---- components of sparse samples ----
    def components(self, outdir, *arguments, **options):
        return self.common.train(*self.DECK, "-data_components", 9, "-run_outdir", outdir,
                                 *arguments, **options)

    def test_components(self):
        """Learnt, kept, planned, inspected, and applied to dense and to sparse samples."""
        result = self.components("nine")
        self.assert_says(result, "storage of inputs: sparse", "scaling: deviation",
                         "components: 9 of 500", "-8-3")
        model = self.common.checkpoint("nine", LAST)
        self.assert_says(self.common.run_program("inspect", model, ranks=0), "9 of 500")
        predicted = []
        for ranks, storage in ((3, "sparse"), (0, "sparse"), (2, "dense")):
            outdir = f"nine{ranks}"
            self.common.run_program("predict", "-run_model", model, "-data_format", "svmlight",
                                    "-data_test", "test.svm", "-data_storage", storage,
                                    "-run_outdir", outdir, ranks=ranks)
            predicted.append(self.common.path(f"{outdir}/admmnet.predictions.csv").read_text())
        self.assertEqual(predicted[0], predicted[1])
        self.assertEqual(predicted[0], predicted[2])
        # Restart, from the checkpoint's directions
        first = self.common.path("nine/admmnet.ckpt.1.h5")
        self.components("nine_again", "-run_restart", first)
        self.assert_same_state(self.common.checkpoint("nine_again", LAST), model)
        self.components("nine_again", "-data_components", 8, ranks=0, code=BAD_INPUT)

    def test_whitened_components(self):
        result = self.components("whitened", "-data_scaling", "whiten")
        self.assert_says(result, "storage of inputs: sparse", "scaling: whiten", "9 of 500")
        model, predicted = self.common.checkpoint("whitened", LAST), []
        for storage in ("sparse", "dense"):
            self.common.run_program("predict", "-run_model", model, "-data_format", "svmlight",
                                    "-data_test", "test.svm", "-data_storage", storage,
                                    "-run_outdir", storage + "_whitened")
            folder = self.common.path(storage + "_whitened")
            predicted.append((folder / "admmnet.predictions.csv").read_text())
        self.assertEqual(predicted[0], predicted[1])

    def test_components_on_other_ranks(self):
        """The same network, to the rounding of a sweep in blocks."""
        networks = []
        for ranks, grid in ((0, []), (4, ["-grid_rows", 2, "-grid_block", 5])):
            self.components(f"ranks{ranks}", *grid, ranks=ranks)
            model = self.common.checkpoint(f"ranks{ranks}", LAST)
            networks.append(harness.contents(model, "network") | harness.contents(model, "state"))
        one, other = networks
        for name in ("network/rotation", "state/layer_1/W", "state/layer_2/W"):
            difference = abs(one[name] - other[name]).max() / abs(one[name]).max()
            self.assertLessEqual(difference, 1e-7, name)

    def test_plan_of_components(self):
        plan = ["plan", *self.DECK, "-data_features", 1000000, "-net_hidden", 2]
        for components, text in ((20, "network: 20-2-3"), (0.5, "network: 134-2-3")):
            result = self.common.run_program(*plan, "-data_components", components, "-plan_memory",
                                             20, ranks=0)
            self.assert_says(result, text)
        # Three times 100 directions of 10^6 features are 2.4 GB.
        self.common.run_program(*plan, "-data_components", 100, "-plan_memory", 2, ranks=0,
                                code=BAD_INPUT)

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
