"""-train_monitor_spectrum: singular values of each layer's inputs and weights against numpy's."""
import csv

import harness
import numpy as np

LAST = 4
NETWORK = ["-net_hidden", "9,20", "-net_activation", "tanh", "-data_components", "none",
           "-data_validation", 0, "-train_keep_best", "false", "-train_iterations", LAST,
           "-admm_blocks", 3]
# Eigenvalues of a Gram matrix have the error eps sigma_1^2, so that sigma has eps sigma_1^2 / sigma:
# 1e-12 for conditions up to 1e4. What is 0 comes out as rounding, below sqrt(n eps) sigma_1.
TOLERANCE, NOTHING = 1e-8, 3e-7


def matrices(model, images):
    """a_0, W_1, a_1, ... of the newest iterate, with the rows of ones and the biases."""
    network, state = harness.contents(model, "network"), harness.contents(model, "state")
    x = np.array([list(image) for image in images], dtype=float).T
    a = (x - network["network/shift"][:, None]) * network["network/scale"][:, None]
    found = {}
    for layer in (1, 2, 3):
        a = np.vstack([a, np.ones(a.shape[1])])
        found[f"a_{layer - 1}"] = a
        W = np.hstack([state[f"state/layer_{layer}/W"].T, state[f"state/layer_{layer}/b"].T])
        found[f"W_{layer}"] = W
        a = np.tanh(W @ a)
    return found


class Spectrum(harness.Case):
    @classmethod
    def setUpClass(cls):
        """Images of which two pixels are black: two directions of a_0 are 0."""
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        images, _ = harness.samples(harness.TRAINING, 1)
        cls.images = [bytes([0, 0]) + image[2:] for image in images]
        harness.write_images(cls.common.path("data/train-images-idx3-ubyte"), cls.images)
        cls.straight = cls.train_in("straight", "-train_monitor_spectrum", 2, ranks=0)

    @classmethod
    def train_in(cls, outdir, *arguments, **options):
        return cls.common.train("-data_dir", cls.data, *NETWORK, "-run_outdir", outdir, *arguments,
                                **options)

    def rows(self, outdir):
        with open(self.common.path(outdir) / "admmnet.spectrum.csv", newline="") as file:
            return list(csv.DictReader(file))

    def assert_spectra(self, outdir, singular=("a_0", "W_3")):
        """Black pixels; and in Taylor's sweeps outputs for softmax, whose sum says nothing."""
        row = self.rows(outdir)[-1]
        self.assertEqual(float(row["pass"]), LAST)
        expected = matrices(self.common.checkpoint(outdir, LAST), self.images)
        self.assertEqual(len(row), 1 + 4 * len(expected))
        for name, matrix in expected.items():
            sigma = np.linalg.svd(matrix, compute_uv=False)
            rank = np.count_nonzero(sigma > NOTHING * sigma[0])
            values = {quantity: float(row[f"{name}_{quantity}"])
                      for quantity in ("largest", "smallest", "condition", "rank")}
            self.assertLessEqual(abs(values["largest"] / sigma[0] - 1), TOLERANCE, name)
            self.assertEqual(values["rank"], rank, name)
            full = rank == len(sigma)
            self.assertEqual(full, name not in singular, (name, sigma))
            self.assertLessEqual(abs(values["smallest"] - sigma[-1]) / sigma[0],
                                 TOLERANCE if full else NOTHING, name)
            if full:
                self.assertAlmostEqual(values["condition"] * sigma[-1] / sigma[0], 1, 7, name)
            else:
                self.assertEqual(values["condition"], np.inf)

    def test_against_numpy(self):
        self.assert_spectra("straight")
        self.assertEqual([row["pass"] for row in self.rows("straight")], ["2", "4"])
        self.assert_says(self.straight, "spectra after pass 2", "spectra after pass 4",
                         "note: the Gram matrix of a_0 has a condition number above")
        self.assertNotIn("a_1 has", self.straight.output)

    def test_on_grids_and_by_other_methods(self):
        runs = {"one_row": (2, []), "two_rows": (4, ["-grid_rows", 2, "-grid_block", 5]),
                "groups": (4, ["-train_method", "pdadmm", "-pdadmm_groups", 2]),
                "single": (2, ["-linalg_precision", "single"])}
        for outdir, (ranks, arguments) in runs.items():
            with self.subTest(outdir):
                keys = NETWORK[:-2] if outdir == "groups" else NETWORK  # it has no blocks
                self.common.train("-data_dir", self.data, *keys, "-run_outdir", outdir,
                                  "-train_monitor_spectrum", LAST, *arguments, ranks=ranks)
                self.assert_spectra(outdir, *([("a_0",)] if outdir == "groups" else []))

    def test_restart_keeps_the_rows_so_far(self):
        self.train_in("parts", "-train_monitor_spectrum", 2, "-train_iterations", 2, "-admm_schedule",
                      "linear", ranks=0)
        self.train_in("parts", "-train_monitor_spectrum", 1, "-admm_schedule", "linear", ranks=0)
        self.assertEqual([row["pass"] for row in self.rows("parts")], ["2", "3", "4"])

    def test_off(self):
        self.train_in("off", ranks=0)
        self.assertFalse((self.common.path("off") / "admmnet.spectrum.csv").exists())
        for name in ("state/layer_1/W", "state/layer_3/W"):  # a look changes nothing
            one, other = (harness.contents(self.common.checkpoint(outdir, LAST), "state")[name]
                          for outdir in ("off", "straight"))
            self.assertEqual(one.tobytes(), other.tobytes())


if __name__ == "__main__":
    harness.main()
