"""Train and predict on any number of ranks: the files that a run leaves, and that the same deck
gives the same network whoever computes it."""
import json
import pathlib
import re
import shutil
import subprocess
import sys

import harness

# What NAME.summary.json holds at least.
SUMMARY_KEYS = """stop_reason iterations train_accuracy validation_accuracy test_accuracy
    seconds_total seconds_per_iteration flops_per_iteration gflops_per_rank dgemm_gflops_per_rank
    peak_memory_bytes memory_growth_bytes planned_memory_growth_bytes ranks grid block
    checkpoint""".split()
FILES = ["admmnet.ckpt.3.h5", "admmnet.latest", "admmnet.log", "admmnet.metrics.csv",
         "admmnet.summary.json", "admmnet.used.yaml"]
# Across grids results differ by rounding, which each pass amplifies: at most this much relative to
# the largest weight (src/methods/taylor/README.md §11).
MANY_BLOCKS, ONE_BLOCK = 1e-7, 1e-10
SWEEPS = {"blocks": (["-train_iterations", 3], MANY_BLOCKS),
          "full": (["-admm_sweep", "full", "-train_iterations", 3], ONE_BLOCK)}
# Ranks, options, the grid that must come of it; the last but one leaves a rank over, the last two.
GRIDS = [(1, [], [1, 1]), (2, ["-grid_rows", 2], [2, 1]), (4, [], [1, 4]),
         (4, ["-grid_rows", 2], [2, 2]), (2, ["-grid_block", 3], [1, 2]),
         (3, ["-grid_rows", 2, "-grid_block", 5], [2, 1]), (3, ["-plan_latency", 1], [1, 1])]


class TrainPredict(harness.Case):
    @classmethod
    def setUpClass(cls):
        """One run on two ranks for all to look at."""
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        cls.trained = cls.common.train_here("out", *SWEEPS["blocks"][0])
        cls.model = cls.common.checkpoint("out", 3)

    def train_here(self, outdir, *arguments, **options):
        return self.train("-data_dir", self.data, "-net_hidden", "12,7", "-run_outdir", outdir,
                          *arguments, **options)

    # ---- the files of a run ----
    def test_files(self):
        outdir = self.common.path("out")
        self.assertEqual(sorted(file.name for file in outdir.iterdir()), FILES)
        self.assertEqual((outdir / "admmnet.latest").read_text(), "admmnet.ckpt.3.h5\n")
        self.assertEqual((outdir / "admmnet.log").read_text(), self.trained.output)

    def test_summary(self):
        summary = self.common.summary("out")
        self.assertEqual([key for key in SUMMARY_KEYS if key not in summary], [])
        self.assertEqual(summary["stop_reason"], "budget")
        self.assertEqual((summary["iterations"], summary["ranks"]), (3, 2))
        self.assertEqual(summary["grid"], [1, 2])
        self.assertEqual(summary["checkpoint"], "out/admmnet.ckpt.3.h5")
        for key in SUMMARY_KEYS[5:11]:
            self.assertGreater(summary[key], 0, key)
        self.assertGreater(summary["test_accuracy"], 0.5)  # guessing gives 0.25

    def test_metrics_have_a_row_an_iteration(self):
        rows = self.common.metrics("out")
        self.common.assert_iterations("out", 3)
        best = self.common.summary("out")["best_iteration"]
        self.assertEqual(max(float(row["validation_accuracy"]) for row in rows),
                         float(rows[best - 1]["validation_accuracy"]))
        elapsed = [float(row["elapsed"]) for row in rows]
        self.assertEqual(elapsed, sorted(elapsed))

    # ---- the same numbers ----
    def test_the_used_deck_gives_the_same_network_again(self):
        for sweep in ([], ["-admm_sweep", "full"], ["-admm_sweep", "printed"]):
            with self.subTest(sweep=sweep):
                first, again = (kind + "".join(map(str, sweep)) for kind in ("first", "again"))
                self.train_here(first, "-train_iterations", 2, *sweep)
                self.train("-options_file", f"{first}/admmnet.used.yaml", "-run_outdir", again)
                self.assert_same_state(self.checkpoint(again, 2), self.checkpoint(first, 2))

    def test_two_runs_on_one_grid_are_equal(self):
        """Also when one is looked at between its steps."""
        self.train_here("again", *SWEEPS["blocks"][0], "-train_progress", 3)
        self.assert_same_state(self.checkpoint("again", 3), self.model)

    def test_other_seed_other_network(self):
        self.train_here("other", *SWEEPS["blocks"][0], "-init_seed", 1)
        with self.assertRaises(AssertionError):
            self.assert_close_weights(self.checkpoint("other", 3), self.model, MANY_BLOCKS)

    def test_ranks_and_grids_agree(self):
        for sweep, (arguments, tolerance) in SWEEPS.items():
            reference = self.model
            if sweep != "blocks":
                self.train_here(sweep, *arguments)
                reference = self.checkpoint(sweep, 3)
            for number, (ranks, options, grid) in enumerate(GRIDS):
                with self.subTest(sweep=sweep, ranks=ranks, options=options):
                    outdir = f"{sweep}{number}"
                    self.train_here(outdir, *arguments, *options, ranks=ranks)
                    self.assertEqual(self.summary(outdir)["grid"], grid)
                    self.assert_close_weights(self.checkpoint(outdir, 3), reference, tolerance)

    # ---- predict ----
    def predict(self, *arguments, ranks=2, outdir="predicted", model=None):
        """The program's word on the accuracy, and the rows of the file."""
        result = self.run_program("predict", "-run_model", model or self.model, "-run_outdir",
                                  outdir, *arguments, ranks=ranks)
        lines = (self.path(outdir) / "admmnet.predictions.csv").read_text().splitlines()
        self.assertEqual(lines[0], "sample,predicted")
        rows = [tuple(map(int, line.split(","))) for line in lines[1:]]
        self.assertEqual([sample for sample, _ in rows], list(range(harness.TEST)))
        said = [line for line in result.output.splitlines() if line.startswith("accuracy: ")]
        self.assertEqual(len(said), 1)
        return said[0].split(maxsplit=1)[1], [label for _, label in rows]

    def test_predict_on_any_ranks(self):
        true = harness.samples(harness.TEST, 2)[1]
        accuracy = self.common.summary("out")["test_accuracy"]
        for ranks, grid in ((1, []), (2, []), (4, ["-grid_rows", 2]), (3, ["-grid_rows", 2])):
            with self.subTest(ranks=ranks):
                said, predicted = self.predict("-data_dir", self.data, *grid, ranks=ranks,
                                               outdir=f"on{ranks}")
                hits = sum(a == b for a, b in zip(true, predicted))
                self.assertEqual(hits / harness.TEST, accuracy)
                self.assertEqual(said, f"{100 * accuracy:.4f} %")

    def test_predict_scales_as_training_did(self):
        self.train_here("roots", "-data_scaling", "sqn", "-train_iterations", 2)
        said, _ = self.predict("-data_dir", self.data, model=self.checkpoint("roots", 2))
        self.assertEqual(said, f"{100 * self.summary('roots')['test_accuracy']:.4f} %")
        result = self.run_program("inspect", self.checkpoint("roots", 2), ranks=1)
        self.assert_says(result, "scaling sqn", "/network/unit")

    def test_predict_without_labels(self):
        shutil.copytree(self.data, self.path("unlabelled"))
        for file in self.path("unlabelled").glob("*labels*"):
            file.unlink()
        said, predicted = self.predict("-data_dir", "unlabelled")
        self.assertEqual(said, "unknown, no labels")
        self.assertEqual(predicted, self.predict("-data_dir", self.data, outdir="labelled")[1])

    def test_the_readme_reads_the_checkpoint(self):
        """Its Python example recomputes the test accuracy from the file alone."""
        readme = pathlib.Path(__file__).resolve().parents[2] / "src/checkpoint/README.md"
        example = re.search("```python\n(.*?)```", readme.read_text(), re.DOTALL).group(1)
        packed = harness.make_idx(self.folder / "packed", ending=".gz")
        said = subprocess.run([sys.executable, "-c", example, self.model, packed], check=True,
                              capture_output=True, text=True).stdout
        self.assertEqual(float(said), self.common.summary("out")["test_accuracy"])

    # ---- probabilities ----
    def probabilities(self, outdir, ranks=2):
        """Of the test samples, as predict writes them, and the mean loss that it says."""
        result = self.run_program(
            "predict", "-run_model", self.checkpoint(outdir, 3), "-run_outdir", f"{outdir}{ranks}",
            "-data_dir", self.data, "-run_probabilities", "true", ranks=ranks)
        lines = (self.path(f"{outdir}{ranks}") / "admmnet.predictions.csv").read_text().splitlines()
        self.assertEqual(lines[0], "sample,predicted,p_0,p_1,p_2,p_3")
        rows = harness.np.array([line.split(",") for line in lines[1:]], float)
        self.assertEqual(rows[:, 1].tolist(), rows[:, 2:].argmax(axis=1).tolist())
        return rows[:, 2:], float(re.search("mean loss: +(.*)", result.output).group(1)), result

    def outputs(self, outdir):
        return harness.outputs_of(self.checkpoint(outdir, 3))

    def test_probabilities_are_softmax_of_the_outputs_times_the_temperature(self):
        np = harness.np
        self.train_here("out", *SWEEPS["blocks"][0], "-data_validation", 250)
        summary = self.summary("out")
        z, attributes = self.outputs("out")
        tau = attributes["temperature"]
        self.assertEqual((tau, attributes["label_smoothing"]), (summary["temperature"], 0.1))
        self.assertIn(f"temperature of the logits: {tau:.3g} (fitted on 250 validation samples)",
                      re.sub(": +", ": ", self.log("out")))
        p = np.exp(tau * z) / np.exp(tau * z).sum(axis=1, keepdims=True)
        labels = harness.samples(harness.TEST, 2)[1]
        loss = -np.log(p[range(harness.TEST), labels]).mean()
        self.assertAlmostEqual(loss, summary["test_loss"], 9)
        for ranks in (1, 4):
            written, said, result = self.probabilities("out", ranks)
            self.assertLess(abs(written - p).max(), 1e-8)
            self.assertAlmostEqual(said, loss, 5)
            self.assert_says(result, "temperature of the logits")
        self.assert_says(self.run_program("inspect", self.checkpoint("out", 3), ranks=1),
                         f"label smoothing 0.1, temperature {tau:.6g}")
        # Stopped and continued, it is fitted to the same network once more.
        command = [*SWEEPS["blocks"][0], "-data_validation", 250, "-ckpt_every_iterations", 1]
        self.train_here("parts", *command, code=None,
                        environment={"ADMMNET_FAULT": "after_rename:0:1"})
        self.train_here("parts", *command)
        self.assertEqual(self.outputs("parts")[1]["temperature"], tau)

    def test_probabilities_without_the_smoothing(self):
        """Fewer than 200 validation samples fit no temperature."""
        np = harness.np
        summary = self.common.summary("out")
        shutil.copytree(self.common.path("out"), self.path("out"))
        z, attributes = self.outputs("out")
        self.assertEqual((summary["temperature"], "temperature" in attributes), (1, False))
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        p = np.maximum((p - 0.1 / 4) / 0.9, 0.002 / 4)
        p /= p.sum(axis=1, keepdims=True)
        written, said, _ = self.probabilities("out")
        self.assertLess(abs(written - p).max(), 1e-8)
        self.assertAlmostEqual(said, summary["test_loss"], 5)

    def test_no_probabilities_of_another_loss(self):
        self.train_here("out", "-net_loss", "hinge", "-train_iterations", 1)
        result = self.run_each_rank(
            "predict", "-run_model", self.checkpoint("out", 1), "-data_dir", self.data,
            "-run_probabilities", "true", code=harness.BAD_INPUT)
        self.assert_says(result, "-run_probabilities", "-net_loss hinge", "no probabilities")

    # ---- data in other clothes ----
    def test_gzipped_idx_gives_the_same_network(self):
        packed = harness.make_idx(self.folder / "packed", ending=".gz")
        self.train_here("out", *SWEEPS["blocks"][0], "-data_dir", packed)
        self.assert_same_state(self.checkpoint("out", 3), self.model)

    def test_csv_gives_the_same_network(self):
        train = harness.write_csv(self.folder / "train.csv", *harness.samples(harness.TRAINING, 1))
        test = harness.write_csv(self.folder / "test.csv", *harness.samples(harness.TEST, 2))
        csv = ["-data_format", "csv", "-data_test", test]
        self.train_here("out", *SWEEPS["blocks"][0], *csv, "-data_train", train,
                        "-data_scaling", "centred")  # as for images
        self.assert_close_weights(self.checkpoint("out", 3), self.model, MANY_BLOCKS)
        accuracy = self.summary("out")["test_accuracy"]
        said, predicted = self.predict(*csv, model=self.checkpoint("out", 3))
        self.assertEqual(said, f"{100 * accuracy:.4f} %")

        lines = self.path(test).read_text().splitlines()
        self.path(test).write_text("\n".join(line.rpartition(",")[0] for line in lines))
        for column in (["-data_label_column", "none"], []):  # said, and found out
            unlabelled = self.predict(*csv, *column, model=self.checkpoint("out", 3))
            self.assertEqual(unlabelled, ("unknown, no labels", predicted))

    def test_every_loss_and_activation(self):
        """Also with a single output, that of hinge for two classes."""
        for loss, activation, classes in (("softmax", "relu", "all"), ("hinge", "hard_tanh", "all"),
                                          ("hinge", "leaky_relu", "1,3"),
                                          ("squared", "hard_sigmoid", "0,2,3"),
                                          ("multiclass_hinge", "relu", "1,2")):
            with self.subTest(loss=loss, activation=activation, classes=classes):
                outdir = f"{loss}{classes}"
                self.train_here(outdir, "-net_loss", loss, "-net_activation", activation,
                                "-data_classes", classes, "-train_iterations", 2)
                result = self.run_program(
                    "predict", "-run_model", self.checkpoint(outdir, 2), "-run_outdir", outdir,
                    "-data_dir", self.data, "-data_classes", classes)
                accuracy = self.summary(outdir)["test_accuracy"]
                self.assert_says(result, f"accuracy: {100 * accuracy:.4f} %\n")

    def test_labels_are_those_of_the_data(self):
        data = harness.make_idx(self.folder / "coded", classes=3, labels=[7, 40, 200])
        self.train_here("out", "-data_dir", data, "-train_iterations", 1)
        predicted = self.predict("-data_dir", data, model=self.checkpoint("out", 1))[1]
        self.assertEqual(sorted(set(predicted)), [7, 40, 200])

    def test_no_test_set_and_no_validation(self):
        shutil.copytree(self.data, self.path("plain"))
        for file in self.path("plain").glob("t10k*"):
            file.unlink()
        result = self.train_here("out", "-data_dir", "plain", "-train_iterations", 2,
                                 "-data_validation", 0)
        self.assert_says(result, "no test accuracy")
        summary = self.summary("out")
        self.assertIsNone(summary["test_accuracy"])
        self.assertIsNone(summary["validation_accuracy"])
        self.assertEqual([row["validation_accuracy"] for row in self.metrics("out")], ["", ""])

    # ---- phases ----
    def test_phases_of_an_iteration(self):
        """However many iterations a run has, and whatever comes before and after them."""
        means = []
        for iterations in (1, 3):
            outdir = f"out{iterations}"
            self.train_here(outdir, "-admm_blocks", 12, "-train_iterations", iterations,
                            "-run_count_communication", "true", wrapper=harness.COUNTED)
            means.append(self.summary(outdir)["phases_per_iteration"])
            measured = self.summary(outdir)["seconds_per_iteration"]
            self.assertGreaterEqual(sum(phase["seconds"] for phase in means[-1].values()),
                                    0.95 * measured)  # besides, the loop writes a line
        self.assertEqual(means[0]["forward"]["calls"], 12)
        self.assertGreater(means[0]["forward"]["messages"], 0)
        for name in ("forward", "validation", "outside the phases"):
            for what in ("calls", "messages", "bytes"):
                self.assertEqual(means[0][name][what], means[1][name][what], (name, what))

    # ---- PETSc's log ----
    def test_log_view_has_our_events(self):
        result = self.train_here("out", "-train_iterations", 1, "-log_view")
        phases = json.loads((self.path("out") / "admmnet.summary.json").read_text())["phases"]
        missing = [name for name in phases if name != "total" and not any(
            line.startswith(name[:16]) for line in result.output[
                result.output.index("Event  "):].splitlines())]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    harness.main()
