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
        """Of probabilities; named one by one, and as the folder of a sweep. The last two take the
        samples in the same form, the first in another."""
        np = harness.np
        for seed in (1, 2, 3):
            self.train_here(f"sweep/{seed}", "-train_iterations", 1, "-init_seed", seed,
                            "-data_components", 9 * min(seed, 2))
        models = [str(self.checkpoint(f"sweep/{seed}", 1)) for seed in (1, 2, 3)]
        labels = np.array(harness.samples(harness.TEST, 2)[1])
        rows = {}
        for name, named in (("first", models[0]), ("second", models[1]), ("third", models[2]),
                            ("all", ",".join(models)), ("folder", "sweep")):
            result = self.run_program("predict", "-run_model", named, "-data_dir", self.data,
                                      "-run_outdir", name, "-run_probabilities", "true")
            lines = (self.path(name) / "admmnet.predictions.csv").read_text().splitlines()
            rows[name] = np.array([line.split(",") for line in lines[1:]], float)
        mean = (rows["first"] + rows["second"] + rows["third"])[:, 2:] / 3
        for one, other in (("first", "second"), ("second", "third")):
            self.assertGreater(abs(rows[one] - rows[other]).max(), 0.01)
        self.assertLess(abs(rows["all"][:, 2:] - mean).max(), 1e-8)  # nine digits are written
        self.assertEqual(rows["all"].tolist(), rows["folder"].tolist())
        self.assertEqual(rows["all"][:, 1].tolist(), mean.argmax(axis=1).tolist())
        self.assert_says(result, "networks: 3\n",
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

    def test_hdf5_of_all_ranks_is_the_text(self):
        """Classes as integers and as texts, samples left out, real targets with several outputs."""
        np, h5py = harness.np, harness.h5py
        images, labels = harness.samples(90, 1)
        x = np.array([list(image) for image in images])
        table = lambda name, rows: harness.write_csv(self.folder / name, x[:len(rows)], rows)
        texts = table("texts.csv", [("left", "über", "right")[i % 3] for i in range(90)])
        reals = self.folder / "reals.csv"
        reals.write_text("".join(f"{a},{b},{a + b},{a - 2 * b}\n" for a, b in x[:, :2]))
        csv = ("-data_format", "csv")
        for name, data, keys, train, values in (
                ("places", table("numbers.csv", labels), ("-data_classes", "1,3"), (), "scores"),
                ("texts", texts, (), ("-net_loss", "softmax"), "probabilities"),
                ("reals", reals, ("-data_targets", 2), ("-net_loss", "pinball", "-net_quantile",
                                                        "0.1,0.5"), "predicted")):
            self.train(*csv, "-data_train", data, *keys, *train, "-net_hidden", 4,
                       "-train_iterations", 1, "-run_outdir", name)
            for ranks, form in ((1, "csv"), (3, "hdf5")):
                flag = () if values == "predicted" else (f"-run_{values}", "true")
                self.run_program("predict", "-run_model", self.checkpoint(name, 1), *csv,
                                 "-data_test", data, *keys, "-run_outdir", name,
                                 *flag, "-run_prediction_format", form, ranks=ranks)
            lines = (self.path(name) / "admmnet.predictions.csv").read_text().splitlines()
            head, rows = lines[0].split(","), [line.split(",") for line in lines[1:]]
            with h5py.File(self.path(name) / "admmnet.predictions.h5", "r") as file:
                self.assertEqual(set(file), {"sample", "predicted", values})
                self.assertEqual(file["sample"][:].tolist(), [int(row[0]) for row in rows])
                if name != "reals":
                    said = file["predicted"][:]
                    said = said if said.dtype.kind == "i" else [text.decode() for text in said]
                    self.assertEqual([str(one) for one in said], [row[1] for row in rows])
                first = 1 if name == "reals" else 2
                self.assertEqual([column[column.index("_") + 1:] for column in head[first:]],
                                 list(file[values].attrs["names"]))
                numbers = np.array([row[first:] for row in rows], float)
                # Nine digits are written.
                np.testing.assert_allclose(file[values][:], numbers, 1e-8, 1e-8)
            self.assertEqual(sorted(file.name for file in self.path(name).glob("*predictions*")),
                             ["admmnet.predictions.csv", "admmnet.predictions.h5"])

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
