"""Checkpoints in the middle of a pass, and the values that a run takes from its checkpoint."""
import pathlib
import shutil

import harness
from harness import BAD_INPUT

LAST = 3
OLDER = pathlib.Path(__file__).parent / "older.ckpt.1.3.h5"


def write_table(path):
    """40 samples of three features in two classes: those of OLDER."""
    rows = [f"{i % 7},{i * i % 11},{i * 5 % 13},{'even' if i * i % 11 % 2 == 0 else 'odd'}"
            for i in range(40)]
    path.write_text("a,b,c,label\n" + "\n".join(rows) + "\n")


class MidPass(harness.Case):
    @classmethod
    def setUpClass(cls):
        """A run in one go, with a checkpoint after every step."""
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        cls.common.train_on(cls.data, "straight", "-ckpt_every_minutes", 1e-9, "-ckpt_keep", 1000,
                            "-admm_step", 7)

    def train_on(self, data, outdir, *arguments, **options):
        return self.train("-data_dir", data, "-net_hidden", "12,9", "-train_iterations", LAST,
                          "-run_outdir", outdir, *arguments, **options)

    def stopped_at(self, position):
        """A folder as the run would have left it, had it been killed after this checkpoint."""
        self.path(position).mkdir()
        shutil.copy(self.common.checkpoint("straight", position), self.path(position))
        return position

    def test_resumed_after_some_steps_of_a_pass(self):
        """The first pass, a middle one and the last: bit by bit, with the values of the checkpoint
        (-admm_step is not given again)."""
        for position in ("0.1", "1.5", "2.7"):
            with self.subTest(position=position):
                result = self.train_on(self.data, self.stopped_at(position))
                passes, steps = position.split(".")
                self.assert_says(result, f"continues after iteration: {passes}, {steps} of 8 steps "
                                         "of the next pass\n")
                self.assert_same_state(self.checkpoint(position, LAST),
                                       self.common.checkpoint("straight", LAST))
                self.assertEqual([row["objective"] for row in self.metrics(position)],
                                 [row["objective"] for row in self.common.metrics("straight")])
                used = (self.path(position) / "admmnet.used.yaml").read_text()
                self.assertIn("\n  step: 7\n", used)

    def test_a_lower_budget_finishes_the_pass(self):
        outdir = self.stopped_at("1.5")
        self.train_on(self.data, outdir, "-train_iterations", 1)
        self.assert_iterations(outdir, 2)

    def test_a_key_that_is_fixed_stays(self):
        result = self.train_on(self.data, self.stopped_at("1.5"), "-admm_blocks", 4,
                               code=BAD_INPUT)
        self.assert_says(result, "-admm_blocks: 8 -> 4\n")

    def test_an_older_programs_checkpoint_goes_on_with_its_values(self):
        """OLDER was written by version 0.1.0 with values that are no defaults."""
        table = self.folder / "table.csv"
        write_table(table)
        self.path("old").mkdir()
        shutil.copy(OLDER, self.path("old") / "admmnet.ckpt.1.3.h5")
        result = self.train("-data_format", "csv", "-data_train", table, "-net_hidden", 4,
                            "-train_iterations", LAST, "-run_outdir", "old")
        self.assert_says(result, "continues after iteration: 1, 3 of 8 steps of the next pass\n")
        self.assert_iterations("old", LAST)
        used = (self.path("old") / "admmnet.used.yaml").read_text()
        for value in ("gram_every: 3", "step: 9", "damping: 0.2", "blocks: 8", "loss: softmax"):
            self.assertIn(f"\n  {value}\n", used)


if __name__ == "__main__":
    harness.main()
