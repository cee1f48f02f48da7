"""-run_warm_start: weights of another run, into the same network, a wider or deeper one, or one
with other classes."""
import re

import harness
from harness import BAD_INPUT

BEFORE = "validation accuracy before iteration 1: "


class WarmStart(harness.Case):
    @classmethod
    def setUpClass(cls):
        """A trained network; the one delivered is the best on the validation samples."""
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        cls.common.train("-data_dir", cls.data, "-net_hidden", "9,6", "-train_iterations", 4,
                         "-run_outdir", "out")
        cls.model = cls.common.checkpoint("out", 4)
        cls.accuracy = cls.common.summary("out")["validation_accuracy"]

    def warm_start(self, *arguments, outdir="warm", **options):
        return self.train("-data_dir", self.data, "-net_hidden", "9,6", "-train_iterations", 1,
                          "-run_warm_start", self.model, "-run_outdir", outdir, *arguments,
                          **options)

    def accuracy_before(self, result):
        return float(re.search(f"{BEFORE}(.*) %\n", result.output).group(1)) / 100

    def assert_starts_from_the_model(self, *arguments, places=5, **options):
        """Accuracy before iteration 1; four decimals of the percentage are printed."""
        result = self.warm_start(*arguments, **options)
        self.assertAlmostEqual(self.accuracy_before(result), self.accuracy, places)
        return result

    def test_same_network(self):
        for ranks, grid in ((1, []), (2, []), (4, ["-grid_rows", 2, "-grid_block", 5])):
            with self.subTest(ranks=ranks):
                self.assert_starts_from_the_model(*grid, ranks=ranks, outdir=f"warm{ranks}")

    def test_first_iteration_starts_from_the_network(self):
        """Its forward passes know what the old network knew, which fresh weights do not."""
        old = self.common.summary("out")["train_accuracy"]
        for sweep in ([], ["-admm_sweep", "full"], ["-admm_sweep", "printed"]):
            with self.subTest(sweep=sweep):
                name = "".join(map(str, sweep))
                self.assert_starts_from_the_model(*sweep, outdir=f"warm{name}")
                self.warm_start(*sweep, "-run_warm_start", "", outdir=f"fresh{name}")
                warm, fresh = (float(self.metrics(f"{kind}{name}")[0]["train_accuracy"])
                               for kind in ("warm", "fresh"))
                self.assertLess(abs(warm - old), abs(fresh - old) / 2)

    def test_wider(self):
        for widths in ("20,6", "9,30", "20,30"):
            for ranks, grid in ((1, []), (2, []), (2, ["-grid_rows", 2, "-grid_block", 4])):
                with self.subTest(widths=widths, ranks=ranks, grid=grid):
                    outdir = f"wide{widths}{ranks}{len(grid)}"
                    self.assert_starts_from_the_model("-net_hidden", widths, *grid, ranks=ranks,
                                                      outdir=outdir)

    def test_deeper(self):
        """Hidden layers join behind the last one as identities."""
        grown = ["-train_method", "pdadmm", "-pdadmm_growth_output"]
        for hidden, method, ranks, grid in (
                ("9,6,6,6", [], 4, ["-grid_rows", 2, "-grid_block", 5]),
                ("12,10,10", [], 2, []), ("9,6,6", [*grown, "keep"], 2, [])):
            with self.subTest(hidden=hidden, method=method):
                self.assert_starts_from_the_model("-net_hidden", hidden, *method, *grid,
                                                  ranks=ranks, outdir=f"deep{hidden}{ranks}")
        fresh = self.warm_start("-net_hidden", "9,6,6", *grown, "fresh", outdir="fresh")
        self.assertLess(self.accuracy_before(fresh), self.accuracy)

    def test_wider_learns_on(self):
        """Trained on, it beats the old network on the training set, new units and all."""
        self.warm_start("-net_hidden", "40,20", "-train_iterations", 8, "-train_keep_best", "false")
        self.assertLess(self.summary("warm")["train_loss"],
                        self.common.summary("out")["train_loss"])
        W = harness.contents(self.checkpoint("warm", 8), "state")["state/layer_2/W"]
        self.assertGreater(abs(W[9:, :6]).max(), 0)  # the new units are used

    def test_500_to_1000(self):
        """More units than samples, several blocks of them on each rank."""
        self.train("-data_dir", self.data, "-net_hidden", 500, "-train_iterations", 2,
                   "-run_outdir", "narrow")
        narrow = self.summary("narrow")
        result = self.warm_start("-run_warm_start", self.checkpoint("narrow", 2), "-net_hidden",
                                 1000, "-train_iterations", 4, "-train_keep_best", "false")
        self.assertAlmostEqual(self.accuracy_before(result), narrow["validation_accuracy"], 5)
        self.assertLess(self.summary("warm")["train_loss"], narrow["train_loss"])

    def test_other_loss(self):
        for loss in ("squared", "multiclass_hinge"):
            with self.subTest(loss=loss):
                self.assert_starts_from_the_model("-net_loss", loss, outdir=loss)

    def test_other_scaling(self):
        """Taken up by the first layer, which has the new units of its own."""
        for scaling, ranks, grid in (("standard", 1, []),
                                     ("none", 4, ["-grid_rows", 2, "-grid_block", 5])):
            result = self.assert_starts_from_the_model(
                "-data_scaling", scaling, "-net_hidden", "12,6", *grid, ranks=ranks,
                outdir=scaling)
            self.assert_says(result, "its first layer is adapted")
        result = self.warm_start("-data_scaling", "whiten", outdir="whitened")
        self.assert_says(result, "warning: the weights of the warm start have learned from features "
                         "in another scaling (centred)", "whitened features are mixtures")
        result = self.warm_start("-data_scaling", "sqn", outdir="roots")
        self.assert_says(result, "another scaling (centred)", "are no linear map of its features")

    def test_other_scaling_without_biases(self):
        self.train("-data_dir", self.data, "-net_hidden", 9, "-net_bias", "false",
                   "-train_iterations", 2, "-data_scaling", "none", "-run_outdir", "plain")
        accuracy = self.summary("plain")["validation_accuracy"]
        command = ["-run_warm_start", self.checkpoint("plain", 2), "-net_hidden", 9, "-net_bias",
                   "false"]
        result = self.warm_start(*command, "-data_scaling", "standard")
        self.assert_says(result, "warning: ", "without biases nothing can take up another shift")
        # unit divides bytes by 255 as none does
        result = self.warm_start(*command, "-data_scaling", "unit", outdir="unit")
        self.assertAlmostEqual(self.accuracy_before(result), accuracy, 5)

    def test_other_classes(self):
        more = harness.make_idx(self.folder / "more", classes=6)
        for arguments in (["-data_classes", "0,2,3"], ["-data_dir", more]):
            result = self.warm_start(*arguments, outdir=f"warm{arguments[-1].count('/')}")
            self.assert_says(result, "output layer anew", BEFORE)

    def test_other_data_other_coding(self):
        """As many classes, but others: their outputs mean something else."""
        other = harness.make_idx(self.folder / "other", labels=[5, 6, 7, 8])
        self.assert_says(self.warm_start("-data_dir", other), "output layer anew")

    def test_same_command_continues(self):
        """After a stop the run's own checkpoint counts, not the weights it once started from."""
        command = ["-train_iterations", 3, "-ckpt_every_iterations", 1]
        self.warm_start(*command, outdir="straight")
        self.warm_start(*command, code=None,
                        environment={"ADMMNET_FAULT": "before_delete:0:1"})
        result = self.warm_start(*command)
        self.assertNotIn(BEFORE, result.output)
        self.assert_same_state(self.checkpoint("warm", 3), self.checkpoint("straight", 3))

    def test_what_does_not_fit_is_refused(self):
        for arguments in (["-net_hidden", "9"], ["-net_hidden", "9,6,5"], ["-net_hidden", "8,6"],
                          ["-net_hidden", "9,6,7"],
                          ["-net_hidden", "9,6,6", "-net_activation", "leaky_relu"],
                          ["-net_bias", "false"]):
            with self.subTest(arguments=arguments):
                result = self.run_each_rank(
                    "train", "-data_dir", self.data, "-net_hidden", "9,6", "-run_warm_start",
                    self.model, "-run_outdir", "warm", *arguments, code=BAD_INPUT)
                self.assert_says(result, str(self.model), "64-9-6-4", "hidden layers may only grow")
                self.assertEqual(list(self.path("warm").glob("*.h5")), [])


if __name__ == "__main__":
    harness.main()
