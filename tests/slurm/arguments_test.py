"""Calls of the scripts that cannot work: one sentence that says why, and exit code 2."""
import os

import slurm_harness
from slurm_harness import Case, JOBS, command

HERE_AND_NOW = {"ADMMNET_RANKS": "2"}
TABLE = "admm_beta net_hidden\n1 24\n0.3\n"


class Arguments(Case):
    def assert_refused(self, text, script, *arguments, environment=None):
        """The last line is the sentence; before it a usage or a message of Slurm may stand."""
        said = command(JOBS / script, *arguments, cwd=self.folder, code=2,
                       env={**os.environ, **(environment or {})})
        sentence = said.splitlines()[-1]
        self.assertTrue(sentence.startswith(script), said)
        self.assertIn(text, sentence)
        self.assertNotIn("Traceback", said)

    def test_help(self):
        for script in ("train.sbatch", "chain.sh", "sweep.sbatch", "scaling.sh", "collect",
                       "plot.py", "report", "export"):
            said = command(JOBS / script, "--help", cwd=self.folder)
            self.assertIn(f"jobs/{script}", said)
            self.assertNotIn("SBATCH", said)

    def test_train(self):
        refused = self.assert_refused
        refused("name a deck", "train.sbatch")
        refused("there is no deck no.yaml", "train.sbatch", "no.yaml")
        refused("submit this script with sbatch, or set ADMMNET_RANKS", "train.sbatch", self.deck)
        for variable, value, text in (
                ("ADMMNET_RANKS", "many", "whole numbers above 0, not 'many'"),
                ("ADMMNET_THREADS", "0", "whole numbers above 0, not '0'"),
                ("ADMMNET_LAUNCHER", "rsh", "it must be auto, srun or mpirun"),
                ("ADMMNET", "nothing/admmnet", "there is no program nothing/admmnet")):
            refused(text, "train.sbatch", self.deck,
                    environment={**HERE_AND_NOW, variable: value})

    def test_chain(self):
        refused = self.assert_refused
        refused("'x' is no number of jobs", "chain.sh", "x")
        refused("name a deck", "chain.sh", 2)
        refused("there is no deck 'no.yaml'", "chain.sh", 2, "no.yaml")
        refused("sbatch refused job 1 of 2", "chain.sh", 2, self.deck, "--", "--nodes=0")

    def test_sweep(self):
        refused = self.assert_refused
        (self.folder / "table.txt").write_text(TABLE)
        (self.folder / "empty.txt").write_text("# nothing\nadmm_beta\n")
        refused("name a deck and a table", "sweep.sbatch", self.deck)
        refused("there is no deck no.yaml", "sweep.sbatch", "no.yaml", "table.txt")
        refused("there is no table no.txt", "sweep.sbatch", self.deck, "no.txt")
        refused("holds no line of values", "sweep.sbatch", self.deck, "empty.txt")
        refused("line 2 of table.txt has 1 values for 2 keys: 0.3", "sweep.sbatch", self.deck,
                "table.txt", "-train_iterations", 1, environment=HERE_AND_NOW)

    def test_scaling(self):
        def refused(text, *arguments):
            self.assert_refused(text, "scaling.sh", *arguments)
            self.assertFalse((self.folder / "out").exists(), arguments)

        strong, weak = ("strong", self.deck, "out"), ("weak", self.deck, "out", "--local")
        refused("unknown study 'middling'", "middling")
        refused("name a deck", "strong")
        refused("there is no deck 'no.yaml'", "strong", "no.yaml", "out")
        refused("name a folder", "strong", self.deck)
        refused("say --ranks-per-node N, or --local", *strong)
        refused("3 ranks do not fill nodes of 2", *strong, "--ranks", "1 3", "--ranks-per-node", 2)
        refused("'two' is no whole number", *strong, "--local", "--ranks", "1 two")
        refused("--ranks must grow", *strong, "--local", "--ranks", "2 1")
        refused("--ranks needs a value", *strong, "--ranks")
        refused("unknown option '--fast'", *strong, "--fast")
        refused("a weak study needs a rule", *weak)
        refused("--samples and --hidden are rules of a weak", *strong, "--local", "--samples", 9)
        refused("--hidden is a list of widths", *weak, "--hidden", "wide")

    def test_a_study_whose_run_fails(self):
        said = command(JOBS / "scaling.sh", "strong", self.deck, "out", "--local", "--ranks", 1,
                       "--", "-admm_betta", 1, cwd=self.folder, code=2)
        self.assertIn("r1.1 failed with exit code 2; the end of out/r1.1.out:", said)
        self.assertIn("admm_beta", said)
        # It does not stand in the way of one with other settings.
        command(JOBS / "scaling.sh", "strong", self.deck, "out", "--local", "--ranks", 1,
                "--repeats", 1, "--iterations", 2, cwd=self.folder)
        self.assert_refused("holds a study with other settings", "scaling.sh", "strong", self.deck,
                            "out", "--local", "--ranks", 2)

    def test_collect_and_plot(self):
        refused = self.assert_refused
        (self.folder / "empty").mkdir()
        refused("arguments are required", "collect")
        refused("invalid choice: 'everything'", "collect", "everything", "empty")
        refused("there are no runs of sweep.sbatch in empty", "collect", "sweep", "empty")
        refused("empty is no study of scaling.sh", "collect", "scaling", "empty")
        refused("arguments are required", "plot.py")
        refused("there is no file or folder nowhere", "plot.py", "nowhere")
        refused("there is no .metrics.csv in empty", "plot.py", "empty")
        refused("holds no metrics of admmnet", "plot.py", self.deck)
        refused("holds no metrics of admmnet", "plot.py", os.environ["ADMMNET_PROGRAM"])


if __name__ == "__main__":
    slurm_harness.harness.main()
