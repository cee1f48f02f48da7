"""chain.sh: a run over several jobs that may not requeue themselves."""
import re

import slurm_harness
from slurm_harness import Case, ITERATIONS, JOBS, Job, command


class Chain(Case):
    def chain(self, length, *arguments):
        said = command(JOBS / "chain.sh", length, self.deck, "-run_outdir", "out", *arguments,
                       "--", "--time=10", "--output=%j.out", cwd=self.folder)
        numbers = re.findall(r"job (\d+), \d of", said)
        self.assertEqual(len(numbers), length, said)
        return [Job(number, self.folder / f"{number}.out") for number in numbers]

    def test_three_jobs(self):
        first, second, third = self.chain(3)
        for job in (first, second):
            job.iterate()
            job.send("--batch", "--signal=USR2")
            self.assert_ended(job, "FAILED", 10, 0)
            self.assert_says(job, "stopped; the next job of the chain deck.chain")
        self.assert_ended(third, "COMPLETED", 0, 0)
        self.assert_says(third, "^continues after iteration: ")
        self.assert_as_undisturbed()

    def test_finished_early(self):
        first, second = self.chain(2, "-run_name", "a.sbatch")
        self.assert_ended(first, "COMPLETED", 0, 0)
        self.assertEqual(second.wait()["JobState"], "CANCELLED")
        self.assertFalse(second.path.exists())
        self.assertEqual(self.summary("out", "a.sbatch")["iterations"], ITERATIONS)

    def test_failing_deck_ends_the_chain_at_once(self):
        first, *others = self.chain(3, "-admm_betta", 1)
        self.assert_ended(first, "FAILED", 2, 0)
        for job in others:
            self.assertEqual(job.wait()["JobState"], "CANCELLED")
            self.assertFalse(job.path.exists())


if __name__ == "__main__":
    slurm_harness.harness.main()
