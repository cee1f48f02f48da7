"""What a run makes of faults: each row is a test. "Same end" means that the same command, given
again, ends with bitwise the same weights and history as a run that nothing happened to.

fault                                              what must happen
-------------------------------------------------  ------------------------------------------------
faults_test.py: a run of 3 iterations, a checkpoint after each; on rank 0 and on rank 1
SIGKILL while the periodic checkpoint 2 is written:
  after_open, mid_data, before_index, before_close,
  before_verify, before_rename                     restart takes 1, same end
  after_rename, before_delete                      restart takes 2, same end
SIGKILL while the final checkpoint 3 is written:
  up to before_rename                              restart takes 2, same end
  after_rename, before_delete                      restart takes 3 and only reports, same end;
                                                   renews NAME.latest, removes the surplus
the same, when the summary of an earlier end is
  there (-train_iterations was raised)             the same
open_fails, writing or verifying checkpoint 2      a warning, the run goes on: exit 0, same end
open_fails, writing or verifying the final one     exit 3 on every rank, restart: same end
open_fails on one rank, reading the newest         every rank takes the one before, same end
a second run of the same name while one is going   refused with exit 2, the first is not disturbed
SIGKILL leaves a lock                              taken over, and the log says so
a lock of another host without a sign of life      room level: tests/checkpoint/lock_test.cpp

damage_test.py: the newest checkpoint is
  truncated, empty, of a future version, an
  HDF5 file of something else, no HDF5 file,
  of another iteration than its name says,
  flipped in one bit of header, index, weights,
  history or a scalar                              the one before is taken, and said why; same end
every checkpoint is damaged                        exit 3 on every rank, nothing is deleted
a damaged file for -run_restart, -run_warm_start,
  -run_model                                       exit 3 on every rank

disk_test.py: a file system of its own, or a limit on one rank's files
full during a periodic checkpoint                  a warning with numbers, the run goes on: exit 0
full during the final checkpoint                   exit 3 on every rank; with space again: same end
rank 1 may write no more (file size limit)         the same two
read-only folder, folder below a file              exit 3 on every rank
full before the run begins                         exit 3 on every rank
"""
import itertools
import json
import pathlib
import shutil
import signal

import harness
from harness import BAD_INPUT, IO_FAILURE, STOPPED

KILLED = 128 + signal.SIGKILL
LAST = 3
UNPUBLISHED = ["after_open", "mid_data", "before_index", "before_close", "before_verify",
               "before_rename"]
PUBLISHED = ["after_rename", "before_delete"]


class Faults(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        cls.common.train_here("undisturbed")
        cls.reference = cls.common.checkpoint("undisturbed", LAST)
        listed = json.loads(cls.common.run_program("inspect", "-json", cls.reference,
                                                   ranks=1).output)
        cls.tensors = sum(len(data_set["shape"]) == 2 for data_set in listed["data_sets"])

    def arguments(self, outdir):
        return ["-data_dir", self.data, "-net_hidden", 6, "-train_iterations", LAST,
                "-ckpt_every_iterations", 1, "-run_outdir", outdir]

    def train_here(self, outdir="out", *arguments, fault=None, **options):
        environment = {"ADMMNET_FAULT": fault} if fault else {}
        return self.train(*self.arguments(outdir), *arguments, environment=environment, **options)

    def assert_same_end(self, takes):
        """The same command once more: takes this checkpoint, and ends as the undisturbed run."""
        result = self.train_here()
        self.assert_says(result, f"admmnet.ckpt.{takes}.h5\n")
        self.assert_ended()
        return result

    def assert_ended(self):
        self.assert_same_state(self.checkpoint("out", LAST), self.reference)
        self.assert_iterations("out", LAST)
        self.assertEqual(self.summary("out")["test_loss"],
                         self.common.summary("undisturbed")["test_loss"])
        files, expected = (sorted(file.name for file in case.path(folder).iterdir())
                           for case, folder in ((self, "out"), (self.common, "undisturbed")))
        self.assertEqual(files, expected)
        self.assertEqual((self.path("out") / "admmnet.latest").read_text(),
                         f"admmnet.ckpt.{LAST}.h5\n")

    # ---- killed while writing ----
    def assert_kill_is_survived(self, point, rank, number, takes):
        """Killed at a point of the writing of checkpoint `number`."""
        occurrence = number
        if point == "mid_data":  # passed once a tensor: in the middle of the file
            occurrence = (number - 1) * self.tensors + self.tensors // 2
        result = self.train_here(fault=f"{point}:{rank}:{occurrence}", code=None, timeout=60)
        self.assertEqual(result.code, KILLED, result.output)
        self.assert_says(result, f"fault injection is armed: {point} on rank {rank}")
        self.assertEqual(sorted(k for k in range(1, 9) if self.checkpoint("out", k).exists())[-1],
                         takes)
        self.assert_says(self.assert_same_end(takes), "took over out/admmnet.lock")

    def test_summary_of_an_earlier_end(self):
        """Killed at the end of a run that went on after its first end."""
        for rank, point in enumerate(PUBLISHED):
            shutil.rmtree(self.path("out"), ignore_errors=True)
            self.train_here("out", "-train_iterations", 2)
            self.assertEqual(self.train_here(fault=f"{point}:{rank}:1", code=None).code, KILLED)
            self.assert_says(self.train_here(), "continues after iteration: 3\n")
            self.assertEqual(self.summary("out")["iterations"], LAST)
            self.assertEqual((self.path("out") / "admmnet.latest").read_text(),
                             f"admmnet.ckpt.{LAST}.h5\n")
            self.assertEqual(sorted(self.path("out").glob("*.h5")),
                             [self.checkpoint("out", k) for k in (2, 3)])
            self.assert_says(self.train_here(), "this run is finished")

    # ---- a file that does not open ----
    def assert_periodic_failure_is_a_warning(self, occurrence, rank):
        result = self.train_here(fault=f"open_fails:{rank}:{occurrence}")
        self.assert_says(result, "warning: checkpoint of iteration 2: the checkpoint",
                         "could not be written: ", f"[rank {rank}")
        self.assert_ended_without(2)

    def assert_ended_without(self, missing):
        """As undisturbed, but for the checkpoint that failed: an older one is still kept."""
        self.assert_same_state(self.checkpoint("out", LAST), self.reference)
        self.assert_iterations("out", LAST)
        self.assertFalse(self.checkpoint("out", missing).exists())
        self.assertTrue(self.checkpoint("out", missing - 1).exists())
        self.assertEqual(list(self.path("out").glob("*.tmp")), [])

    def assert_final_failure_is_an_error(self, occurrence, rank):
        fault = {"ADMMNET_FAULT": f"open_fails:{rank}:{occurrence}"}
        result = self.run_each_rank("train", *self.arguments("out"), code=IO_FAILURE,
                                    environment=fault)
        self.assert_says(result, "warning: checkpoint of iteration 3", f"[rank {rank}",
                         "the final checkpoint could not be written")
        self.assertEqual(list(self.path("out").glob("*.tmp")), [])
        self.assert_same_end(takes=2)

    def test_open_fails_on_one_rank_reading_the_newest(self):
        for rank in (0, 1):
            shutil.rmtree(self.path("out"), ignore_errors=True)
            self.train_here(fault="before_delete:0:2", code=KILLED)
            # The first time it is opened for a look at its deck alone.
            result = self.train_here(fault=f"open_fails:{rank}:2")
            self.assert_says(result, "warning: not used: out/admmnet.ckpt.2.h5 is not a usable",
                             f"[rank {rank}", "restart: out/admmnet.ckpt.1.h5")
            pathlib.Path(f"{self.checkpoint('out', 2)}.superseded").unlink()
            self.assert_ended()

    # ---- locks ----
    def test_two_runs_at_once(self):
        endless = [*self.arguments("out"), "-train_iterations", 1000000]
        first = self.start("train", *endless)
        first.wait_for("checkpoint: out/admmnet.ckpt.1.h5")
        log = self.log("out")
        for ranks in (1, 2):
            second = self.run_each_rank("train", *endless, ranks=ranks, code=BAD_INPUT)
            self.assert_says(second, "another run holds out/admmnet.lock: process "
                                     f"{first.ranks()[0]} on host")
        first.send(signal.SIGTERM)
        result = first.end()
        self.assertEqual(result.code, STOPPED, result.output)
        self.assertTrue(self.log("out").startswith(log))
        self.assertEqual(self.log("out").count("== admmnet train =="), 1)
        self.assertFalse((self.path("out") / "admmnet.lock").exists())

    def test_other_names_do_not_disturb_each_other(self):
        endless = self.start("train", *self.arguments("out"), "-train_iterations", 1000000)
        endless.wait_for("checkpoint: out/admmnet.ckpt.1.h5")
        self.train_here("out", "-run_name", "other", ranks=1)
        endless.send(signal.SIGTERM)
        self.assertEqual(endless.end().code, STOPPED)
        self.assert_close_weights(self.checkpoint("out", LAST, "other"), self.reference, 1e-7)


def add_row(method, name, *arguments):
    """A test of its own for each row of the table."""
    def test(self):
        getattr(self, method)(*arguments)
    setattr(Faults, f"test_{name}", test)


# Each point with both ranks and both checkpoints, in two of the four combinations.
for i, (at, where) in enumerate(itertools.product(UNPUBLISHED + PUBLISHED, (0, 1))):
    kind, written = (("periodic", LAST - 1), ("final", LAST))[(i + i // 2) % 2]
    add_row("assert_kill_is_survived", f"{kind}_{at}_rank_{where}", at, where, written,
            written if at in PUBLISHED else written - 1)
# A rank opens each checkpoint twice, to write its part and to verify it.
for where, (verb, at) in itertools.product((0, 1), (("writing", 1), ("verifying", 2))):
    add_row("assert_periodic_failure_is_a_warning", f"periodic_open_fails_{verb}_rank_{where}",
            2 * (LAST - 2) + at, where)
    add_row("assert_final_failure_is_an_error", f"final_open_fails_{verb}_rank_{where}",
            2 * (LAST - 1) + at, where)


if __name__ == "__main__":
    harness.main()
