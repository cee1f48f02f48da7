"""A training run over two nodes that nothing disturbs, one whose deck is wrong, and a call that
Slurm's copy of the script must refuse."""
import slurm_harness
from slurm_harness import Case


class Finish(Case):
    def test_two_nodes(self):
        job = self.train(environment={"SLURM_MPI_TYPE": "none"})  # a default that starts no MPI
        self.assert_ended(job, "COMPLETED", 0, 0)
        self.assert_says(job, r"job \d+, restart 0, 2 node\(s\) n\[1-2\], 4 rank\(s\)$",
                         r"launcher: srun .*--mpi=pmix .*\(tried: its ranks find each other\)$",
                         r"threads: 1 a rank$", r"n1: rank 0 on cores [0-9,-]+$",
                         r"n1: rank 1 on", r"n2: rank 2 on", r"n2: rank 3 on",
                         r"^nodes: 2 \(n\[1-2\]\)$", r"^ranks: 4$", r"^BLAS threads a rank: 1$",
                         r"train.sbatch: finished\.$")
        self.assertEqual(self.summary("out")["stop_reason"], "budget")
        self.assert_as_undisturbed()

        again = self.train()  # nothing is left to do, and nothing is done
        self.assert_ended(again, "COMPLETED", 0, 0)
        self.assert_says(again, "^this run is finished")

    def test_mpirun_where_srun_cannot(self):
        job = self.train(environment={"ADMMNET_SRUN_OPTIONS": "--mpi=none"})
        self.assert_ended(job, "COMPLETED", 0, 0)
        self.assert_says(job, r"launcher: mpirun -n 4 --bind-to core .*\(tried: srun cannot start",
                         r"n1: rank 0 on cores \d+$", r"n1: rank 1 on cores \d+$",
                         r"n2: rank 3 on cores \d+$", r"^nodes: 2 \(n\[1-2\]\)$", r"^ranks: 4$")
        self.assert_as_undisturbed()

    def test_threads(self):
        job = self.train("-train_iterations", 2,
                         options=["--ntasks-per-node=1", "--cpus-per-task=2"])
        self.assert_ended(job, "COMPLETED", 0, 0)
        self.assert_says(job, r"threads: 2 a rank$", r"^BLAS threads a rank: 2$", r"^ranks: 2$")

    def test_failing_deck_ends_at_once(self):
        job = self.train("-admm_betta", 1)
        self.assert_ended(job, "FAILED", 2, 0)
        self.assert_says(job, "admm_beta", "failed with exit code 2 .*not started again")

    def test_no_deck(self):
        job = self.submit("nothing.yaml")
        self.assert_ended(job, "FAILED", 2, 0)
        self.assert_says(job, "there is no deck nothing.yaml")


if __name__ == "__main__":
    slurm_harness.harness.main()
