"""What networks say of single samples: NAME.test.csv of a training run, scores, and the mean of
several networks."""
import re

import harness


class Predictions(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")

    def train_here(self, outdir, *arguments, **options):
        return self.train("-data_dir", self.data, "-net_hidden", "12,7", "-run_outdir", outdir,
                          *arguments, **options)

    # ---- of the test samples, scores ----
    def rows_of_test(self, outdir):
        """Head and rows of NAME.test.csv, whose first two columns are what they must be."""
        lines = (self.path(outdir) / "admmnet.test.csv").read_text().splitlines()
        rows = harness.np.array([line.split(",") for line in lines[1:]], float)
        self.assertEqual(rows[:, 0].tolist(), list(range(harness.TEST)))
        self.assertEqual(rows[:, 1].tolist(), harness.samples(harness.TEST, 2)[1])
        hits = harness.np.mean(rows[:, 1] == rows[:, 2])
        self.assertAlmostEqual(hits, self.summary(outdir)["test_accuracy"], 12)
        return lines[0], rows

    def test_train_writes_predictions_of_the_test_samples(self):
        np = harness.np
        for ranks, grid in ((1, []), (4, ["-grid_rows", 2])):
            with self.subTest(ranks=ranks):
                self.train_here(f"out{ranks}", "-train_iterations", 3, *grid,
                                "-data_validation", 250, "-run_predictions", "true", ranks=ranks)
                head, rows = self.rows_of_test(f"out{ranks}")
                self.assertEqual(head, "sample,label,predicted,p_0,p_1,p_2,p_3")
                z, attributes = harness.outputs_of(self.checkpoint(f"out{ranks}", 3))
                p = np.exp(attributes["temperature"] * z)
                p /= p.sum(axis=1, keepdims=True)
                self.assertLess(abs(rows[:, 3:] - p).max(), 1e-8)  # nine digits are written
                confusion = np.zeros((4, 4), int)
                np.add.at(confusion, tuple(rows[:, 1:3].astype(int).T), 1)
                self.assertEqual(self.summary(f"out{ranks}")["test_confusion"], confusion.tolist())

    def test_a_finished_run_writes_its_predictions_when_asked(self):
        self.train_here("out", "-train_iterations", 3)
        self.assertFalse(self.path("out/admmnet.test.csv").exists())
        self.train_here("out", "-train_iterations", 3, "-run_predictions", "true")
        before = self.rows_of_test("out")[1]
        self.path("out/admmnet.test.csv").write_text("kept")
        self.train_here("out", "-train_iterations", 3, "-run_predictions", "true")
        self.assertEqual(self.path("out/admmnet.test.csv").read_text(), "kept")
        self.run_program("predict", "-run_model", self.checkpoint("out", 3), "-run_outdir",
                         "scores", "-data_dir", self.data, "-predict_scores", "true")
        lines = (self.path("scores") / "admmnet.predictions.csv").read_text().splitlines()
        self.assertEqual(lines[0], "sample,predicted,s_0,s_1,s_2,s_3")
        scores = harness.np.array([line.split(",") for line in lines[1:]], float)
        z, _ = harness.outputs_of(self.checkpoint("out", 3))
        # Nine digits are written.
        self.assertLess(abs(scores[:, 2:] - z).max(), 1e-8 * max(1.0, abs(z).max()))
        self.assertEqual(scores[:, 1].tolist(), before[:, 2].tolist())

    # ---- several networks ----
    def test_the_mean_of_several_networks(self):
        """Of probabilities; named one by one, and as the folder of a sweep."""
        np = harness.np
        for seed in (1, 2):
            self.train_here(f"sweep/{seed}", "-train_iterations", 1, "-init_seed", seed,
                            "-data_components", 9 * seed)
        models = [str(self.checkpoint(f"sweep/{seed}", 1)) for seed in (1, 2)]
        labels = np.array(harness.samples(harness.TEST, 2)[1])
        rows = {}
        for name, named in (("first", models[0]), ("second", models[1]),
                            ("both", ",".join(models)), ("folder", "sweep")):
            result = self.run_program("predict", "-run_model", named, "-data_dir", self.data,
                                      "-run_outdir", name, "-run_probabilities", "true")
            lines = (self.path(name) / "admmnet.predictions.csv").read_text().splitlines()
            rows[name] = np.array([line.split(",") for line in lines[1:]], float)
        mean = (rows["first"] + rows["second"])[:, 2:] / 2
        self.assertGreater(abs(rows["first"] - rows["second"]).max(), 0.01)
        self.assertLess(abs(rows["both"][:, 2:] - mean).max(), 1e-8)  # nine digits are written
        self.assertEqual(rows["both"].tolist(), rows["folder"].tolist())
        self.assertEqual(rows["both"][:, 1].tolist(), mean.argmax(axis=1).tolist())
        self.assert_says(result, "networks: 2\n",
                         f"accuracy: {100 * np.mean(mean.argmax(axis=1) == labels):.4f} %")
        loss = -np.log(mean[range(harness.TEST), labels]).mean()
        said = float(re.search("mean loss: +(.*)", result.output).group(1))
        self.assertAlmostEqual(said, loss, 5)  # six digits are written

        self.train_here("other", "-data_classes", "1,3", "-train_iterations", 1)
        for named, words in ((f"{models[0]},{self.checkpoint('other', 1)}", "has other classes"),
                             ("first", "NAME.latest")):
            result = self.run_each_rank("predict", "-run_model", named, "-data_dir", self.data,
                                        "-data_classes", "1,3", code=harness.BAD_INPUT)
            self.assert_says(result, "-run_model", words)

    def test_predictions_of_the_last_samples_of_the_training_file(self):
        """A single output, classes left out, and the places those of the training file."""
        table = harness.write_csv(self.folder / "all.csv", *harness.samples(300, 1))
        self.train("-data_format", "csv", "-data_train", table, "-data_test_last", 40,
                   "-data_classes", "1,3", "-net_hidden", 8, "-net_loss", "squared",
                   "-train_iterations", 2, "-run_outdir", "out", "-run_predictions", "true")
        labels = harness.samples(300, 1)[1]
        kept = [place for place, label in enumerate(labels) if label in (1, 3)][-40:]
        lines = (self.path("out") / "admmnet.test.csv").read_text().splitlines()
        self.assertEqual(lines[0], "sample,label,predicted,s_3")
        rows = [line.split(",") for line in lines[1:]]
        self.assertEqual([int(row[0]) for row in rows], kept)
        self.assertEqual([int(row[1]) for row in rows], [labels[place] for place in kept])
        self.assertEqual([row[2] for row in rows],
                         ["3" if float(row[3]) >= 0.5 else "1" for row in rows])


if __name__ == "__main__":
    harness.main()
