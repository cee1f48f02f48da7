"""Numbers that go wrong: what can be mended is mended and said, what cannot ends the run with exit
code 4 on every rank."""
import harness

BREAKDOWN = 4
SWEEPS = ([], ["-admm_sweep", "full"], ["-admm_sweep", "printed"])


class Breakdown(harness.Case):
    def test_overflow(self):
        """Unscaled inputs whose squares are no finite numbers."""
        images, labels = harness.samples(200)
        harness.write_csv(self.folder / "train.csv", [[f"{v}e180" for v in i] for i in images],
                          labels)
        for sweep in SWEEPS:
            with self.subTest(sweep=sweep):
                result = self.run_each_rank(
                    "train", "-data_format", "csv", "-data_train", "train.csv", "-data_scaling",
                    "none", "-net_hidden", 6, *sweep, "-run_outdir", "out", code=BREAKDOWN)
                # In full batch a Gram matrix that is not finite means a step too long, but in the
                # first pass, which takes none.
                full_batch = "full" in sweep
                self.assert_says(result, "the first forward pass gives no finite loss"
                                 if full_batch else "holds NaN or infinity")
                self.assertEqual(list(self.path("out").glob("*.h5")), [])

    def test_singular_gram_matrix_falls_back(self):
        """Pixels that never change make a singular Gram matrix where there is no ridge."""
        folder = self.path(harness.make_idx(self.folder / "data"))
        for prefix in ("train", "t10k"):
            file = folder / f"{prefix}-images-idx3-ubyte"
            content = file.read_bytes()
            pixels = harness.SIDE * harness.SIDE
            images = [bytes(16) + content[first + 16:first + pixels]
                      for first in range(16, len(content), pixels)]
            harness.write_images(file, images)
        for sweep in SWEEPS:
            with self.subTest(sweep=sweep):
                outdir = "out" + "".join(map(str, sweep))
                proximal = [] if "printed" in sweep else ["-admm_proximal", 0]
                result = self.train("-data_dir", folder, "-net_hidden", 6, "-train_iterations", 2,
                                    "-admm_ridge", 0, *proximal, *sweep, "-run_outdir", outdir)
                self.assert_says(result, "note: weights of layer 1: not positive definite")
                self.assertGreater(self.summary(outdir)["fallbacks"], 0)


if __name__ == "__main__":
    harness.main()
