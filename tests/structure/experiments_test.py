"""jobs/experiments: which runs there are, tables of summaries made by hand, files that are not what
they should be, runs that are there, fail, stop or go on. Nothing is trained: a stand-in takes the
place of train.sbatch."""
import contextlib
import csv
import importlib
import io
import json
import math
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock

from collect_test import JOBS, SUMMARY

sys.path.insert(0, str(JOBS / "experiments"))
import main
import plot
import records
import running
from experiment import (PASSES, SOURCES, TEST, Curve, Experiment, Figure, Panel, Points,
                        Row, Run, Setting, Table, rises)
from figures import points_of
from results import Result, finished

NAMES = main.NAMES
METRICS = ("iteration,objective,train_loss,train_accuracy,validation_accuracy,test_accuracy,"
           "seconds,elapsed\n1,3,1,0.5,0.4,0.45,1,1\n2,2,0.5,0.75,,0.55,1.5,2.5\n"
           "3,2.5,0.5,0.75,0.7,0.65,2.5,5\n")
WHOLE = {**SUMMARY, "train_accuracy": 0.75, "validation_accuracy": 0.7, "test_accuracy": 0.65,
         "train_loss": 0.5, "test_loss": None, "seconds_to_target": None}

# In the place of train.sbatch: notes what it is told, and leaves a result, or what FAKE says.
STAND_IN = """#!/usr/bin/env bash
echo "$ADMMNET_RANKS $*" >>"$CALLS"
folder=${@: -1}
case $FAKE in
    fail) echo "admmnet: error: no such data"; exit 2 ;;
    stop) exit 10 ;;
    wait) trap 'exit 10' TERM; echo >"$folder/started"; while true; do sleep 0.02; done ;;
    nothing) exit 0 ;;
esac
cp "$WHOLE/run.summary.json" "$WHOLE/run.metrics.csv" "$WHOLE/run.log" "$folder"
"""


def put_result(folder, summary=None, metrics=METRICS):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.summary.json").write_text(json.dumps({**WHOLE, **(summary or {})}))
    (folder / "run.metrics.csv").write_text(metrics)
    (folder / "run.log").write_text("processor: A processor\n")


def small(setting):
    """An experiment with a run beside it that starts from its network."""
    runs = [Run("one", {"net_hidden": "3,2", "net_bias": False, "admm_beta": 0.5}),
            Run("two", {"data_dir": 'a "b": #c'}, 3, after=("one", 3))]
    table = Table("table", "Title", [PASSES, TEST], [
        Row("first", "one", published="50", source="Meda 2025"), Row("pass 2", "one", at=2),
        Row("pass 9", "one", at=9), Row("second", "two", baseline=True)], "test[%]")
    figure = Figure("curves", [Panel("pass", "accuracy", [
        Curve("one", "one", "test_accuracy", scale=100),
        Points("both", [(1, "one"), (2, "two")], TEST)], "xy", [(50, "published")])])
    return Experiment("small", runs, [table], [figure], [setting.data])


class Experiments(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="admmnet-experiments-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        put_result(self.folder / "whole")
        stand_in = self.folder / "train.sbatch"
        stand_in.write_text(STAND_IN)
        stand_in.chmod(0o755)
        self.calls, self.out = self.folder / "calls", self.folder / "out"
        for patch in (unittest.mock.patch.object(running, "TRAIN", stand_in),
                      unittest.mock.patch.object(main, "NAMES", ("small",)),
                      unittest.mock.patch.dict(sys.modules, small=sys.modules[__name__]),
                      unittest.mock.patch.object(plot, "draw")):
            patch.start()
            self.addCleanup(patch.stop)
        sys.modules[__name__].describe = small

    def run_main(self, *arguments, fake=""):
        """Exit code, and what it says on both streams."""
        said, complained = io.StringIO(), io.StringIO()
        environment = {"FAKE": fake, "CALLS": str(self.calls), "WHOLE": str(self.folder / "whole")}
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained), \
                unittest.mock.patch.dict(os.environ, environment):
            code = records.run("experiments.sh", lambda: main.main(
                ["-o", str(self.out), "--data", str(self.folder), *arguments]))
        return code, said.getvalue(), complained.getvalue()

    def table(self):
        with open(self.out / "small/table.csv", newline="", encoding="utf-8") as file:
            return list(csv.reader(file))

    # ---- descriptions ----

    def test_every_experiment_describes_itself(self):
        """Runs have names of their own and, but for plans, data; rows, curves and warm starts name
        runs; sources are known; the quick ones are fewer or smaller."""
        names = {path.stem for path in (JOBS / "experiments").glob("*.py")
                 if "\ndef describe(" in path.read_text()}
        self.assertEqual(names, set(NAMES))
        for name in names:
            counts = []
            for quick in (False, True):
                found = importlib.import_module(name).describe(
                    Setting(self.out / name, self.folder, quick))
                runs = [run.name for run in found.runs]
                counts.append(len(runs))
                self.assertEqual(len(set(runs)), len(runs), name)
                for run in found.runs:
                    self.assertTrue("data_format" in run.keys or "plan_samples" in run.keys, run)
                    if run.after:
                        self.assertLess(runs.index(run.after[0]), runs.index(run.name))
                rows = [row for table in found.tables for row in table.rows]
                curves = [curve for figure in found.figures for panel in figure.panels
                          for curve in panel.curves]
                looked_at = [row.run for row in rows if row.run]
                for curve in curves:
                    looked_at += [run for _, run in curve.runs] if hasattr(curve, "runs") else [
                        curve.run, *([curve.after] if curve.after else [])]
                self.assertEqual([run for run in looked_at if run not in runs], [], name)
                self.assertEqual([row.source for row in rows if row.source not in ("", *SOURCES)],
                                 [], name)
                self.assertEqual([row.label for row in rows if row.source and not row.published],
                                 [], name)
            self.assertLessEqual(counts[1], counts[0], name)

    def test_quick_runs_are_small(self):
        """What --list prints of --quick: few samples or passes in each run that is trained."""
        with unittest.mock.patch.object(main, "NAMES", NAMES):
            code, said, _ = self.run_main("--list", "--quick")
        self.assertEqual(code, 0)
        self.assertEqual({line.split("/")[0] for line in said.splitlines()}, set(NAMES))
        for line in said.splitlines():
            keys = dict(pair.split(": ", 1) for pair in line.split(": ", 2)[2].split(", "))
            if ": train on" in line and "cora" not in line and "taylor/" not in line:
                self.assertLessEqual(int(keys["data_train_limit"]), 4000, line)
        self.assertFalse(self.calls.exists())

    # ---- runs ----

    def test_runs_then_tables(self):
        code, said, complaint = self.run_main("--ranks", "2")
        self.assertEqual((code, complaint), (0, ""), said)
        calls = self.calls.read_text().splitlines()
        self.assertEqual([call.split()[0] for call in calls], ["2", "3"])
        one, two = ((self.out / f"small/{name}/deck.yaml").read_text() for name in ("one", "two"))
        self.assertEqual(one, 'net_hidden: "3,2"\nnet_bias: false\nadmm_beta: 0.5\n')
        self.assertIn('data_dir: "a \\"b\\": #c"\n', two)
        self.assertIn(f'run_warm_start: "{self.out.resolve()}/small/one/run.ckpt.3.h5"', two)
        self.assertEqual(self.table(), [
            ["what", "passes", "test[%]", "published", "source"],
            ["first", "3", "65.00", "50", "Meda 2025"], ["pass 2", "2", "55.00", "-", "-"],
            ["pass 9", "-", "-", "-", "-"], ["second", "3", "65.00", "-", "-"]])
        text = (self.out / "small/table.txt").read_text()
        self.assertIn("best test[%]: 65.00, first\n", text)
        self.assertIn("A processor, 1 rank;", text)
        self.assertIn("Meda 2025: E. Meda", text)
        # What is there is not made again.
        code, said, _ = self.run_main()
        self.assertEqual((code, said.count("is there")), (0, 2))
        self.assertEqual(len(self.calls.read_text().splitlines()), 2)

    def test_a_baseline_that_is_best_is_named(self):
        for name, accuracy in (("one", 0.6), ("two", 0.8)):
            put_result(self.out / "small" / name, {"test_accuracy": accuracy})
        code, said, _ = self.run_main("--collect")
        self.assertEqual(code, 0)
        self.assertIn("best test[%]: 80.00, second: a baseline, which beats ADMM here (60.00, "
                      "first)", said)

    def test_a_goal_reached_within_the_first_pass(self):
        """Such a run has a result, and no row of metrics."""
        for name in ("one", "two"):
            put_result(self.out / "small" / name, {"iterations": 0, "seconds_to_target": 0.25},
                       METRICS.splitlines()[0] + "\n")
        code, _, complaint = self.run_main("--collect")
        self.assertEqual((code, complaint), (0, ""))
        self.assertEqual([row[:3] for row in self.table()[1:3]],
                         [["first", "0", "65.00"], ["pass 2", "-", "-"]])
        own = self.out / "small/one"
        result = Result(own, finished(own))
        self.assertEqual(result.seconds_to_target, 0.25)
        for value in (result.seconds, result.seconds_of_a_pass, rises("objective")(result),
                      result.first_pass("train_loss", lambda loss: loss < 1)):
            self.assertTrue(math.isnan(value))
        self.assertEqual(points_of(Curve("", "one", "objective", relative=True), {"one": result}),
                         [])

    def test_failed_stopped_and_missing(self):
        code, said, complaint = self.run_main(fake="fail")
        self.assertEqual((code, complaint.count("\n")), (1, 2), complaint)
        self.assertIn("failed with exit code 2: admmnet: error: no such data", complaint)
        self.assertIn("2 of 2 runs have no result: one, two", said)
        self.assertEqual(self.table()[1][1:4], ["-", "-", "50"])
        code, _, complaint = self.run_main(fake="nothing")  # exit code 0 alone is no result
        self.assertEqual((code, complaint.count("exit code 0")), (1, 2), complaint)
        code, said, complaint = self.run_main(fake="stop")
        self.assertEqual((code, complaint.count("\n")), (10, 1), said)
        self.assertIn("the same command continues", complaint)
        put_result(self.out / "small/one", {"stop_reason": "signal"})
        self.assertIsNone(finished(self.out / "small/one"))
        code, said, _ = self.run_main()
        self.assertEqual((code, said.count("is there")), (0, 0))

    def test_a_signal_goes_on_to_the_run(self):
        def send():
            started = self.out / "small/one/started"
            for _ in range(500):
                if started.exists():
                    break
                time.sleep(0.02)
            os.kill(os.getpid(), signal.SIGTERM)
        sender = threading.Thread(target=send)
        sender.start()
        code, _, complaint = self.run_main(fake="wait")
        sender.join()
        self.assertEqual(code, 10, complaint)

    def test_slurm(self):
        sbatch = self.folder / "sbatch"
        sbatch.write_text('#!/bin/sh\necho "$*" >>"$CALLS"\necho "4$(wc -l <"$CALLS");cluster"\n')
        sbatch.chmod(0o755)
        path = {"PATH": f"{self.folder}:{os.environ['PATH']}"}
        with unittest.mock.patch.dict(os.environ, path):
            code, said, complaint = self.run_main("--sbatch", "--", "--time=1:00:00")
        self.assertEqual((code, complaint), (0, ""), said)
        one, two = self.calls.read_text().splitlines()
        self.assertIn("--ntasks-per-node=1 ", one)
        self.assertNotIn("--dependency", one)
        self.assertIn("--ntasks-per-node=3 ", two)
        self.assertIn("--dependency=afterok:41 --time=1:00:00 ", two)
        self.assertIn("--collect", said)

    # ---- what is wrong ----

    def test_one_line_for_what_is_wrong(self):
        put_result(self.out / "small/one")
        own = self.out / "small/one"
        cases = [
            (["odd"], None, "there is no experiment odd: small"),
            (["--ranks", "0"], None, "--ranks is 0, not a number of ranks"),
            (["--", "--time=1"], None, "go with --sbatch only"),
            (["--data", str(self.folder / "no")], None, "no, which is not there: --data names"),
            ([], lambda: (own / "deck.yaml").write_text("net_hidden: 7\n"),
             "deck.yaml is the deck of another run"),
            (["--collect"], lambda: (own / "run.summary.json").write_text("{"),
             "run.summary.json cannot be read"),
            (["--collect"], lambda: put_result(own, {"test_accuracy": 7}),
             "test_accuracy is 7, not between 0 and 1"),
            (["--collect"], lambda: put_result(own, metrics=METRICS.replace("elapsed", "iteratio")
                                               .replace("iteration", "x")),
             "holds no metrics of admmnet"),
            (["--collect"], lambda: (own / "run.log").unlink(), "run.log cannot be read"),
            (["--collect"], lambda: (own / "run.metrics.csv").unlink(), "run.metrics.csv cannot"),
        ]
        for arguments, change, words in cases:
            with self.subTest(words=words):
                shutil.rmtree(self.out, ignore_errors=True)
                put_result(own)
                if change:
                    change()
                code, _, complaint = self.run_main(*arguments)
                self.assertEqual((code, complaint.count("\n")), (2, 1), complaint)
                self.assertIn(words, complaint)

    def test_no_folder_where_a_file_stands(self):
        self.out.write_text("")
        code, _, complaint = self.run_main()
        self.assertEqual((code, complaint.count("\n")), (2, 1), complaint)
        self.assertIn("cannot be made: Not a directory", complaint)

    # ---- figures ----

    def test_curves(self):
        for name in ("one", "two"):
            put_result(self.out / name)
        results = {name: Result(self.out / name, finished(self.out / name))
                   for name in ("one", "two")}
        self.assertEqual(points_of(Curve("", "one", "test_accuracy", scale=100), results),
                         [(1, 45), (2, 55.00000000000001), (3, 65)])
        self.assertEqual(points_of(Curve("", "one", "validation_accuracy"), results),
                         [(1, 0.4), (3, 0.7)])
        self.assertEqual(points_of(Curve("", "one", "objective", "elapsed", after="two",
                                         relative=True), results),
                         [(6, 1), (7.5, 2 * (1 / 3)), (10, 2.5 * (1 / 3))])
        self.assertEqual(points_of(Curve("", "three", "objective"), results), [])
        self.assertEqual(points_of(Curve("", "one", "lagrangian"), results), [])
        within = Curve("", "one", "progress/validation_accuracy", "progress/seconds", 100)
        (self.out / "one" / "run.progress.csv").write_text(
            "pass,seconds,validation_accuracy\n0.5,0.25,0.5\n1.25,0.75,0.625\n")
        self.assertEqual(points_of(within, results), [(0.25, 50), (0.75, 62.5)])
        widths = Points("", [(4, "one"), (8, "three")], TEST)
        self.assertEqual(points_of(widths, results), [(4, 65)])
        self.assertEqual(rises("objective")(results["one"]), "1 of 2")
        self.assertTrue(math.isnan(rises("lagrangian")(results["one"])))


if __name__ == "__main__":
    unittest.main()
