"""Sweeps and scaling studies, from the submission to tables and figures."""
import csv
import os

import slurm_harness
from slurm_harness import Case, JOBS, Job, command, wait_for_all

TABLE = """\
# A comment, then the keys.
admm_beta   net_hidden  train_iterations

-           24          8
0.05        24          8
1           12          8
0.3         24          400
"""


class Studies(Case):
    def rows(self, path):
        with open(self.folder / path, newline="") as file:
            return list(csv.DictReader(file))

    def assert_figures(self, name):
        self.assertTrue((self.folder / f"{name}.png").read_bytes().startswith(b"\x89PNG"))
        self.assertIn("<svg", (self.folder / f"{name}.svg").read_text())

    def test_sweep(self):
        (self.folder / "betas.txt").write_text(TABLE.replace("\n", "\r\n"))
        array = self.submit(self.deck, "betas.txt", "-run_name", "b.sbatch",
                            script=JOBS / "sweep.sbatch",
                            options=["--array=1-4%2", "--output=%a.out"]).number
        tasks = [Job(f"{array}_{line}", self.folder / f"{line}.out") for line in range(1, 5)]
        tasks[3].iterate()  # the last task, whose SLURM_JOB_ID is that of the array
        tasks[3].send("--batch", "--signal=USR2")
        for task, restarts in zip(tasks, (0, 0, 0, 1)):
            self.assert_ended(task, "COMPLETED", 0, restarts)
        said = command(JOBS / "collect", "sweep", "runs/betas", cwd=self.folder)
        rows = self.rows("runs/betas/sweep.csv")
        self.assertEqual(sorted(row["line"] for row in rows), ["1", "2", "3", "4"], said)
        best = [float(row["validation[%]"]) for row in rows]
        self.assertEqual(best, sorted(best, reverse=True))
        line_3 = next(row for row in rows if row["line"] == "3")
        self.assertEqual((line_3["admm_beta"], line_3["net_hidden"], line_3["iterations"]),
                         ("1", "12", "8"))
        used = (self.folder / "runs/betas/3/b.sbatch.used.yaml").read_text()
        self.assertRegex(used, r"hidden: \[?12\]?")
        self.assert_figures("runs/betas/sweep")

    def test_sweep_side_by_side(self):
        """Two runs in each task, one on each node; the second task is stopped and goes on."""
        (self.folder / "betas.txt").write_text(TABLE)
        array = self.submit("--pack", "2", self.deck, "betas.txt", script=JOBS / "sweep.sbatch",
                            options=["--array=1-2", "--nodes=2", "--ntasks-per-node=1",
                                     "--output=%a.out"],
                            environment={"ADMMNET_LAUNCHER": "mpirun"}).number
        tasks = [Job(f"{array}_{task}", self.folder / f"{task}.out") for task in (1, 2)]
        long = Job(f"{array}_2", self.folder / "runs/betas/4/job.out")
        long.iterate()
        tasks[1].send("--batch", "--signal=USR2")
        for task, restarts in zip(tasks, (0, 1)):
            self.assert_ended(task, "COMPLETED", 0, restarts)
        self.assert_says(tasks[1], "sweep.sbatch: line 4: exit code 10$", "stopped and requeued",
                         "sweep.sbatch: line 4: exit code 0$")
        self.assert_says(long, "launcher: mpirun -n 1 .*--host n2:1 ", "^nodes: 1 ",
                         "^continues after iteration: ")
        said = command(JOBS / "collect", "sweep", "runs/betas", cwd=self.folder)
        self.assertEqual({row["line"]: row["iterations"] for row in self.rows("runs/betas/sweep.csv")},
                         {"1": "8", "2": "8", "3": "8", "4": "400"}, said)

    def test_sweep_beyond_its_table(self):
        (self.folder / "betas.txt").write_text(TABLE)
        self.submit(self.deck, "betas.txt", script=JOBS / "sweep.sbatch",
                    options=["--array=5", "--output=%a.out"])
        wait_for_all()
        self.assertRegex((self.folder / "5.out").read_text(), "submit with --array=1-4")

    def assert_study(self, kind, folder, ranks=("1", "2", "4")):
        rows = self.rows(f"{folder}/scaling.csv")
        self.assertEqual([row["ranks"] for row in rows], list(ranks))
        for row in rows:
            self.assertEqual(row["runs"], "2")
            least, median, most = (float(row[f"{name}[s]"]) for name in ("min", "median", "max"))
            self.assertTrue(0 < least <= median <= most, row)
            ratio = float(rows[0]["median[s]"]) / median
            expected = ratio / int(row["ranks"]) if kind == "strong" else ratio
            self.assertAlmostEqual(float(row["efficiency"]), expected, delta=0.011)
            self.assertGreater(float(row["forward[s]"]), 0)
            for sent in ("messages/rank", "MB/rank", "forward[messages]", "forward[MB]"):
                self.assertEqual(float(row[sent]) > 0, row["ranks"] != "1", sent)
        self.assert_figures(f"{folder}/scaling")

    def test_strong_study_under_slurm(self):
        study = "a 50%j study"  # %j: in the name of a job's output its number
        command(JOBS / "scaling.sh", "strong", self.deck, study, "--repeats", 2, "--iterations", 3,
                "--ranks-per-node", 2, "--serial", "--sbatch", "--time=2", cwd=self.folder)
        wait_for_all()
        said = command(JOBS / "collect", "scaling", study, cwd=self.folder)
        self.assertNotIn("warning", said)
        self.assert_study("strong", study)
        log = (self.folder / f"{study}/r4.1.log").read_text()
        self.assertRegex(log, r"(?m)^nodes: 2 ")

    def weak_study_here(self, *options):
        said = command(JOBS / "scaling.sh", "weak", self.deck, "study", "--local", "--repeats", 2,
                       "--iterations", 3, *options, cwd=self.folder, timeout=120)
        self.assertNotIn("warning", said)
        return said

    def test_weak_study_of_constant_flops_here(self):
        said = self.weak_study_here("--samples", 150)
        self.assertIn("weak scaling of", said)
        self.assertIn("constant flops a rank: 150 samples a rank", said)
        self.assert_study("weak", "study")
        for ranks in (1, 2, 4):
            log = (self.folder / f"study/r{ranks}.1.log").read_text()
            self.assertRegex(log, rf" {150 * ranks} training")

        # What has no result, or not the one that was asked for, is said.
        (self.folder / "study/r4.2.summary.json").unlink()
        summary = self.folder / "study/r2.1.summary.json"
        summary.write_text(summary.read_text().replace('"iterations": 3', '"iterations": 2'))
        said = command(JOBS / "collect", "scaling", "study", cwd=self.folder, code=1)
        self.assertIn("warning: r4.2 has no result", said)
        self.assertIn("warning: r2.1 stopped after 2 iterations", said)

    def test_weak_study_of_constant_memory_here(self):
        said = self.weak_study_here("--hidden", "20,10", "--ranks", "1 4")
        self.assertIn("constant memory a rank: widths 20,10 on 1 rank(s)", said)
        self.assert_study("weak", "study", ("1", "4"))
        for ranks, widths in ((1, "20-10"), (4, "40-20")):
            log = (self.folder / f"study/r{ranks}.1.log").read_text()
            self.assertRegex(log, rf"(?m)^network: 64-{widths}-4 ")

    def test_training_curves(self):
        for name in ("one", "two"):
            command(JOBS / "train.sbatch", self.deck, "-run_name", name, "-run_outdir", "runs",
                    "-train_iterations", 3, cwd=self.folder,
                    env={**os.environ, "ADMMNET_RANKS": "2"})
        command(JOBS / "plot.py", "runs", "-o", "both", cwd=self.folder)
        self.assert_figures("both")
        drawing = (self.folder / "both.svg").read_text()
        for text in ("one", "two", "training loss", "accuracy [%]", "residual", "[s]"):
            self.assertIn(text, drawing)
        command(JOBS / "plot.py", "runs/one.ckpt.3.h5", "-o", "checkpoint", cwd=self.folder)
        self.assert_figures("checkpoint")


if __name__ == "__main__":
    slurm_harness.harness.main()
