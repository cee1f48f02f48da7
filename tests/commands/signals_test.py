"""Runs that are stopped from outside: signals, the wall clock, SIGKILL after a checkpoint that was
asked for.

The runs have more iterations than they will ever make, so that no machine is too fast. After two
stops and continuations the state must be that of a run in one go, bit by bit. The steps depend on
-train_iterations, so the run in one go has the same number, and is killed at the same iteration."""
import os
import re
import signal
import time

import harness
from harness import FINISHED, STOPPED

ENDLESS = 1000000
POSITION = re.compile(r"checkpoint: out/admmnet\.ckpt\.([\d.]+)\.h5")


class Signals(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")

    def arguments(self, outdir):
        return ["train", "-data_dir", self.data, "-net_hidden", 6, "-train_iterations", ENDLESS,
                "-run_outdir", outdir]

    def start_here(self, *arguments, outdir="out", **options):
        return self.start(*self.arguments(outdir), *arguments, **options)

    def iterate(self, run, times=3):
        """Waits for lines of the table of iterations."""
        run.wait_for("== iterations ==")
        self.wait_for_rows(run, times)

    def wait_for_rows(self, run, times):
        deadline = time.monotonic() + 60
        while sum(line.split()[:1] != [] and line.split()[0].isdigit() and len(line.split()) == 7
                  for line in list(run.lines)) < times:
            self.assertLess(time.monotonic(), deadline, run.output())
            time.sleep(0.005)

    def stopped_at(self, run, reason):
        """The iteration at which a run has stopped early, with all that belongs to it."""
        result = run.end()
        self.assertEqual(result.code, STOPPED, result.output)
        self.assert_says(result, f"stop reason: {reason}\n")
        summary = self.summary("out")
        last = summary["iterations"]
        self.assertEqual(summary["stop_reason"], reason)
        self.assertRegex(summary["checkpoint"], rf"^out/admmnet\.ckpt\.{last}(\.\d+)?\.h5$")
        self.assertFalse((self.path("out") / "admmnet.lock").exists())
        self.assert_iterations("out", last)
        return last

    def run_to(self, last, outdir):
        run = self.start_here("-ckpt_every_iterations", last, outdir=outdir)
        run.wait_for(f"checkpoint: {outdir}/admmnet.ckpt.{last}.h5")
        run.kill()

    def assert_as_in_one_go(self, last):
        if not self.checkpoint("out", last).exists():  # stopped in the middle of the next pass
            last += 1
            self.run_to(last, "out")
        self.run_to(last, "straight")
        self.assert_same_state(self.checkpoint("out", last), self.checkpoint("straight", last))

    def stop_twice(self, stop, reason, *arguments):
        """Stopped, continued, stopped again; returns the last iteration."""
        stops = []
        for _ in range(2):
            run = self.start_here(*arguments)
            stop(run)
            stops.append(self.stopped_at(run, reason))
        self.assert_continues(run, stops[0])
        self.assertGreater(stops[1], stops[0])
        self.assert_as_in_one_go(stops[1])
        return stops[1]

    def assert_continues(self, run, last):
        self.assertRegex(run.output(), rf"continues after iteration: {last}(, \d+ of .*)?\n")

    def send_when_under_way(self, number, ranks):
        def stop(run):
            self.iterate(run)
            run.send(number, ranks)
        return stop

    # ---- stops ----
    def test_sigterm_to_every_rank(self):
        last = self.stop_twice(self.send_when_under_way(signal.SIGTERM, None), "signal")
        finished = self.start_here("-train_iterations", last + 2).end()
        self.assertEqual(finished.code, FINISHED, finished.output)
        self.assert_iterations("out", last + 2)

    def test_sigint_to_one_rank(self):
        self.stop_twice(self.send_when_under_way(signal.SIGINT, {1}), "signal")

    def test_signals_to_ranks_that_are_left_over(self):
        """A batch system signals all of them."""
        run = self.start_here("-grid_rows", 2, ranks=3)
        self.iterate(run)
        run.send(signal.SIGUSR1)
        run.wait_for("checkpoint: ")
        run.send(signal.SIGTERM)
        self.stopped_at(run, "signal")

    def test_signals_before_the_first_iteration(self):
        """A request for a checkpoint is answered after it and must not end a run that reads; a
        request to stop ends it at once."""
        many = harness.samples(50, 3)
        harness.write_images(self.folder / "train-images-idx3-ubyte", many[0] * 2000)
        harness.write_labels(self.folder / "train-labels-idx1-ubyte", many[1] * 2000)
        for number, says in ((signal.SIGUSR1, "checkpoint: "),
                             (signal.SIGTERM, "stop reason: signal")):
            run = self.start_here("-data_dir", ".", "-run_name", number.name)
            run.wait_for("seed: ")
            run.send(number)
            run.wait_for(says)
            if number == signal.SIGTERM:
                self.assertEqual(run.end().code, STOPPED, run.output())
            run.kill()

    def test_signals_while_mpi_starts(self):
        """Nothing is done and nothing lost."""
        preloaded = {"LD_PRELOAD": os.environ["ADMMNET_SIGNAL_IN_MPI_INIT"]}
        for number in (signal.SIGUSR2, signal.SIGTERM):
            run = self.start_here(ranks=0, environment={
                **preloaded, "ADMMNET_TEST_SIGNAL": str(int(number))})
            result = run.end()
            self.assertEqual(result.code, STOPPED, result.output)
            self.assert_says(result, "stopped by a signal before the first iteration",
                             "stop reason: signal\n")
            self.assertFalse(self.path("out").exists())
        run = self.start_here("-train_iterations", 2, "-admm_blocks", 8, ranks=0, environment={
            **preloaded, "ADMMNET_TEST_SIGNAL": str(int(signal.SIGUSR1))})
        self.assert_says(run.end(), "checkpoint: out/admmnet.ckpt.0.1.h5")

    def test_restart_at_once_after_the_launcher_was_killed(self):
        """Its ranks live on for a moment and hold the lock."""
        run = self.start_here("-ckpt_every_iterations", 1)
        self.iterate(run)
        ranks = run.ranks().values()
        os.kill(run.process.pid, signal.SIGKILL)
        result = self.start_here("-train_iterations", 3, ranks=0).end()
        self.assertEqual(result.code, FINISHED, result.output)
        for process in ranks:
            self.assertFalse(os.path.exists(f"/proc/{process}/exe"))
        if "waiting up to" in result.output:
            self.assert_says(result, "which holds out/admmnet.lock")

    def test_sigusr2(self):
        self.stop_twice(self.send_when_under_way(signal.SIGUSR2, {0}), "signal")

    def test_wall_clock(self):
        limit = 3
        self.stop_twice(lambda run: None, "wall_clock", "-run_max_walltime", f"00:00:0{limit}")
        # An iteration and a checkpoint take some hundredths of a second, on a busy machine more.
        self.assertLess(self.summary("out")["seconds_total"], limit + 5)

    def test_second_sigterm_stops_without_a_checkpoint(self):
        """Rank 1 is held up, so that the iteration lasts until both signals are there. Within a
        second they would count as one."""
        run = self.start_here()
        self.iterate(run)
        run.send(signal.SIGSTOP, {1})
        for pause in (1.2, 0):
            run.send(signal.SIGTERM, {0})
            time.sleep(pause)
        run.send(signal.SIGCONT, {1})
        result = run.end()
        self.assertEqual(result.code, STOPPED, result.output)
        self.assertEqual(sorted(file.name for file in self.path("out").iterdir()),
                         ["admmnet.log", "admmnet.metrics.csv", "admmnet.used.yaml"])

    # ---- a checkpoint on request or by the clock, and no more ----
    def test_checkpoints_by_the_clock(self):
        run = self.start_here("-ckpt_every_minutes", 0.005)
        run.wait_for("checkpoint: ", times=2)
        taken = POSITION.findall(run.output())[:2]
        run.kill()
        self.assertGreater(*([int(n) for n in place.split(".")] for place in reversed(taken)))
        written = [self.checkpoint("out", position).stat().st_mtime for position in taken]
        self.assertGreater(written[1] - written[0], 0.2)  # 0.3 s, less the clock's grain

    def test_sigusr1_then_kill(self):
        run = self.start_here()
        self.iterate(run)
        run.send(signal.SIGUSR1, {1})
        run.wait_for("checkpoint: ")
        self.wait_for_rows(run, len(run.lines) + 3)  # it goes on
        run.kill()
        self.assertEqual(run.output().count("checkpoint: "), 1)
        saved = int(POSITION.findall(run.output())[0].split(".")[0])
        self.assertGreater(len(self.metrics("out")), saved)  # work that is lost, and done again

        run = self.start_here()
        self.iterate(run)
        run.send(signal.SIGTERM)
        last = self.stopped_at(run, "signal")
        self.assertIn("took over out/admmnet.lock", run.output())
        self.assert_continues(run, saved)
        self.assert_as_in_one_go(last)


if __name__ == "__main__":
    harness.main()
