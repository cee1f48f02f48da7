"""Checkpoints in the middle of a pass, looks at the validation samples there, and the values that a
run takes from its checkpoint."""
import csv
import pathlib
import shutil

import harness
from harness import BAD_INPUT

LAST, LOOKS = 3, 4
OLDER = pathlib.Path(__file__).parent / "older.ckpt.1.3.h5"


def write_table(path):
    """40 samples of three features in two classes: those of OLDER."""
    rows = [f"{i % 7},{i * i % 11},{i * 5 % 13},{'even' if i * i % 11 % 2 == 0 else 'odd'}"
            for i in range(40)]
    path.write_text("a,b,c,label\n" + "\n".join(rows) + "\n")


class MidPass(harness.Case):
    @classmethod
    def setUpClass(cls):
        """A run in one go, with a checkpoint after every step."""
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        cls.common.train_on(cls.data, "straight", "-ckpt_every_minutes", 1e-9, "-ckpt_keep", 1000,
                            "-admm_step", 7)

    def train_on(self, data, outdir, *arguments, **options):
        return self.train("-data_dir", data, "-net_hidden", "12,9", "-train_iterations", LAST,
                          "-admm_blocks", 8,
                          "-train_progress", LOOKS, "-train_monitor_test", "true",
                          "-run_outdir", outdir, *arguments, **options)

    def stopped_at(self, position):
        """A folder as the run would have left it, had it been killed some time after this
        checkpoint, while it wrote a row."""
        self.path(position).mkdir()
        shutil.copy(self.common.checkpoint("straight", position), self.path(position))
        progress = (self.common.path("straight") / "admmnet.progress.csv").read_text()
        (self.path(position) / "admmnet.progress.csv").write_text(progress[:-5])
        return position

    def progress(self, outdir):
        with open(self.path(outdir) / "admmnet.progress.csv", newline="") as file:
            return list(csv.DictReader(file))

    def assert_same_rows(self, outdir):
        """Those of the run in one go, but for the times."""
        for rows in (self.metrics, self.progress):
            found, expected = rows(outdir), getattr(self.common, rows.__name__)("straight")
            for row in [*found, *expected]:
                for times in ("seconds", "elapsed"):
                    row.pop(times, None)
            self.assertEqual(found, expected)

    def test_resumed_after_some_steps_of_a_pass(self):
        """The first pass, a middle one and the last: bit by bit, with the values of the checkpoint
        (-admm_step is not given again)."""
        for position in ("0.1", "1.5", "2.7"):
            with self.subTest(position=position):
                result = self.train_on(self.data, self.stopped_at(position))
                passes, steps = position.split(".")
                self.assert_says(result, f"continues after iteration: {passes}, {steps} of 8 steps "
                                         "of the next pass\n")
                self.assert_same_state(self.checkpoint(position, LAST),
                                       self.common.checkpoint("straight", LAST))
                self.assert_same_rows(position)
                used = (self.path(position) / "admmnet.used.yaml").read_text()
                self.assertIn("\n  step: 7\n", used)

    # ---- looks at the samples ----
    def test_looks_between_the_steps(self):
        rows = self.common.progress("straight")
        self.assertEqual([float(row["pass"]) for row in rows],
                         [(look + 1) / LOOKS for look in range(LAST * LOOKS)])
        seconds = [float(row["seconds"]) for row in rows]
        self.assertEqual(seconds, sorted(seconds))
        for row, of_pass in zip(rows[LOOKS - 1::LOOKS], self.common.metrics("straight")):
            for one, other in (("validation_accuracy",) * 2, ("train_loss",) * 2,
                               ("seconds", "elapsed")):
                self.assertEqual(row[one], of_pass[other])

    def test_test_samples_after_each_pass(self):
        """Without label smoothing: else the summary's loss is that of the probabilities."""
        self.train_on(self.data, "plain", "-net_label_smoothing", 0)
        summary, rows = self.summary("plain"), self.metrics("plain")
        self.assertEqual(summary["temperature"], 1)
        of_best = rows[summary["best_iteration"] - 1]
        for key in ("test_accuracy", "test_loss"):
            self.assertEqual(float(of_best[key]), summary[key])

    def test_a_target_that_is_reached_between_the_steps(self):
        rows = self.common.progress("straight")
        scores = [float(row["validation_accuracy"]) for row in rows]
        look = max(i for i, score in enumerate(scores)
                   if (i + 1) % LOOKS and score > max(scores[:i], default=0))
        passes, steps = (look + 1) // LOOKS, (look + 1) % LOOKS * 2
        command = [self.data, "out", "-admm_step", 7, "-train_target_accuracy", scores[look]]
        result = self.train_on(*command)
        self.assert_says(result, "stop reason: target\n", ", reached after ")
        summary = self.summary("out")
        self.assertEqual((summary["stop_reason"], summary["iterations"], summary["steps_of_next"]),
                         ("target", passes, steps))
        self.assertEqual(summary["seconds_to_target"], float(self.progress("out")[-1]["seconds"]))
        self.assertEqual(summary["validation_accuracy"], scores[look])
        self.assertEqual(summary["checkpoint"], f"out/admmnet.ckpt.{passes}.{steps}.h5")
        self.assert_says(
            self.train_on(*command), f"this run is finished (target after iteration {passes}, "
            f"{steps} of 8 steps of the next pass): raise -train_target_accuracy or ")
        self.path("out/admmnet.summary.json").unlink()  # killed before it was written
        self.train_on(*command)
        again = self.summary("out")
        for key in ("stop_reason", "iterations", "steps_of_next", "seconds_to_target",
                    "validation_accuracy"):
            self.assertEqual(again[key], summary[key], key)

        result = self.train_on(*command[:-1], 1)
        self.assert_says(result, f"-train_target_accuracy: {scores[look]} -> 1\n",
                         "target accuracy: 100.00 %, not reached\n")
        self.assertIsNone(self.summary("out")["seconds_to_target"])
        self.assert_same_rows("out")

    def test_a_target_without_validation_samples(self):
        result = self.run_each_rank("train", "-data_dir", self.data, "-data_train_limit", 9,
                                    "-train_target_accuracy", 0.9, code=BAD_INPUT)
        self.assert_says(result, "-train_target_accuracy needs validation samples",
                         "set -data_validation above 0")

    # ---- other keys and programs ----
    def test_a_lower_budget_finishes_the_pass(self):
        outdir = self.stopped_at("1.5")
        self.train_on(self.data, outdir, "-train_iterations", 1)
        self.assert_iterations(outdir, 2)

    def test_a_key_that_is_fixed_stays(self):
        result = self.train_on(self.data, self.stopped_at("1.5"), "-admm_blocks", 4,
                               code=BAD_INPUT)
        self.assert_says(result, "-admm_blocks: 8 -> 4\n")

    def test_an_older_programs_checkpoint_goes_on_with_its_values(self):
        """OLDER was written by version 0.1.0 with values that are no defaults."""
        table = self.folder / "table.csv"
        write_table(table)
        self.path("old").mkdir()
        shutil.copy(OLDER, self.path("old") / "admmnet.ckpt.1.3.h5")
        result = self.train("-data_format", "csv", "-data_train", table, "-net_hidden", 4,
                            "-train_iterations", LAST, "-run_outdir", "old")
        self.assert_says(result, "continues after iteration: 1, 3 of 8 steps of the next pass\n")
        self.assert_iterations("old", LAST)
        used = (self.path("old") / "admmnet.used.yaml").read_text()
        for value in ("gram_every: 3", "step: 9", "damping: 0.2", "blocks: 8", "loss: softmax"):
            self.assertIn(f"\n  {value}\n", used)


if __name__ == "__main__":
    harness.main()
