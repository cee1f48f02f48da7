"""What stands under the names of a run's files before the run does: nothing that is not the run's own
is followed, overwritten, waited for or read without a bound. One process each: ranks show nothing
here."""
import os

import harness
from harness import BAD_INPUT, FINISHED, IO_FAILURE

KEPT = "not the run's own\n"


def text(path):
    path.write_text(KEPT)


def link(path):
    path.symlink_to("kept")


def endless(path):
    path.symlink_to("/dev/zero")


# Each row: suffix of the name, what is made there, exit code, what is said.
TABLE = [
    (".lock", text, BAD_INPUT, "is not a lock of this program, and stays as it is"),
    (".lock", link, BAD_INPUT, "is not a lock of this program, and stays as it is"),
    (".log", link, IO_FAILURE, "it is a link and not a regular file"),
    (".log", os.mkfifo, IO_FAILURE, "it is a pipe and not a regular file"),
]
# What a finished run finds when the same command is given again: all of it must be made anew.
TOLERATED = [
    (".latest", endless, "not used: cannot read out/run.latest: it is a link"),
    (".latest.tmp", link, ""),
    (".used.yaml.tmp", link, ""),
    (".summary.json", os.mkfifo, "not used: cannot read out/run.summary.json: it is a pipe"),
]


class Beside(harness.Case):
    def setUp(self):
        super().setUp()
        images, labels = harness.samples(40)
        harness.write_csv(self.folder / "train.csv", images, labels)
        self.path("out").mkdir()
        self.path("out/kept").write_text(KEPT)

    def train_here(self, **options):
        return self.train("-data_format", "csv", "-data_train", "train.csv", "-run_outdir", "out",
                          "-run_name", "run", "-train_iterations", 1, ranks=0, timeout=30,
                          **options)

    def test_what_is_refused(self):
        for suffix, make, code, says in TABLE:
            with self.subTest(suffix=suffix, make=make.__name__):
                path = self.path(f"out/run{suffix}")
                make(path)
                self.assert_says(self.train_here(code=code), str(path.name), says)
                self.assertEqual(self.path("out/kept").read_text(), KEPT)
                if make is text:
                    self.assertEqual(path.read_text(), KEPT)
                path.unlink()
                self.assertEqual({file.name for file in self.path("out").iterdir()}
                                 - {"run.log"}, {"kept"})

    def test_what_is_no_obstacle(self):
        self.train_here()
        self.assertIsNone(self.summary("out", "run")["test_loss"])  # there is no test set
        for suffix, make, _ in TOLERATED:
            self.path(f"out/run{suffix}").unlink(missing_ok=True)
            make(self.path(f"out/run{suffix}"))
        result = self.train_here(code=FINISHED)
        for _, _, says in TOLERATED:
            self.assert_says(result, says)
        self.assertEqual(self.path("out/kept").read_text(), KEPT)
        self.assertEqual(self.path("out/run.latest").read_text(), "run.ckpt.1.h5\n")
        self.assertEqual(self.summary("out", "run")["iterations"], 1)

    def test_a_summary_of_another_kind(self):
        self.train_here()
        self.path("out/run.summary.json").write_text('{"iterations": "1"}')
        self.train_here()
        self.assertEqual(self.summary("out", "run")["iterations"], 1)


if __name__ == "__main__":
    harness.main()
