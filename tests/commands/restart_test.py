"""Restart: a run in pieces is the run in one go, bit by bit on the same grid; what may change
between the pieces, what may not, and what -run_restart does. Stops by signals and by the wall clock
are in signals_test.py, kills in faults_test.py."""
import shutil

import harness
from harness import BAD_INPUT, IO_FAILURE

LAST = 5
SWEEPS = {"blocks": [],
          "wide": ["-linalg_weight_solver", "dual,low_rank", "-linalg_activation_solver", "ray"],
          "full": ["-admm_sweep", "full"],
          "printed": ["-admm_sweep", "printed", "-admm_warmup", 2],
          "accelerated": ["-admm_sweep", "printed", "-admm_warmup", 2, "-admm_multiplier",
                          "residual", "-train_acceleration", "anderson"]}


class Restart(harness.Case):
    @classmethod
    def setUpClass(cls):
        """The runs in one go that all others are compared with, with all their checkpoints."""
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        for sweep in SWEEPS:
            cls.common.train_here(sweep, sweep)

    def train_here(self, outdir, sweep, *arguments, **options):
        return self.train("-data_dir", self.data, "-net_hidden", 12, "-train_iterations", LAST,
                          "-ckpt_every_iterations", 1, "-ckpt_keep", LAST, *SWEEPS[sweep],
                          "-run_outdir", outdir, *arguments, **options)

    def reference(self, sweep="blocks", iteration=LAST):
        return self.common.checkpoint(sweep, iteration)

    def stopped_after(self, last, outdir="out", sweep="blocks"):
        """A folder as the run would have left it, had it been killed after this iteration."""
        self.path(outdir).mkdir()
        for k in range(1, last + 1):
            shutil.copy(self.reference(sweep, k), self.path(outdir))
        shutil.copy(self.common.path(sweep) / "admmnet.metrics.csv", self.path(outdir))
        return outdir

    def assert_as_in_one_go(self, outdir, sweep="blocks"):
        self.assert_same_state(self.checkpoint(outdir, LAST), self.reference(sweep))
        self.assert_iterations(outdir, LAST)
        summaries = [self.summary(outdir), self.common.summary(sweep)]
        for key in ("iterations", "best_iteration", "train_accuracy", "test_accuracy", "test_loss"):
            self.assertEqual(summaries[0][key], summaries[1][key], key)

    # ---- the same numbers ----
    def test_stopped_after_an_iteration(self):
        for sweep in SWEEPS:
            for k in (1, LAST - 1):  # an odd and an even one
                with self.subTest(sweep=sweep, stopped_after=k):
                    outdir = self.stopped_after(k, f"{sweep}{k}", sweep)
                    result = self.train_here(outdir, sweep)
                    self.assert_says(result, f"continues after iteration: {k}\n")
                    self.assert_as_in_one_go(outdir, sweep)

    def test_stopped_by_the_budget(self):
        """Only the printed sweep: the others' steps depend on the number of iterations."""
        for last in (1, 3, LAST):
            self.train_here("out", "printed", "-train_iterations", last)
        self.assert_as_in_one_go("out", "printed")

    def test_paused(self):
        """Every sweep: its steps are those of train_iterations."""
        for sweep in SWEEPS:
            with self.subTest(sweep=sweep):
                for pause in (1, 3):
                    result = self.train_here(sweep, sweep, "-train_pause_after", pause)
                    self.assert_says(result, "stop reason: pause")
                    self.assert_iterations(sweep, pause)
                    self.assertEqual(self.summary(sweep)["stop_reason"], "pause")
                again = self.train_here(sweep, sweep, "-train_pause_after", 3)
                self.assert_says(again, "this run waits (pause after 3 iterations): raise "
                                 "-train_pause_after to go on")
                self.train_here(sweep, sweep)
                self.assert_as_in_one_go(sweep, sweep)

    def test_a_pause_that_came_too_late(self):
        outdir = self.stopped_after(3)  # killed, with a checkpoint behind the pause
        result = self.train_here(outdir, "blocks", "-train_pause_after", 2)
        self.assert_says(result, "stop reason: pause")
        self.assert_iterations(outdir, 3)
        self.train_here(outdir, "blocks", "-train_pause_after", LAST)
        self.assert_as_in_one_go(outdir)

    def test_another_grid_goes_on_to_rounding(self):
        """4 passes after the change, to the tolerances of src/methods/taylor/README.md §11: `printed`
        may lose more to the condition of its Gram matrices, at most 1e-6."""
        for sweep, tolerance in (("blocks", 1e-7), ("full", 1e-10), ("printed", 1e-6)):
            for ranks, grid in ((1, []), (3, ["-grid_rows", 2, "-grid_block", 5])):
                with self.subTest(sweep=sweep, ranks=ranks):
                    outdir = self.stopped_after(1, f"{sweep}{ranks}", sweep)
                    self.train_here(outdir, sweep, *grid, ranks=ranks)
                    self.assert_close_weights(self.checkpoint(outdir, LAST), self.reference(sweep),
                                              tolerance)
                    self.assert_iterations(outdir, LAST)

    def test_patience_counts_over_a_restart(self):
        command = ["-train_iterations", 60, "-train_patience", 3]
        result = self.train_here("straight", "blocks", *command)
        self.assert_says(result, "stop reason: patience")
        last = self.summary("straight")["iterations"]
        self.assertLess(last, 60)
        self.train_here("out", "blocks", *command, code=None,
                        environment={"ADMMNET_FAULT": f"before_delete:0:{last - 1}"})
        self.assert_says(self.train_here("out", "blocks", *command),
                         f"continues after iteration: {last - 1}\n", "stop reason: patience")
        self.assert_same_state(self.checkpoint("out", last), self.checkpoint("straight", last))
        self.assert_says(self.train_here("out", "blocks", *command),
                         f"this run is finished (patience after {last} iterations)")

    def test_residuals_end_a_run(self):
        """The primal one is small after pass 4, the dual one after pass 6 (they are not after 5)."""
        for tolerances, last in (({"primal": 0.05}, 4), ({"primal": 0.05, "dual": 0.1}, 6)):
            with self.subTest(tolerances=tolerances):
                outdir = "to" + "".join(tolerances)
                command = [outdir, "accelerated", "-train_iterations", 60]
                for name, tolerance in tolerances.items():
                    command += [f"-train_tolerance_{name}", tolerance]
                self.train_here(*command, "-train_iterations", 3)
                result = self.train_here(*command)
                self.assert_says(result, "stop reason: residuals",
                                 *(f", at most {number} asked for" for number in tolerances.values()))
                self.assertEqual(self.summary(outdir)["stop_reason"], "residuals")
                self.assertEqual(self.summary(outdir)["iterations"], last)
                self.assert_says(self.train_here(*command),
                                 f"this run is finished (residuals after {last} iterations)")

    # ---- a finished run ----
    def test_finished_run_says_so(self):
        self.train_here("out", "blocks", "-train_iterations", 2)
        before = {file: file.stat().st_mtime_ns for file in self.path("out").iterdir()
                  if file.suffix != ".log"}
        result = self.train_here("out", "blocks", "-train_iterations", 2)
        self.assert_says(result, "this run is finished (budget after 2 iterations)",
                         "raise -train_iterations to go on")
        self.assertNotIn("== iterations ==", result.output)
        self.assertEqual(before, {file: file.stat().st_mtime_ns for file in before})

    def test_finished_run_goes_on_with_more_iterations(self):
        self.train_here("out", "blocks", "-train_iterations", 2)
        result = self.train_here("out", "blocks", "-train_iterations", 4)
        self.assert_says(result, "-train_iterations: 2 -> 4", "continues after iteration: 2\n")
        self.assert_iterations("out", 4)
        self.assertEqual(self.summary("out")["iterations"], 4)

    def test_finished_run_without_summary_makes_one(self):
        """Killed between the final checkpoint and the summary."""
        self.assert_says(self.train_here(self.stopped_after(LAST), "blocks"), "test accuracy: ")
        self.assert_as_in_one_go("out")

    # ---- changes ----
    def test_forbidden_changes_are_refused_with_both_values(self):
        changes = [("-net_hidden", 12, 13), ("-net_activation", "relu", "leaky_relu"),
                   ("-net_loss", "softmax", "squared"), ("-net_bias", "true", "false"),
                   ("-data_scaling", "centred", "unit"), ("-data_validation", 60, 61),
                   ("-data_train_limit", 0, 599), ("-data_classes", "all", "0,1,2"),
                   ("-init_seed", 0, 1), ("-admm_sweep", "blocks", "printed"),
                   ("-admm_blocks", 1, 4)]
        finished = self.stopped_after(LAST, "finished")
        self.train_here(finished, "blocks")
        halfway = self.stopped_after(2, "halfway")
        for number, (key, old, new) in enumerate(changes):
            with self.subTest(key=key):
                result = self.train_here(finished if number % 2 else halfway, "blocks", key, new,
                                         code=BAD_INPUT)
                self.assert_says(result, "these keys may not change", f"{key}: {old} -> {new}\n")

    def test_other_labels_are_refused(self):
        other = harness.make_idx(self.folder / "other", labels=[1, 2, 3, 0])
        result = self.train_here(self.stopped_after(2), "blocks", "-data_dir", other,
                                 code=BAD_INPUT)
        self.assert_says(result, "the data is not that of the checkpoint")

    def test_other_values_are_refused(self):
        """One pixel of one image is another; on another grid, too, the same ones are accepted."""
        other = shutil.copytree(self.data, self.folder / "other")
        images = other / "train-images-idx3-ubyte"
        content = bytearray(images.read_bytes())
        content[16 + 64 * 17 + 5] ^= 1
        images.write_bytes(content)
        outdir = self.stopped_after(2)
        result = self.train_here(outdir, "blocks", "-data_dir", other, code=BAD_INPUT)
        self.assert_says(result, "the data is not that of the checkpoint: data_values ")
        self.train_here(outdir, "blocks", "-grid_rows", 2, "-grid_block", 5, ranks=4)
        self.assert_iterations(outdir, LAST)

    def test_a_checkpoint_that_does_not_know_the_values(self):
        """As earlier versions of the program wrote them."""
        outdir = self.stopped_after(2)
        with harness.h5py.File(self.checkpoint(outdir, 2), "r+") as file:
            del file["notes"].attrs["data_values"]
            del file["index"].attrs["attributes_checksum"]  # which format 1.0 does not have
            file.attrs.modify("format_version", [1, 0])
        result = self.train_here(outdir, "blocks")
        self.assert_says(result, "the checkpoint has no note data_values")
        self.assert_as_in_one_go(outdir)

    def test_allowed_changes_are_noted(self):
        moved = shutil.copytree(self.data, self.folder / "moved")
        changes = [("-train_iterations", LAST, 3), ("-train_tolerance", 0, 1e-9),
                   ("-train_patience", 0, 9), ("-admm_step", 25, 20), ("-ckpt_keep", LAST, 3),
                   ("-data_dir", self.data, moved)]
        result = self.train_here(self.stopped_after(2), "blocks",
                                 *[word for key, _, new in changes for word in (key, new)])
        for key, old, new in changes:
            self.assert_says(result, f"changed since the checkpoint: {key}: {old} -> {new}\n")
        self.assert_iterations("out", 3)

    # ---- -run_restart ----
    def test_none_is_refused_where_checkpoints_are(self):
        result = self.train_here(self.stopped_after(2), "blocks", "-run_restart", "none",
                                 code=BAD_INPUT)
        self.assert_says(result, "admmnet.ckpt.2.h5 is there", "-run_overwrite true")
        self.assertTrue(self.checkpoint("out", 2).exists())

    def test_none_with_overwrite_begins_anew(self):
        outdir = self.stopped_after(2)
        self.checkpoint(outdir, 2).write_bytes(b"not even a checkpoint")
        result = self.train_here(outdir, "blocks", "-run_restart", "none", "-run_overwrite", "true")
        self.assertNotIn("continues", result.output)
        self.assert_as_in_one_go(outdir)
        self.assertEqual(self.path(outdir).joinpath("admmnet.ckpt.2.h5.superseded").read_bytes(),
                         b"not even a checkpoint")

    def test_overwrite_alone_takes_the_place_of_a_finished_run(self):
        """Of one that is not finished it does not: a job that is started again gets to its end."""
        outdir = self.stopped_after(LAST)
        command = [outdir, "blocks", "-run_overwrite", "true"]
        result = self.train_here(*command, code=None,
                                 environment={"ADMMNET_FAULT": "before_delete:0:2"})
        self.assert_says(result, "begins anew, the run that is here is finished",
                         f"{outdir}/admmnet.ckpt.{LAST}.h5 (now .superseded)")
        result = self.train_here(*command)
        self.assert_says(result, "not finished and goes on", "continues after iteration: 2\n")
        self.assert_as_in_one_go(outdir)

    def test_overwrite_alone_takes_the_place_of_another_problem(self):
        outdir = self.stopped_after(2)
        result = self.train_here(outdir, "blocks", "-run_overwrite", "true", "-init_seed", 1)
        self.assert_says(result, "begins anew, the run that is here has another problem")
        self.assert_iterations(outdir, LAST)

    def test_none_is_an_ordinary_start_in_an_empty_folder(self):
        self.train_here("out", "blocks", "-run_restart", "none")
        self.assert_as_in_one_go("out")

    def test_a_file_is_taken_newer_ones_are_set_aside(self):
        outdir = self.stopped_after(4)
        result = self.train_here(outdir, "blocks", "-run_restart", self.checkpoint(outdir, 2))
        self.assert_says(result, "continues after iteration: 2\n", "admmnet.ckpt.4.h5 (now .supers")
        self.assert_as_in_one_go(outdir)

    def test_a_file_of_another_folder_is_taken(self):
        self.train_here("out", "blocks", "-run_restart", self.reference(iteration=3))
        self.assert_as_in_one_go("out")

    def test_a_file_again_goes_on(self):
        """A job that is requeued has the same command: it does not lose what it has done since."""
        for deleted in (False, True):
            outdir, first = f"out{deleted}", self.folder / "first.h5"
            shutil.copy(self.reference(iteration=2), first)
            command = [outdir, "blocks", "-run_restart", first]
            self.train_here(*command, code=None, environment={"ADMMNET_FAULT": "before_delete:0:2"})
            if deleted:
                first.unlink()
            result = self.train_here(*command)
            self.assert_says(result, f"restart: {outdir}/admmnet.ckpt.4.h5\n",
                             f"this run was begun from {first} (iteration 2, written ",
                             "continues after iteration: 4\n")
            self.assert_as_in_one_go(outdir)
            self.assert_says(self.train_here(*command), "this run is finished")
        self.train_here(*command[:2])  # auto passes the note on
        result = self.run_each_rank("train", "-data_dir", self.data, "-run_outdir", outdir,
                                    "-run_restart", first, "-run_overwrite", "true",
                                    code=IO_FAILURE)
        self.assert_says(result, "No such file")

    def test_a_file_again_with_overwrite_begins_there(self):
        first = shutil.copy(self.reference(iteration=2), self.folder / "first.h5")
        for more, says in (([], "continues after iteration: 2\n"), ([], "this run is finished"),
                           (["-run_overwrite", "true"], "continues after iteration: 2\n")):
            result = self.train_here("out", "blocks", "-run_restart", first, *more)
            self.assert_says(result, says)
        self.assert_as_in_one_go("out")

    def test_a_file_is_not_that_of_before(self):
        """Another checkpoint under the name that the run was once begun from: FILE is taken."""
        first = shutil.copy(self.reference(iteration=2), self.folder / "first.h5")
        self.train_here("out", "blocks", "-run_restart", first)
        shutil.copy(self.reference(iteration=3), first)
        result = self.train_here("out", "blocks", "-run_restart", first)
        self.assert_says(result, "continues after iteration: 3\n", ".ckpt.5.h5 (now .superseded)")
        self.assert_as_in_one_go("out")

    def test_a_file_that_is_not_there(self):
        result = self.run_each_rank("train", "-data_dir", self.data, "-run_outdir", "out",
                                    "-run_restart", "no.h5", code=IO_FAILURE)
        self.assert_says(result, "no.h5 is not a usable checkpoint", "No such file")


if __name__ == "__main__":
    harness.main()
