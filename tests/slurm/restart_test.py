"""Runs that are interrupted: by the time limit, by a user, by the death of a node. Each of them ends
with the weights of a run that nothing disturbed, bit for bit."""
import os
import re
import time

import slurm_harness
from slurm_harness import Case, ITERATIONS, cluster, command


class Interrupted(Case):
    def assert_stopped_early(self, job):
        """By now the job has written a checkpoint in the midst of the run."""
        job.wait_for("^stop reason: signal$")
        self.assertLess(self.summary("out")["iterations"], ITERATIONS)

class TimeLimit(Interrupted):
    """It waits for Slurm's clock nearly all of the time: in a cluster of its own, beside others."""

    def test_time_limit(self):
        # The ranks wait where they are for the signal, which Slurm sends within half a minute after it
        # is due: a limit that is shortened makes it due now, and not before the training began. A
        # further iteration as long as that would not fit, so another limit than the job's is given
        # to the program: it is the signal that must stop it.
        job = self.train("-run_max_walltime", "1:00:00",
                         options=["--time=10", "--signal=B:USR2@100"])
        job.iterate()
        job.send("--signal=STOP")
        command("scontrol", "update", f"jobid={job.number}", "timelimit=2")
        job.wait_for("SIGUSR2: checkpoint and stop", timeout=200)
        job.send("--signal=CONT")
        self.assert_stopped_early(job)
        self.assert_says(job, "-run_max_walltime 0:0[89]:")
        job.wait_for(r"stopped and requeued: restart 1 of at most 50\.$")
        command("scontrol", "update", f"jobid={job.number}", "timelimit=10")
        self.assert_ended(job, "COMPLETED", 0, 1)
        self.assert_says(job, "restart 1, 2 node", "^continues after iteration: ")
        self.assert_as_undisturbed()


class Restart(Interrupted):
    def test_signal_with_mpirun(self):
        job = self.train(environment={"ADMMNET_LAUNCHER": "mpirun"})
        job.iterate()
        job.send("--batch", "--signal=USR1")
        job.wait_for("SIGUSR1: checkpoint$")
        job.iterate()
        job.send("--batch", "--signal=USR2")
        self.assert_stopped_early(job)
        self.assert_ended(job, "COMPLETED", 0, 1)
        self.assert_says(job, "launcher: mpirun .*as site.sh says", "stopped and requeued")
        self.assert_as_undisturbed()

    def test_a_rank_that_hangs_and_no_more_restarts_than_allowed(self):
        job = self.train("-run_stall_minutes", "0.05", environment={"ADMMNET_MAX_RESTARTS": "0"})
        job.iterate()
        cluster("exec", "n2", "pkill", "-STOP", "-n", "-x", "admmnet")
        self.assert_ended(job, "FAILED", 10, 0)
        stalled = re.findall(r"^\[rank (\d)/(n\d)\] admmnet: stalled: ", job.output(), re.MULTILINE)
        self.assertEqual(len(stalled), 3, job.output())
        self.assertEqual([host for _, host in stalled].count("n2"), 1, stalled)
        self.assert_says(job, "stopped after 0 restarts, as many as ADMMNET_MAX_RESTARTS allows")

    def test_a_signal_before_the_training_began_ends_the_job(self):
        """Or else a time limit below the seconds of --signal would requeue it for nothing."""
        slow = self.folder / "admmnet"
        slow.write_text(f'#!/bin/sh\nsleep 3\nexec {os.environ["ADMMNET"]} "$@"\n')
        slow.chmod(0o755)
        job = self.train(environment={"ADMMNET": str(slow)})
        job.wait_for("restart 0, 2 node")
        job.send("--batch", "--signal=USR2")
        self.assert_ended(job, "FAILED", 10, 0)
        self.assert_says(job, "before the training began; not started again: --time must be")

    def test_scancel(self):
        job = self.train()
        job.iterate()
        job.send()  # CONT and TERM to every process, KILL after KillWait
        self.assert_stopped_early(job)
        self.assertEqual(job.wait()["JobState"], "CANCELLED")
        self.assert_says(job, "SIGTERM: checkpoint and end", "stopped; the same command continues")
        again = self.train()
        self.assert_ended(again, "COMPLETED", 0, 0)
        self.assert_says(again, "^continues after iteration: ")
        self.assert_as_undisturbed()

    def test_scancel_term_to_the_batch_shell(self):
        job = self.train(environment={"ADMMNET_LAUNCHER": "mpirun"})
        job.iterate()
        job.send("--batch", "--signal=TERM")
        self.assert_stopped_early(job)
        self.assert_ended(job, "FAILED", 10, 0)

    def test_term_to_the_ranks(self):
        job = self.train()
        job.iterate()
        job.send("--signal=TERM")
        self.assert_stopped_early(job)
        self.assert_ended(job, "COMPLETED", 0, 1)
        self.assert_as_undisturbed()

    def test_scontrol_requeue(self):
        job = self.train()
        job.iterate()
        command("scontrol", "requeue", job.number)
        self.assert_ended(job, "COMPLETED", 0, 1)
        self.assert_says(job, "restart 1, 2 node", "^continues after iteration: ")
        self.assert_as_undisturbed()

    def crash(self, node):
        job = self.train()
        job.wait_for(r"^checkpoint: .*ckpt\.[\d.]+\.h5")
        job.iterate(1)
        cluster("crash", node)
        command("scontrol", "update", f"nodename={node}", "state=down", "reason=crash")
        time.sleep(1)
        cluster("boot", node)
        self.assert_ended(job, "COMPLETED", 0, 1)
        self.assert_says(job, r"^restart: out/admmnet\.ckpt\.[\d.]+\.h5$",
                         r"^continues after iteration: \d*[05]$")
        self.assert_as_undisturbed()

    def test_node_crashes(self):
        self.crash("n2")

    def test_node_of_the_batch_shell_crashes(self):
        self.crash("n1")


if __name__ == "__main__":
    slurm_harness.harness.main()
