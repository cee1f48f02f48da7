"""Places that cannot be written to. The table is in faults_test.py.

Most tests mount a small file system, in a mount name space of their own where only they see it: as
root, or where users may have name spaces; skipped elsewhere."""
import os
import resource
import signal
import subprocess
import sys
import tempfile

import harness
from harness import IO_FAILURE, STOPPED

LAST, KIB = 4, 1024
OWN_MOUNTS = "ADMMNET_TEST_OWN_MOUNTS"


class Disk(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        cls.common.train(*cls.arguments(), "-run_outdir", "undisturbed")
        cls.reference = cls.common.checkpoint("undisturbed", LAST)
        cls.bytes = cls.reference.stat().st_size

    @classmethod
    def arguments(cls):
        return ["-data_dir", cls.data, "-net_hidden", 40, "-train_iterations", LAST,
                "-ckpt_every_iterations", 1, "-run_outdir", "out"]

    def mount(self, size):
        """A file system of this many bytes at out."""
        if not os.environ.get(OWN_MOUNTS):
            self.skipTest("cannot mount here")
        out = self.path("out")
        out.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", out], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", out], check=True)
        return out

    def room_for(self, checkpoints):
        """A file system with room for log, metrics and so many checkpoints. Without the filler, as
        large as two of them, there is always enough."""
        out = self.mount(int((checkpoints + 2) * self.bytes) + 40 * KIB)
        (out / "filler").write_bytes(bytes(2 * self.bytes))
        return out

    def assert_same_end(self):
        self.train(*self.arguments())
        self.assert_same_state(self.checkpoint("out", LAST), self.reference)
        self.assert_iterations("out", LAST)

    def test_full_during_a_periodic_checkpoint(self):
        """There is room for one checkpoint and a half, until the test clears some."""
        endless = ["-train_iterations", 1000000, "-ckpt_keep", 2]
        out = self.room_for(1.5)
        run = self.start("train", *self.arguments(), *endless)
        run.wait_for("warning: checkpoint of iteration 2: ")
        self.assertRegex(run.output(), "iteration 2: .* could not be written: it needs [0-9.]+ MB "
                                       "and out has [0-9.]+ MB free")
        self.assertTrue(self.checkpoint("out", 1).exists())
        (out / "filler").unlink()
        run.wait_for("checkpoint: out/admmnet.ckpt.", times=3)
        run.send(signal.SIGTERM)
        result = run.end()
        self.assertEqual(result.code, STOPPED, result.output)
        self.assertEqual(list(out.glob("*.tmp")), [])
        self.assert_iterations("out", self.summary("out")["iterations"])

    def test_full_during_the_final_checkpoint(self):
        out = self.room_for(1.5)
        result = self.run_each_rank("train", *self.arguments(), code=IO_FAILURE)
        self.assert_says(result, f"warning: checkpoint of iteration {LAST}: ",
                         "the final checkpoint could not be written", "-run_outdir")
        self.assertEqual([file.name for file in out.glob("*.ckpt.*")], ["admmnet.ckpt.1.h5"])
        (out / "filler").unlink()
        self.assert_same_end()

    def test_full_from_the_beginning(self):
        """Not even a lock can be made."""
        out = self.mount(4 * KIB)
        (out / "filler").write_bytes(bytes(4 * KIB))
        self.run_each_rank("train", *self.arguments(), code=IO_FAILURE)

    def test_read_only_folder(self):
        out = self.mount(KIB * KIB)
        subprocess.run(["mount", "-o", "remount,ro", out], check=True)
        for command in (["train", *self.arguments()],
                        ["predict", "-run_model", self.reference, *self.arguments()]):
            result = self.run_each_rank(*command, code=IO_FAILURE)
            self.assert_says(result, "out/admmnet.", "Read-only file system")

    def test_folder_below_a_file(self):
        self.path("file").write_text("")
        for command in (["train"], ["predict", "-run_model", self.reference]):
            result = self.run_each_rank(*command, *self.arguments(), "-run_outdir", "file/out",
                                        code=IO_FAILURE)
            self.assert_says(result, "cannot make the folder file/out: Not a directory")

    def limit_files(self, run, limit):
        """How long the files of rank 1 may become; -1: as long as they like."""
        rank = run.ranks()[1]
        hard = resource.prlimit(rank, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(rank, resource.RLIMIT_FSIZE, (limit if limit >= 0 else hard, hard))

    def test_one_rank_may_write_no_more(self):
        """Rank 1 alone meets the limit, in the middle of the writing."""
        endless = ["-train_iterations", 1000000, "-grid_rows", 1]
        run = self.start("train", *self.arguments(), *endless)
        run.wait_for("checkpoint: out/")
        self.limit_files(run, 0)
        run.wait_for("warning: checkpoint of iteration ")
        self.assertRegex(run.output(), "could not be written: .*File too large.*rank 1")
        self.limit_files(run, -1)
        written = run.output().count("checkpoint: out/")
        run.wait_for("checkpoint: out/", times=written + 2)

        self.limit_files(run, 0)
        failed = run.output().count("warning: checkpoint of")
        run.wait_for("warning: checkpoint of", times=failed + 1)
        run.send(signal.SIGTERM)
        result = run.end()
        self.assertEqual(result.code, IO_FAILURE, result.output)
        self.assert_says(result, "the final checkpoint could not be written")
        self.assertEqual(list(self.path("out").glob("*.tmp")), [])


def enter_own_mounts():
    """Starts this script again in a mount name space of its own, if there can be one."""
    if os.environ.get(OWN_MOUNTS):
        return
    for options in (["--mount"], ["--mount", "--map-root-user"]):
        unshare = ["unshare", *options]
        try:
            probe = subprocess.run(
                [*unshare, "mount", "-t", "tmpfs", "none", tempfile.gettempdir()],
                stderr=subprocess.DEVNULL)
        except OSError:
            return
        if probe.returncode == 0:
            os.environ[OWN_MOUNTS] = "yes"
            os.execvp("unshare", [*unshare, sys.executable, *sys.argv])


if __name__ == "__main__":
    enter_own_mounts()
    harness.main()
