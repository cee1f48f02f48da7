"""Searches with jobs/tune.sh: here, as array jobs, and as array jobs with two runs side by side. Of
those a node dies, a run is stopped, and the job that goes on is lost; all end with the same table."""
import csv
import os
import re
import time

import slurm_harness
from slurm_harness import Case, JOBS, cluster, command, wait_for, wait_for_all

SPACE = """\
admm_step   log 0.3 30
net_hidden  12 16,8 24
init_seed   int 0 9
"""
SETTINGS = ["-n", 16, "--passes", 8]
# One rank a run, wherever it is: on another grid results are others by rounding.
ONE_RANK = {"ADMMNET_RANKS": "1", "ADMMNET_LAUNCHER": "srun", "ADMMNET_SRUN_OPTIONS": "--mpi=pmix"}


class Tune(Case):
    def setUp(self):
        super().setUp()
        self.space = self.folder / "space.txt"
        self.space.write_text(SPACE)

    def tune(self, *words, code=0):
        return command(JOBS / "tune.sh", self.deck, self.space, *words, cwd=self.folder, code=code,
                       env={**os.environ, **ONE_RANK, "ADMMNET_LAUNCHER": (
                           "auto" if "--local" in words else "srun")}, timeout=200)

    def in_slurm(self, folder, pack):
        return self.tune(*SETTINGS, "-o", folder, "--pack", pack, "--", "--time=10",
                         "--signal=B:USR2@20")

    def table(self, folder):
        with open(self.folder / folder / "tune.csv", newline="") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            del row["seconds"]
        return rows

    def crash(self, folder):
        """A node dies while the search in this folder is in its first rung."""
        wait_for(lambda: len(list((self.folder / folder).glob("*/exit_code"))) >= 2, "the first runs")
        cluster("crash", "n2")
        command("scontrol", "update", "nodename=n2", "state=down", "reason=crash")
        time.sleep(1)
        cluster("boot", "n2")

    def test_disturbed_searches_end_as_one_here(self):
        jobs = lambda said: re.search(r"runs in job\(s\) (\d+), then job (\d+) goes on", said).groups()
        self.assertEqual(jobs(self.in_slurm("single", 1)), jobs(self.in_slurm("single", 1)))
        self.crash("single")
        said = self.in_slurm("packed", 2)
        self.crash("packed")
        command("scancel", jobs(said)[1])  # nobody goes on, until the command is given again
        here = self.tune(*SETTINGS, "--pack", 2, "--local", "-o", "here")
        self.assertRegex(here, r"the best is line \d+; its deck: here/best.yaml")
        expected = self.table("here")
        self.assertEqual([row["passes"] for row in expected],
                         2 * ["8"] + 2 * ["4"] + 4 * ["2"] + 8 * ["1"])
        best = [float(row["validation[%]"]) for row in expected[:2]]
        self.assertGreaterEqual(best[0], best[1])

        wait_for_all()
        self.assertEqual(self.table("single"), expected)
        self.assertFalse((self.folder / "packed/rung.0.csv").exists())
        self.in_slurm("packed", 2)
        wait_for_all()
        self.assertEqual(self.table("packed"), expected)
        said = self.in_slurm("packed", 2)  # nothing is left to do
        self.assertIn("its deck: packed/best.yaml", said)
        self.train_best("packed")

    def train_best(self, folder):
        """The deck of the best trains as it is, with the result of the search."""
        command(JOBS / "train.sbatch", f"{folder}/best.yaml", cwd=self.folder,
                env={**os.environ, "ADMMNET_RANKS": "1"})
        reached = self.summary(f"{folder}/best")["validation_accuracy"]
        self.assertEqual(f"{100 * reached:.2f}", self.table(folder)[0]["validation[%]"])

    def test_all_fail(self):
        self.space.write_text("admm_betta 1 2\n")
        said = self.tune("--grid", "--local", "-o", "wrong", code=1)
        self.assertRegex(said, r"(?m)^ *1 +1 .*failed: .*admm_beta")
        self.assertIn("all settings have failed", said)


if __name__ == "__main__":
    slurm_harness.harness.main()
