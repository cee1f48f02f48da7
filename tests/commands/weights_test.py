"""Weights of samples and classes from end to end: every method, scores against numpy, other ranks,
restart, and what predict makes of the column."""
import harness
from harness import BAD_INPUT, np

COUNT, HELD, CLASSES = 400, 150, ("elm", "fir", "oak")
RUN = ["-data_format", "csv", "-data_train", "train.csv", "-data_test", "test.csv",
       "-data_label_column", "kind", "-run_predictions", "true"]
BY_COLUMN = [*RUN, "-data_weight_column", "w"]


def forest(count, seed):
    """Of four features; the three kinds are of unequal size and overlap."""
    draw = np.random.default_rng(seed)
    kinds = draw.choice(3, count, p=[0.6, 0.3, 0.1])
    x = 1.2 * np.eye(3, 4)[kinds] + draw.standard_normal((count, 4))
    return x, kinds, draw.choice([0.0, 0.5, 1.0, 4.0], count)


def write(path, x, labels, weights=None, head="a,b,c,d"):
    names = [head, "kind"] + (["w"] if weights is not None else [])
    columns = [x, labels] + ([weights] if weights is not None else [])
    rows = [",".join(names)]
    rows += [",".join(map(str, [*row[0], *row[1:]])) for row in zip(*columns)]
    path.write_text("\n".join(rows) + "\n")


class Weights(harness.Case):
    def setUp(self):
        super().setUp()
        self.x, self.kinds, self.w = forest(COUNT, 1)
        self.x_test, self.kinds_test, self.w_test = forest(HELD, 2)
        self.write_tables(self.w)

    def names(self, kinds):
        return [CLASSES[kind] for kind in kinds]

    def write_tables(self, weights):
        write(self.path("train.csv"), self.x, self.names(self.kinds), weights)
        write(self.path("test.csv"), self.x_test, self.names(self.kinds_test),
              None if weights is None else self.w_test)

    def table_of(self, outdir):
        return np.genfromtxt(self.path(outdir) / "admmnet.test.csv", delimiter=",", dtype=str,
                             skip_header=1)

    def test_every_method_trains_and_scores_by_weights(self):
        for method, keys in (("taylor", []), ("taylor", ["-admm_sweep", "full"]),
                             ("taylor", ["-admm_sweep", "printed"]),
                             ("gradient", []), ("gauss_newton", []), ("linear", []),
                             ("random_features", []), ("dladmm", []),
                             ("mdlam", []), ("pdadmm", ["-net_hidden", "9,9"])):
            with self.subTest(method, keys=keys):
                outdir = "-".join([method, *keys[1:]])
                hidden = [] if method == "linear" or "-net_hidden" in keys else ["-net_hidden", 12]
                passes = [] if method in ("linear", "random_features") else ["-train_iterations", 2]
                result = self.train("-train_method", method, *BY_COLUMN, *hidden, *passes, *keys,
                                    "-run_outdir", outdir, ranks=1)
                self.assert_says(result, "weights of samples", "0 to 4 in the file")
                table = self.table_of(outdir)
                right = np.average(table[:, 1] == table[:, 2], weights=self.w_test)
                self.assertLess(abs(self.summary(outdir)["test_accuracy"] - right), 1e-12)

    def test_weights_of_classes_are_weights_of_their_samples(self):
        """And balanced ones those of n/(K n_k)."""
        sizes = np.bincount(self.kinds)
        for method, keys in (("taylor", ["-net_hidden", 12, "-train_iterations", 3]),
                             ("linear", [])):
            run = ["-train_method", method, *RUN, *keys, "-data_validation", 0]
            self.write_tables(None)
            given = self.train(*run, "-net_class_weights", ",".join(map(str, 1 / sizes)),
                               "-run_outdir", f"{method}-list", ranks=1)
            self.train(*run, "-net_class_weights", "balanced", "-run_outdir",
                       f"{method}-balanced", ranks=1)
            self.assert_says(given, "weights of classes", "test balanced accuracy")
            write(self.path("train.csv"), self.x, self.names(self.kinds), (1 / sizes)[self.kinds])
            self.train(*run, "-data_weight_column", "w", "-run_outdir", f"{method}-samples",
                       ranks=1)
            # Three passes amplify the rounding of the weights.
            for other in ("balanced", "samples"):
                last = self.summary(f"{method}-list")["iterations"]
                self.assert_close_weights(self.checkpoint(f"{method}-{other}", last),
                                          self.checkpoint(f"{method}-list", last), 1e-8)
            table = self.table_of(f"{method}-list")
            found = table[:, 1] == table[:, 2]
            summary = self.summary(f"{method}-list")
            self.assertLess(abs(summary["test_accuracy"] - found.mean()), 1e-12)  # plain
            recalls = [found[self.kinds_test == kind].mean() for kind in range(3)]
            self.assertLess(abs(summary["test_balanced_accuracy"] - np.mean(recalls)), 1e-12)

    def test_ranks_and_restart(self):
        run = [*BY_COLUMN, "-net_class_weights", "balanced", "-net_hidden", 12, "-ckpt_keep", 9,
               "-ckpt_every_iterations", 1, "-train_iterations", 4]
        self.train(*run, "-run_outdir", "one", ranks=1)
        for name, ranks, keys in (("two", 2, []), ("grid", 4, ["-grid_rows", 2])):
            self.train(*run, *keys, "-run_outdir", name, ranks=ranks)
            # Passes of exact solves amplify the rounding of sums.
            self.assert_close_weights(self.checkpoint(name, 4), self.checkpoint("one", 4), 1e-8)
        self.train(*run, "-run_outdir", "again", "-run_restart", self.checkpoint("one", 2), ranks=1)
        self.assert_same_state(self.checkpoint("again", 4), self.checkpoint("one", 4))
        more = ["-train_iterations", 5, "-run_outdir", "one"]
        for key, value in (("-net_class_weights", "none"), ("-data_weight_column", "none")):
            said = self.train(*run, *more, key, value, code=BAD_INPUT, ranks=1)
            self.assert_says(said, key[1:])
        self.write_tables(np.where(self.w == 4.0, 3.0, self.w))
        said = self.train(*run, *more, code=BAD_INPUT, ranks=1)
        self.assert_says(said, "the data is not that of the checkpoint")

    def test_predict_leaves_the_column_out(self):
        self.train(*BY_COLUMN, "-train_method", "linear", "-run_outdir", "out", ranks=1)
        expected = self.table_of("out")[:, 2]
        tables = {"with.csv": (self.names(self.kinds_test), ["?"] * HELD),
                  "without.csv": (self.names(self.kinds_test), None)}
        for name, (labels, weights) in tables.items():
            write(self.path(name), self.x_test, labels, weights)
        for name, keys in (("with.csv", ["-data_weight_column", "w"]),
                           ("with.csv", ["-data_weight_column", 6]),
                           ("without.csv", ["-data_weight_column", "w"]),
                           ("without.csv", ["-data_weight_column", 6])):
            self.run_program("predict", "-data_format", "csv", "-data_test", name,
                             "-data_label_column", "kind", *keys, "-run_model",
                             self.checkpoint("out", 1), "-run_outdir", "out", ranks=1)
            found = np.genfromtxt(self.path("out") / "admmnet.predictions.csv", delimiter=",",
                                  dtype=str, skip_header=1)[:, 1]
            self.assertEqual(found.tolist(), expected.tolist(), (name, keys))

    def test_arrays_and_real_targets(self):
        """Weights in an archive, scores and R^2 by them against numpy."""
        y, y_test = self.x[:, 0] + self.x[:, 1] ** 2, self.x_test[:, 0] + self.x_test[:, 1] ** 2
        arrays = {"x": self.x, "y": y, "w": self.w, "tx": self.x_test, "ty": y_test,
                  "tw": self.w_test}
        np.savez(self.path("data.npz"), **arrays)
        run = ["-data_format", "npz", "-data_train", "data.npz", "-data_test", "data.npz",
               "-data_path", "x", "-data_target_path", "y", "-data_test_path", "tx",
               "-data_test_target_path", "ty", "-data_weight_path", "w"]
        self.train(*run, "-data_test_weight_path", "tw", "-net_hidden", 12, "-train_iterations", 5,
                   "-run_predictions", "true", "-run_outdir", "out")
        table = np.genfromtxt(self.path("out") / "admmnet.test.csv", delimiter=",", skip_header=1)
        squares = np.average((table[:, 1] - table[:, 2]) ** 2, weights=self.w_test)
        mean = np.average(y_test, weights=self.w_test)
        r2 = 1 - squares / np.average((y_test - mean) ** 2, weights=self.w_test)
        summary = self.summary("out")
        # Predictions stand in the file with 9 digits.
        self.assertLess(abs(summary["test_rmse"] / np.sqrt(squares) - 1), 1e-6)
        self.assertLess(abs(summary["test_r2"] - r2), 1e-6)
        np.savez(self.path("data.npz"), **{**arrays, "w": np.where(self.w == 4, -1.0, self.w)})
        said = self.train(*run, code=BAD_INPUT, ranks=1)
        self.assert_says(said, "the weight of sample", "-1", ">= 0")


if __name__ == "__main__":
    harness.main()
