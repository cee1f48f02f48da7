"""-data_components: inputs along the eigenvectors of their Gram matrix, from the deck to the
prediction."""
import re

import harness
from harness import BAD_INPUT

ROUNDING = 1e-7  # of a sweep in blocks (src/methods/taylor/README.md §11)
NETWORK = ["-net_hidden", 9, "-train_iterations", 3, "-admm_blocks", 4, "-train_keep_best", "false"]
GRIDS = [(0, []), (2, []), (4, ["-grid_rows", 2, "-grid_block", 5])]


def weights_of_features(file):
    """W of layer 1 for the features, (features, units), and the others."""
    network, state = harness.contents(file, "network"), harness.contents(file, "state")
    first = state.pop("state/layer_1/W")
    rotation = network["network/rotation"]
    return [rotation.T @ first if rotation.size else first,
            *(state[name] for name in sorted(state) if name.startswith("state/layer_"))]


class Components(harness.Case):
    @classmethod
    def setUpClass(cls):
        """A run with some of the components, on one rank."""
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        cls.trained = cls.common.train("-data_dir", cls.data, *NETWORK, "-run_outdir", "out",
                                       "-data_components", 0.8, ranks=0)
        cls.model = cls.common.checkpoint("out", 3)
        cls.count = int(re.search(r"components: (\d+) of 64, 0.8", cls.trained.output).group(1))

    def train_here(self, outdir, *arguments, **options):
        return self.train("-data_dir", self.data, *NETWORK, "-run_outdir", outdir, *arguments,
                          **options)

    def assert_same_function(self, one, other, tolerance=ROUNDING):
        for first, second in zip(weights_of_features(one), weights_of_features(other)):
            self.assertLessEqual(abs(first - second).max(), tolerance * abs(second).max())

    def test_all_is_none_but_for_rounding(self):
        """An orthogonal map of the inputs, with the start, the penalties and the first layer's
        solves by a division."""
        for name, options in {"": [], "fields": ["-init_scheme", "receptive_fields"],
                              "plain": ["-data_scaling", "none"],
                              "whitened": ["-data_scaling", "whiten"]}.items():
            with self.subTest(name):
                result = self.train_here(f"all{name}", "-data_components", "all", *options, ranks=0)
                self.train_here(f"none{name}", "-data_components", "none", *options, ranks=0)
                self.assertEqual("a division" in result.output, name != "plain")
                self.assert_same_function(self.checkpoint(f"all{name}", 3),
                                          self.checkpoint(f"none{name}", 3))

    def test_ranks_and_grids_agree(self):
        for ranks, grid in GRIDS[1:]:
            self.train_here(f"out{ranks}", "-data_components", 0.8, *grid, ranks=ranks)
            self.assert_same_function(self.checkpoint(f"out{ranks}", 3), self.model)

    # ---- stop and restart ----
    def test_restart_is_bit_by_bit_the_same(self):
        stop = {"environment": {"ADMMNET_FAULT": "before_delete:0:1"}, "code": None}
        command = ["-data_components", 0.8, "-ckpt_every_iterations", 1]
        self.train_here("here", *command, ranks=0, **stop)
        result = self.train_here("here", *command, ranks=0)
        self.assert_says(result, "continues after iteration", f"components: {self.count} of 64")
        self.assert_same_state(self.checkpoint("here", 3), self.model)
        basis = [harness.contents(file, "network")["network/rotation"].tobytes()
                 for file in (self.checkpoint("here", 3), self.model)]
        self.assertEqual(basis[0], basis[1])

    def test_the_deck_of_the_run_repeats_it_and_another_share_is_refused(self):
        used = (self.common.path("out") / "admmnet.used.yaml").read_text()
        self.assertIn(f"components: {self.count}\n", used)
        self.train("-options_file", self.common.path("out") / "admmnet.used.yaml", "-run_outdir",
                   "again", ranks=0)
        self.assert_same_state(self.checkpoint("again", 3), self.model)
        for components in (0.8, "auto"):  # the same, in other words
            self.train_here("again", "-data_components", components, ranks=0)
        for components in (0.5, "none"):
            result = self.train_here("again", "-data_components", components, ranks=0,
                                     code=BAD_INPUT)
            self.assert_says(result, f"-data_components: {self.count} -> ")

    # ---- elsewhere ----
    def test_predict_and_inspect(self):
        accuracy = self.common.summary("out")["test_accuracy"]
        for ranks, grid in GRIDS[::2]:
            result = self.run_program("predict", "-data_dir", self.data, "-run_model", self.model,
                                      *grid, ranks=ranks)
            self.assert_says(result, f"accuracy: {100 * accuracy:.4f} %")
        self.assert_says(self.run_program("inspect", self.model, ranks=0),
                         f"components:   {self.count} of 64, 0.8")

    def test_plan(self):
        """A number is exact; a share and auto are planned with the most that they can be."""
        for components, text in ((20, "network: 20-9-4"), ("auto", "network: 32-9-4"),
                                 ("auto", "32 of 64 components, the most"),
                                 (0.5, "64 of 64 components, the most")):
            result = self.run_program("plan", "-data_dir", self.data, "-net_hidden", 9,
                                      "-data_components", components, ranks=0)
            self.assert_says(result, text)
        result = self.run_program("plan", "-plan_samples", 900, "-plan_features", 64,
                                  "-plan_classes", 4, "-net_hidden", 9, ranks=0)
        self.assert_says(result, "network: 64-9-4")  # nobody knows that these are images

    def test_what_cannot_be_is_said(self):
        for arguments, text in ((["-data_components", 65], "the samples have 64 features"),
                                (["-data_components", 5, "-data_scaling", "whiten",
                                  "-init_scheme", "receptive_fields"],
                                 "whitened components do not give these back"),
                                (["-data_components", 1.5], "a share in (0, 1)")):
            result = self.train_here("bad", *arguments, ranks=0, code=BAD_INPUT)
            self.assert_says(result, "-data_components", text)
        self.run_each_rank("train", "-data_dir", self.data, *NETWORK, "-run_outdir", "bad",
                           "-data_components", 65, code=BAD_INPUT)

    def test_other_sweeps_take_them_when_told(self):
        for sweep, components, text in (("full", "auto", "none"), ("full", 20, "20 of 64"),
                                        ("printed", 20, "20 of 64")):
            result = self.train("-data_dir", self.data, "-net_hidden", 9, "-train_iterations", 2,
                                "-admm_sweep", sweep, "-data_components", components, "-run_outdir",
                                f"{sweep}{components}", ranks=0)
            self.assert_says(result, f"components: {text}")

    # ---- weights of another run ----
    def test_warm_start(self):
        """Into the features, and into components that hold those of the other run, a network
        stays the same; it grows meanwhile."""
        accuracy = 100 * self.common.summary("out")["validation_accuracy"]
        for components, (ranks, grid), arguments in (
                (self.count, GRIDS[0], []), ("none", GRIDS[1], []), ("all", GRIDS[2], []),
                (60, GRIDS[0], ["-data_scaling", "centred", "-net_hidden", 14])):
            outdir = f"warm{components}"
            result = self.train_here(outdir, "-data_components", components, "-run_warm_start",
                                     self.model, "-train_iterations", 1, *grid, *arguments,
                                     ranks=ranks)
            before = float(re.search("before iteration 1: (.*) %", result.output).group(1))
            self.assertAlmostEqual(before, accuracy, 3)
        self.assertNotIn("carried over", (self.path(f"warm{self.count}") / "admmnet.log").read_text())
        self.assertIn("carried over", (self.path("warmnone") / "admmnet.log").read_text())


if __name__ == "__main__":
    harness.main()
