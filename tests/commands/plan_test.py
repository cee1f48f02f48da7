"""admmnet plan: without data files, for several numbers of ranks, and jobs/predict_scaling.sh."""
import csv
import os
import pathlib
import re
import subprocess

import harness
from harness import BAD_INPUT, IO_FAILURE

JOBS = pathlib.Path(__file__).resolve().parents[2] / "jobs"
HIGGS = ["-plan_samples", 10500000, "-plan_features", 28, "-plan_classes", 2, "-net_hidden", 300,
         "-net_loss", "hinge", "-data_validation", 0]


class Plan(harness.Case):
    def plan(self, *arguments, **options):
        return self.run_program("plan", *arguments, **{"ranks": 1, **options})

    def test_without_data_files(self):
        self.assert_says(self.plan(*HIGGS, "-ranks", 64, "-plan_memory", 4),
                         "no data file was looked at", "network: 28-300-1",
                         "samples: 10500000 training, 0 validation, 0 test", "ranks: 64")
        # The usual part is held out, and -data_train_limit holds.
        limited = self.plan("-plan_samples", 900, "-plan_features", 5, "-plan_classes", 3,
                            "-data_train_limit", 100)
        self.assert_says(limited, "samples: 90 training, 10 validation", "network: 5-3")

    def test_what_wider_blocks_would_save(self):
        """Sums over ranks go with the number of blocks: 22 in the place of 66."""
        problem = ["-plan_samples", 60000, "-plan_features", 784, "-plan_classes", 10,
                   "-net_hidden", 256, "-ranks", 4]
        self.assert_says(self.plan(*problem), "66 panels", "\nwith -admm_block_columns 2500: 0.",
                         "but less is learnt in it",
                         "for 4 ranks it would take the blocks that are there")
        many = self.plan(*HIGGS, "-ranks", 1024, "-admm_block_columns", 830)
        self.assert_says(many, "with -admm_block_columns 2500: 0.",
                         "with -admm_block_columns 10000: 0.", "with -admm_block_columns 40000: 0.",
                         "for 1024 ranks it would take -admm_block_columns 40000")
        wider = self.plan(*problem, "-admm_block_columns", 2500)
        self.assert_says(wider, "22 panels")
        self.assertNotIn("less is learnt", wider.output)

    def test_why_not_the_fastest_grid(self):
        """The share is that of the table of grids; its four digits leave 0.02 % open in both of two
        times of about 2850 s."""
        output = self.plan("-plan_samples", 1000000, "-plan_features", 784, "-plan_classes", 10,
                           "-net_hidden", "50000,50000", "-admm_sweep", "full", "-ranks", 256,
                           "-plan_memory", 0).output
        seconds = {grid: float(value) for grid, value in
                   re.findall(r"^  (\d+ x \d+) +\d+ +(\S+)", output, re.MULTILINE)}
        (taken, other, less), = re.findall(r"^grid: (.*?):.*; (.*?) would take (\S+) % less time, "
                                           "too little to have more rows", output, re.MULTILINE)
        self.assertEqual(seconds[other], min(seconds.values()))
        self.assertAlmostEqual(float(less), 100 * (1 - seconds[other] / seconds[taken]), delta=0.05)

    def test_what_is_missing_or_impossible(self):
        self.assert_says(self.plan("-plan_samples", 900, code=BAD_INPUT),
                         "-plan_samples: a plan without data files needs")
        self.assert_says(self.plan(*HIGGS, "-plan_features", 2000000000, code=BAD_INPUT),
                         "-plan_features: has 2000000000 features; at most")
        self.assert_says(self.plan(*HIGGS, "-ranks", 2, "-plan_memory", 0.5, code=BAD_INPUT),
                         "28-300-1 on 2 ranks", "use ", " ranks or more")

    def test_scaling_table(self):
        table = self.path("table.csv")
        result = self.plan(*HIGGS, "-plan_memory", 1.8, "-plan_scaling", "1,2,8", "-plan_csv", table,
                           ranks=2)
        self.assert_says(result, "PREDICTION, strong scaling", "GB a rank needed, 1.8 GB there")
        with open(table, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([row["ranks"] for row in rows], ["1", "2", "8"])
        self.assertEqual(rows[0]["seconds"], "")
        self.assertIn("28-300-1 on 1 rank (", rows[0]["refusal"])
        self.assertEqual((rows[1]["efficiency"], rows[1]["refusal"]), ("1", ""))
        phases = sum(float(value) for key, value in rows[2].items() if key.startswith("seconds of"))
        self.assertAlmostEqual(phases / float(rows[2]["seconds"]), 1, delta=1e-4)
        self.plan(*HIGGS, "-plan_scaling", "1,2", "-plan_csv", self.path("none/table.csv"),
                  code=IO_FAILURE, ranks=2)

    def test_predict_scaling(self):
        folder = self.path("prediction")
        environment = {**os.environ, "ADMMNET": os.environ["ADMMNET_PROGRAM"], "ADMMNET_MEMORY": "8"}
        environment["PATH"] = "/usr/bin:" + environment["PATH"]  # the Python that has matplotlib
        result = subprocess.run([JOBS / "predict_scaling.sh", folder], env=environment,
                                capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        for text in ("== higgs.strong.full ==", "35 GF/s, 2e-06 s a message, 1 GB/s, 8 GB",
                     "does not fit: 2.5e+09 elements in one array", "784-125000-125000-10"):
            self.assertIn(text, result.stdout)
        self.assertEqual(len(list(folder.glob("*.csv"))), 12)
        drawing = (folder / "prediction.svg").read_text(encoding="utf-8")
        for text in ("PREDICTION", "Machine assumed, a rank: 35 GF/s", "120 blocks", "72 blocks",
                     "MPI ranks"):
            self.assertIn(text, drawing)
        self.assertGreater((folder / "prediction.png").stat().st_size, 10000)


if __name__ == "__main__":
    harness.main()
