"""-run_stall_minutes: a rank that does nothing any more ends the run, which can go on; ranks that
work, or that stand still together, do not."""
import os
import re
import signal
import time

import harness
from harness import STOPPED

LIMIT = 2.4  # seconds


class Stall(harness.Case):
    def test_a_stopped_rank_and_a_stopped_run(self):
        data = harness.make_idx(self.folder / "data")
        command = ["train", "-data_dir", data, "-net_hidden", 6, "-admm_blocks", 8,
                   "-train_iterations", 1000000,
                   "-ckpt_every_iterations", 1, "-run_outdir", "out",
                   "-run_stall_minutes", LIMIT / 60]

        # A rank is stopped: the other one says where it waits, and the launcher ends both.
        run = self.start(*command)
        run.wait_for("checkpoint: ", times=3)
        processes = run.ranks()
        stopped = time.monotonic()
        run.send(signal.SIGSTOP, {1})
        result = run.end(30)
        self.assertEqual(result.code, STOPPED, result.output)
        self.assertGreater(time.monotonic() - stopped, LIMIT)
        self.assertRegex(result.output, r"\[rank 0/\S+\] admmnet: stalled: nothing has ended for "
                                        r"0\.04 minutes in (phase .+|no timed phase.*), pass \d+, "
                                        r"step \d+ of 8\n")
        self.assertNotRegex(result.output, r"\[rank 1/\S+\] admmnet: stalled")
        self.assert_says(result, "admmnet: the run has stalled, and ends with exit code 10: the "
                                 "same command goes on")
        for process in processes.values():
            self.assertFalse(os.path.exists(f"/proc/{process}/exe"))

        # The same command goes on. All ranks stand still for longer than the limit, and work for
        # longer than the limit.
        run = self.start(*command)
        run.wait_for("continues after iteration: ")
        self.assertGreater(int(re.search(r"after iteration: (\d+)", run.output()).group(1)), 0)
        run.wait_for("checkpoint: ")
        run.send(signal.SIGSTOP)
        time.sleep(1.2 * LIMIT)
        run.send(signal.SIGCONT)
        time.sleep(1.2 * LIMIT)
        run.send(signal.SIGTERM)
        result = run.end()
        self.assertEqual(result.code, STOPPED, result.output)
        self.assert_says(result, "stop reason: signal\n")
        self.assertNotIn("stalled", result.output)


if __name__ == "__main__":
    harness.main()
