"""Who may stand between the program and MPI: a user's profiler, or the library that counts messages
for -run_count_communication (what it counts: train_predict_test.py, tests/runtime)."""
import os
import re
import subprocess

import harness
from harness import BAD_INPUT


class MpiTools(harness.Case):
    def setUp(self):
        super().setUp()
        data = harness.make_idx(self.folder / "data")
        self.arguments = ["train", "-data_dir", data, "-net_hidden", 6, "-train_iterations", 2,
                          "-run_outdir", "out"]

    def test_the_program_defines_nothing_of_mpi(self):
        symbols = subprocess.run(["nm", "-D", "--defined-only", harness.PROGRAM], check=True,
                                 stdout=subprocess.PIPE, text=True).stdout
        self.assertIn(" T pilaenv_", symbols)  # it does define something
        self.assertEqual(re.findall(r"\bP?MPI_\w+", symbols), [])

    def test_a_profiler_sees_the_messages(self):
        preloaded = ["env", f"LD_PRELOAD={os.environ['ADMMNET_COUNT_ALLREDUCES']}"]
        result = self.run_program(*self.arguments, wrapper=preloaded)
        calls = re.findall(r"MPI_Allreduce was called (\d+) times", result.output)
        self.assertEqual(len(calls), 2, result.output)
        self.assertTrue(all(int(count) > 0 for count in calls), calls)

    def test_counting_needs_the_library(self):
        result = self.run_each_rank(*self.arguments, "-run_count_communication", "true",
                                    code=BAD_INPUT)
        self.assert_says(result, " ".join([*harness.COUNTED, harness.PROGRAM, "train"]))
        self.assertNotIn("missing", result.output)
        self.assertFalse(self.path("out").exists())


if __name__ == "__main__":
    harness.main()
