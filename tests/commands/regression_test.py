"""Real targets from end to end: what decides that labels are such, scores in their units against
numpy, predictions, restart, and several targets and quantiles."""
import re

import harness
from harness import BAD_INPUT, h5py, np

COUNT, HELD = 400, 100
RUN = ["-net_hidden", 12, "-train_iterations", 6, "-data_format", "csv"]


def smooth(count, seed, targets=1):
    """Of three features, with noise, in units that are not 1."""
    draw = np.random.default_rng(seed)
    x = draw.uniform(-1, 1, (count, 3))
    y = np.stack([1000 + 50 * (np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2]),
                  -0.01 + 0.002 * (x[:, 0] - x[:, 2] ** 2)], axis=1)[:, :targets]
    return x, y + 0.02 * y.std(axis=0) * draw.standard_normal(y.shape)


def write(path, x, y, names=("force", "heat")):
    head = ["a", "b", "c", *names[:y.shape[1]]]
    rows = [head, *np.hstack([x, y]).tolist()]
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))


def predictions(path):
    return np.genfromtxt(path, delimiter=",", skip_header=1)[:, 1:]


class Regression(harness.Case):
    def tables(self, targets=1):
        self.x, self.y = smooth(COUNT, 1, targets)
        self.x_test, self.y_test = smooth(HELD, 2, targets)
        write(self.path("train.csv"), self.x, self.y)
        write(self.path("test.csv"), self.x_test, self.y_test)
        return ["-data_train", "train.csv", "-data_test", "test.csv"]

    def predicted(self, outdir, iteration, *keys):
        self.run_program("predict", "-run_model", self.checkpoint(outdir, iteration),
                         "-data_format", "csv", "-data_test", "test.csv", *keys,
                         "-run_outdir", outdir)
        return predictions(self.path(outdir) / "admmnet.predictions.csv")

    def assert_scores(self, outdir, predicted):
        """Scores of the summary are those of the predictions, to the 9 digits of the file."""
        summary = self.summary(outdir)
        squares = ((predicted - self.y_test) ** 2).mean(axis=0)
        r2 = 1 - squares / self.y_test.var(axis=0)
        rmse = np.sqrt(squares.mean())
        self.assertLess(abs(summary["test_rmse"] / rmse - 1), 1e-6)
        self.assertLess(abs(summary["test_r2"] - r2.mean()), 1e-6)
        for target, expected in zip(summary["test_targets"], r2):
            self.assertLess(abs(target["r2"] - expected), 1e-6)
        self.assertEqual((summary["task"], summary["classes"]), ("regression", []))

    def test_every_method_learns_and_scores_are_in_units(self):
        files = self.tables()
        lbfgs = ["-gradient_rule", "lbfgs", "-train_iterations", 30]
        for method, keys, least in (("taylor", ["-train_iterations", 20], 0.85),
                                    ("gradient", lbfgs, 0.9),
                                    ("gauss_newton", ["-train_iterations", 20], 0.95),
                                    ("linear", [], 0.5), ("random_features", [], 0.5)):
            with self.subTest(method):
                hidden = [] if method == "linear" else ["-net_hidden", 24]
                drop = RUN[2:] if method == "linear" else RUN
                result = self.train("-train_method", method, *files, *drop, *hidden, *keys,
                                    "-run_outdir", method)
                self.assert_says(result, "1 real target(s)", "test force")
                summary = self.summary(method)
                self.assert_scores(method, self.predicted(method, summary["iterations"]))
                self.assertGreater(summary["test_r2"], least)
                last = float(self.metrics(method)[-1]["train_rmse"])
                self.assertLess(abs(np.log(last / summary["train_rmse"])), 0.5)

    def test_ranks_and_restart(self):
        files = self.tables()
        run = [*files, *RUN, "-train_method", "taylor", "-net_loss", "huber", "-ckpt_keep", 9,
               "-ckpt_every_iterations", 1]
        self.train(*run, "-run_outdir", "one")
        self.train(*run, "-run_outdir", "two", ranks=2)
        self.train(*run, "-run_outdir", "again", "-run_restart", self.checkpoint("one", 3))
        self.assert_same_state(self.checkpoint("again", 6), self.checkpoint("one", 6))
        with h5py.File(self.checkpoint("one", 6)) as one, h5py.File(self.checkpoint("two", 6)) as two:
            self.assertEqual(one["network/target_names"].asstr()[0], "force")
            self.assertEqual(one["network/class_labels"].shape, (0,))
            # Six passes of exact solves amplify the rounding of sums some hundred times.
            self.assertLess(np.abs(one["state/layer_1/W"][:] - two["state/layer_1/W"][:]).max(), 1e-9)
            median = np.median(one["network/target_centre"][:])
            self.assertLess(abs(median - 1000), 30)
        said = self.train(*files, *RUN, "-train_method", "taylor", "-net_loss", "squared",
                          "-run_outdir", "one", code=BAD_INPUT)
        self.assert_says(said, "net_loss")
        self.assert_says(self.run_program("inspect", self.checkpoint("one", 6), ranks=1),
                         "real targets", "force")

    def test_the_threshold_of_huber_follows_the_residuals(self):
        """Every fifth outer step; it is part of the state."""
        files = self.tables()
        run = [*files, *RUN, "-net_loss", "huber", "-train_iterations", 100, "-ckpt_keep", 99,
               "-ckpt_every_iterations", 10]
        self.train(*run, "-run_outdir", "one")
        self.train(*run, "-run_outdir", "two", ranks=1)
        self.train(*run, "-run_outdir", "again", "-run_restart", self.checkpoint("one", 80))
        self.assert_same_state(self.checkpoint("again", 100), self.checkpoint("one", 100))
        thresholds = []
        for outdir, iteration in (("one", 10), ("one", 100), ("two", 100)):
            with h5py.File(self.checkpoint(outdir, iteration)) as file:
                thresholds.append(float(file["state/iterate/threshold_1"][()]))
        self.assertEqual(thresholds[0], 1.345)
        # Noise of .02 of a deviation, and what the few samples leave.
        self.assertTrue(0.01 < thresholds[1] < 0.2, thresholds)
        self.assertLess(abs(thresholds[2] / thresholds[1] - 1), 1e-3)

    def test_several_targets_and_quantiles(self):
        files = self.tables(targets=2)
        run = [*files, *RUN, "-train_method", "gradient", "-gradient_rule", "lbfgs",
               "-train_iterations", 30]
        for name, columns in (("places", ["-data_targets", 2]),
                              ("names", ["-data_label_column", "heat,force"])):
            self.train(*run, *columns, "-run_outdir", name)
            self.assert_scores(name, self.predicted(name, 30, *columns))
        self.assert_same_state(self.checkpoint("places", 30), self.checkpoint("names", 30))
        self.train(*run, "-data_targets", 2, "-net_loss", "pinball", "-net_quantile", "0.1,0.5,0.9",
                   "-run_outdir", "quantiles")
        predicted = self.predicted("quantiles", 30, "-data_targets", 2)
        self.assertEqual(predicted.shape, (HELD, 6))
        below = [(self.y_test[:, k // 3] < predicted[:, k]).mean() for k in range(6)]
        for first in (0, 3):
            self.assertLess(below[first], below[first + 1])
            self.assertLess(below[first + 1], below[first + 2])
        self.assert_scores("quantiles", predicted[:, [1, 4]])
        # The mean of two networks; and a test file of features alone, with the deck of training.
        single = [self.predicted(name, 30, "-data_targets", 2) for name in ("places", "names")]
        both = self.run_program(
            "predict", "-run_model", ",".join(str(self.checkpoint(name, 30))
                                              for name in ("places", "names")),
            "-data_format", "csv", "-data_test", "test.csv", "-data_targets", 2,
            "-run_outdir", "both")
        mean = predictions(self.path("both") / "admmnet.predictions.csv")
        self.assertLess(np.abs(mean / np.mean(single, axis=0) - 1).max(), 1e-8)
        rmse = np.sqrt(((mean - self.y_test) ** 2).mean())
        said = float(re.search(r"^rmse: (\S+)", both.output, re.MULTILINE).group(1))
        self.assertLess(abs(said / rmse - 1), 1e-5)
        np.savetxt(self.path("test.csv"), self.x_test, delimiter=",", fmt="%.17g")
        unlabelled = self.predicted("places", 30, "-data_targets", 2)
        self.assertLess(np.abs(unlabelled / single[0] - 1).max(), 1e-8)

    def test_formats_and_what_decides(self):
        files = self.tables()
        self.train(*files, *RUN, "-train_method", "taylor", "-run_outdir", "csv")
        self.run_program("convert", "train.csv", "train.h5", ranks=1)
        self.run_program("convert", "test.csv", "test.h5", ranks=1)
        np.savez(self.path("all.npz"), x=self.x, y=self.y, x_test=self.x_test, y_test=self.y_test)
        (self.path("train.svm")).write_text("".join(
            f"{y!r} " + " ".join(f"{i + 1}:{v!r}" for i, v in enumerate(row)) + "\n"
            for y, row in zip(self.y[:, 0].tolist(), self.x.tolist())))
        forms = {"hdf5": ["-data_train", "train.h5", "-data_test", "test.h5"],
                 "npz": ["-data_train", "all.npz", "-data_test", "all.npz", "-data_test_path",
                         "x_test", "-data_test_target_path", "y_test"],
                 "svmlight": ["-data_train", "train.svm", "-data_scaling", "standard"]}
        for form, keys in forms.items():
            self.train(*keys, *RUN, "-data_format", form, "-train_method", "taylor",
                       "-run_outdir", form, ranks=1 if form == "svmlight" else 2)
            self.assertEqual(self.summary(form)["task"], "regression")
        self.assert_same_state(self.checkpoint("hdf5", 6), self.checkpoint("csv", 6))
        self.assertIn("task: regression", self.path("csv/admmnet.used.yaml").read_text())
        # Integers are classes unless the task or the loss says otherwise.
        rounded = np.round(self.y)
        self.path("train.csv").write_text("".join(
            ",".join(map(str, [*row, int(label)])) + "\n"
            for row, label in zip(self.x.tolist(), rounded[:, 0])))
        for keys, task in ((["-data_task", "regression"], True), (["-net_loss", "absolute"], True),
                           ([], False)):
            result = self.run_program("plan", "-data_format", "csv", "-data_train", "train.csv",
                                      "-net_hidden", 4, *keys, ranks=1)
            self.assertEqual("network: 3-4-1\n" in result.output, task)


if __name__ == "__main__":
    harness.main()
