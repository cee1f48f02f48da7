"""Bad input: exit code 2 on every rank within seconds, one message that names the remedy, and
nothing written. What exactly is refused is tested in config and data; here the way out of the
program, and that each kind of problem takes it: the table of rows/*.py (table.py), and below what
takes more than one run."""
import harness
import table
from harness import BAD_INPUT, TRAINING
from table import Table


class BadInput(harness.Case):
    def setUp(self):
        super().setUp()
        self.data = harness.make_idx(self.folder / "data")

    def test_results_of_an_earlier_run_stay_as_they_are(self):
        run = ["train", "-data_dir", self.data, "-run_outdir", "out", "-net_hidden", 5,
               "-train_iterations", 1]
        self.run_program(*run)
        before = self.files_in_out()
        for says, refused in (("-net_hidden", ["-net_hidden", 0]),
                              ("-data_validation", ["-data_validation", TRAINING]),
                              ("-net_hidden: 5 -> 6", ["-net_hidden", 6, "-train_iterations", 2]),
                              ("-run_restart none would", ["-run_restart", "none"])):
            self.assert_says(self.run_each_rank(*run, *refused, code=BAD_INPUT), says)
            self.assertEqual(self.files_in_out(), before)

    def files_in_out(self):
        """Contents and times of all but the log, to which a refused run may append."""
        return {file.name: (file.read_bytes(), file.stat().st_mtime_ns)
                for file in self.path("out").iterdir() if file.suffix != ".log"}

    # ---- the launcher's code, and questions ----
    def test_the_launcher_returns_the_code(self):
        for ranks in (1, 2):
            for arguments in (["-net_hidden", 0], ["-data_dir", "nowhere"]):
                self.train("-data_dir", self.data, *arguments, ranks=ranks, code=BAD_INPUT)

    def test_questions_are_answered_once(self):
        for question, answer in (("-help", "usage: admmnet"), ("-version", "admmnet ")):
            for ranks in (1, 2):
                result = self.run_program(question, ranks=ranks)
                self.assertEqual(result.output.count(answer), 1, result.output)

    def test_too_little_address_space(self):
        """OpenBLAS would try for ever to get its buffers."""
        for threads, least in ((1, 576), (2, 704)):
            result = self.run_program(
                "train", "-data_dir", self.data, ranks=0, code=BAD_INPUT, timeout=harness.PATIENCE,
                environment={"OPENBLAS_NUM_THREADS": str(threads)},
                wrapper=["sh", "-c", 'ulimit -v 400000; exec "$@"', "sh"])
            self.assert_says(result, f"needs {least} MiB of address space at least", "391 MiB")


def load_tests(loader, tests, _pattern):
    """The rows that were asked for run while the tests wait for them."""
    Table.wanted = set(loader.getTestCaseNames(Table))
    return tests


if __name__ == "__main__":
    harness.main()
