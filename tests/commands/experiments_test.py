"""jobs/experiments.sh --quick: an experiment as a user starts it, and once more."""
import csv
import os
import pathlib
import shlex
import subprocess
import sys

import harness

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "jobs" / "experiments.sh"


class Experiments(harness.Case):
    def experiments(self, *arguments):
        """On two ranks, with this test's Python: another one need not have matplotlib."""
        return subprocess.run(
            [str(SCRIPT), *arguments, "--data", ".", "-o", "out", "--ranks", "2"], cwd=self.folder,
            env={**os.environ, "ADMMNET": harness.PROGRAM, "PATH": os.pathsep.join(
                (os.path.dirname(sys.executable), os.environ["PATH"]))}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)

    def table(self):
        with open(self.path("out/spark/table.csv"), newline="", encoding="utf-8") as file:
            return {row["what"]: row for row in csv.DictReader(file)}

    def test_quick(self):
        harness.make_idx(self.folder / "mnist")
        result = self.experiments("spark", "--quick")
        self.assertEqual(result.returncode, 0, result.stdout)
        rows = self.table()
        for label, run in (("printed, best pass", "printed"), ("defaults (blocks)", "blocks"),
                           ("linear least squares", "linear")):
            summary = self.summary(f"out/spark/{run}", "run")
            self.assertEqual(rows[label]["test[%]"], f"{100 * summary['test_accuracy']:.2f}")
            self.assertEqual(rows[label]["passes"], str(summary["iterations"]))
        first = self.metrics("out/spark/blocks", "run")[0]
        self.assertEqual(rows["defaults, pass 1"]["validation[%]"],
                         f"{100 * float(first['validation_accuracy']):.2f}")
        # Four classes: one in four by chance, and these are noisy prototypes.
        self.assertGreater(float(rows["defaults (blocks)"]["test[%]"]), 50)
        self.assertIn("85", rows["printed, epoch 10"]["published"])
        self.assertTrue(self.path("out/spark/curves.png").stat().st_size > 1000)

        again = self.experiments("spark", "--quick")
        self.assertEqual((again.returncode, again.stdout.count("is there")), (0, 3), again.stdout)
        self.assertEqual(self.table(), rows)

    def test_help_and_what_is_wrong(self):
        self.assertIn("jobs/experiments.sh [NAME...]", self.experiments("-h").stdout)
        result = self.experiments("spark")
        self.assertEqual(result.returncode, 2, result.stdout)
        self.assertIn(f"spark needs {shlex.quote(str(self.folder))}/mnist", result.stdout)


if __name__ == "__main__":
    harness.main()
