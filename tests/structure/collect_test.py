"""jobs/collect, jobs/plot.py and jobs/plot_prediction.py given files that are not what they should
be: one line that names file, place and value, and exit code 2. A table: what is done to the files
of a sweep, a study and a run that are whole, the command, and words of the line. All in one
process; only where an interpreter lacks a package it is another."""
import contextlib
import csv
import importlib.machinery
import importlib.util
import io
import itertools
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

JOBS = pathlib.Path(__file__).resolve().parents[2] / "jobs"
SKIPPED = 77
sys.dont_write_bytecode = True
sys.path.insert(0, str(JOBS))
try:
    import h5py
    import matplotlib  # pylint: disable=unused-import
    import plot
    import plot_prediction
    import records
    import studies
except ImportError as reason:
    print(f"SKIPPED: {sys.executable}: {reason}")
    sys.exit(SKIPPED)


def script(name):
    loader = importlib.machinery.SourceFileLoader(name.replace(".py", ""), str(JOBS / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


SCRIPTS = {"collect": script("collect"), "plot.py": plot, "plot_prediction.py": plot_prediction}

SUMMARY = {"format": "admmnet-summary", "stop_reason": "budget", "iterations": 3,
           "train_accuracy": 0.9, "validation_accuracy": 0.8, "test_accuracy": None,
           "seconds_total": 4.5, "flops_per_iteration": 1e9, "peak_memory_bytes": 2**28, "ranks": 1,
           "grid": [1, 1], "block": 64,
           "phases_per_iteration": {"forward": {"calls": 1, "seconds": 0.5, "messages": 2,
                                                "bytes": 100}}}
METRICS = ("iteration,objective,primal_residual,train_loss,train_accuracy,validation_accuracy,"
           "seconds,elapsed\n1,3,0.5,1,0.5,0.4,1,1\n2,2,0.25,0.5,0.75,,1.5,2.5\n"
           "3,2,0.25,0.5,0.75,0.7,1.5,4\n")
STUDY = "kind: strong\nrule: fixed problem\ndeck: my.yaml\nranks: 1 2\niterations: 3\nthreads: 1\n"
PREDICTION = "ranks,samples,seconds,efficiency\n1,100,,\n2,100,4,1\n4,100,2.5,0.8\n"

SWEEP, SCALING = ["collect", "sweep", "sweep"], ["collect", "scaling", "study"]
CURVES, CHECKPOINT = ["plot.py", "run.metrics.csv"], ["plot.py", "run.ckpt.3.h5"]
PREDICTED = ["plot_prediction.py", "prediction", "a machine"]


def write_whole_files(folder):
    def put(path, text):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)

    put("sweep/1/parameters.txt", "admm_beta net_hidden\n0.1 24\n")
    put("sweep/1/admmnet.summary.json", json.dumps(SUMMARY))
    put("study/study.txt", STUDY)
    for ranks in (1, 2):
        name = f"study/r{ranks}.1"
        put(f"{name}.summary.json", json.dumps({**SUMMARY, "ranks": ranks}))
        put(f"{name}.metrics.csv", METRICS)
        put(f"{name}.out", "")
        put(f"{name}.log", "network: 3-2\n")
    put("run.metrics.csv", METRICS)
    with h5py.File(folder / "run.ckpt.3.h5", "w") as file:
        for column in ("iteration", "train_loss", "train_accuracy", "elapsed"):
            file[f"history/{column}"] = [0.1, 0.2, 0.3]
    for case in ("higgs", "mnist", "wide"):
        for kind in ("strong", "weak"):
            for sweep in ("full", "blocks"):
                put(f"prediction/{case}.{kind}.{sweep}.csv", PREDICTION)


# ---- what is done to a file ----
def text(content):
    return lambda path: path.write_bytes(content if isinstance(content, bytes)
                                         else content.encode())


def swap(old, new):
    def edit(path):
        content = path.read_text()
        assert old in content, path
        path.write_text(content.replace(old, new))
    return edit


def gone(path):
    path.unlink()


def folder(path):
    if path.exists():
        path.unlink()
    path.mkdir()


def pipe(path):
    path.unlink()
    os.mkfifo(path)


def field(key, value):
    return lambda path: path.write_text(json.dumps({**SUMMARY, key: value}))


def history(column, make):
    """`make(group, column)` in the place of this column of the checkpoint."""
    def edit(path):
        with h5py.File(path, "a") as file:
            del file[f"history/{column}"]
            make(file["history"], column)
    return edit


def values(*numbers):
    return lambda group, column: group.create_dataset(column, data=list(numbers))


ONE = "sweep/1/admmnet.summary.json"
TABLE = [
    # file, what is done to it, command, words of the line
    (ONE, text(""), SWEEP, f"{ONE} cannot be read: Expecting value"),
    (ONE, text("[" * 100000), SWEEP, "nested too deeply"),
    (ONE, text("[1]"), SWEEP, "is no summary of admmnet"),
    (ONE, text(b"\xff\xfe{}"), SWEEP, "is no text in UTF-8: byte 0"),
    (ONE, folder, SWEEP, "cannot be read: it is a folder"),
    (ONE, pipe, SWEEP, "cannot be read: it is no regular file"),
    (ONE, swap('"iterations": 3', '"iterations": "3"'), SWEEP, "iterations is '3', not a number"),
    (ONE, swap('"iterations": 3', '"iteration": 3'), SWEEP, "has no field iterations"),
    (ONE, field("iterations", -1), SWEEP, "iterations is -1, not between 0 and 1e+100"),
    (ONE, field("iterations", 2.5), SWEEP, "iterations is 2.5, not a whole number"),
    (ONE, field("seconds_total", float("nan")), SWEEP, "seconds_total is nan, not a number that"),
    (ONE, swap("4.5", "1e999"), SWEEP, "seconds_total is inf, not a number that"),
    (ONE, field("seconds_total", 10**400), SWEEP, "seconds_total is 1000"),
    (ONE, swap("4.5", "9" * 5000), SWEEP, "cannot be read: Exceeds the limit"),
    (ONE, field("validation_accuracy", 70), SWEEP, "validation_accuracy is 70, not between 0 and"),
    (ONE, field("stop_reason", True), SWEEP, "stop_reason is True, not a text"),
    ("sweep/1/parameters.txt", text(""), SWEEP, "holds no line of keys and a line of as many"),
    ("sweep/1/parameters.txt", text("a b\n1\n"), SWEEP, "holds no line of keys and a line of as"),
    ("sweep/sweep.csv", folder, SWEEP, "sweep/sweep.csv cannot be written: Is a directory"),
    ("sweep/sweep.png", folder, SWEEP, "sweep/sweep.png cannot be written: Is a directory"),

    ("out", gone, [*SWEEP, "--over", "init_seed"], "--over init_seed: no key of this sweep, which "
     "has admm_beta, net_hidden"),
    ("out", gone, [*SCALING, "--over", "ranks"], "--over goes with sweep only"),

    ("study/study.txt", gone, SCALING, "study is no study of scaling.sh"),
    ("study/study.txt", swap("threads: 1", ""), SCALING, "has no line threads"),
    ("study/study.txt", swap("strong", "odd"), SCALING, "kind is 'odd', not strong or weak"),
    ("study/study.txt", swap("ns: 3", "ns: three"), SCALING, "iterations is 'three', not a number"),
    ("study/r1.1.log", gone, SCALING, "r1.1.log cannot be read: No such file"),
    ("study/r1.1.metrics.csv", gone, SCALING, "r1.1.metrics.csv cannot be read: No such file"),
    ("study/r1.1.metrics.csv", swap("1.5", "0"), SCALING, "line 3: seconds is 0.0, not between"),
    ("study/r1.1.metrics.csv", swap("1.5", "1e400"), SCALING,
     "line 3: seconds is '1e400', beyond the range of double"),
    ("study/r1.1.metrics.csv", swap("1.5", ""), SCALING, "does not say how long each iteration"),
    ("study/r1.1.metrics.csv", text(METRICS.splitlines()[0] + "\n"), SCALING, "no iteration"),
    ("study/r1.1.summary.json", field("grid", 4), SCALING, "grid is 4, not a list"),
    ("study/r1.1.summary.json", field("grid", [{}]), SCALING, "grid is {}, not a number"),
    ("study/r1.1.summary.json", field("block", 0), SCALING, "block is 0, not between 1 and"),
    ("study/r1.1.summary.json", field("ranks", None), SCALING, "ranks is None, not a number"),
    ("study/r1.1.summary.json", field("phases_per_iteration", []), SCALING, "is [], not a table"),
    ("study/r1.1.summary.json", field("phases_per_iteration", {"forward": 1}), SCALING,
     "phases_per_iteration of forward is 1, not a table"),
    ("study/r1.1.summary.json", field("phases_per_iteration", {"forward": {"bytes": "x"}}), SCALING,
     "phases_per_iteration of forward: bytes is 'x', not a number"),

    ("run.metrics.csv", text(""), CURVES, "holds no metrics of admmnet"),
    ("run.metrics.csv", text(b"\0\xff" * 500), CURVES, "holds no metrics of admmnet"),
    ("run.metrics.csv", folder, ["plot.py", "."], "run.metrics.csv cannot be read: it is a folder"),
    ("run.metrics.csv", swap("0.25", "nan"), CURVES, "line 3: primal_residual is nan, not a num"),
    ("run.metrics.csv", swap("0.25", "1e999"), CURVES, "is '1e999', beyond the range of double"),
    ("run.metrics.csv", swap("0.25", "1e308"), CURVES, "is 1e+308, not between 0 and 1e+100"),
    ("run.metrics.csv", swap("0.25", "-1"), CURVES, "line 3: primal_residual is -1.0, not between"),
    ("run.metrics.csv", swap("0.25", "x"), CURVES, "line 3: primal_residual is 'x', not a number"),
    ("run.metrics.csv", swap("2.5\n", "2.5,9\n"), CURVES, "line 3 has 9 fields, the first line"),
    ("run.metrics.csv", swap("\n2,", "\n,"), CURVES, "line 3: iteration is '', not a number"),
    ("run.metrics.csv", swap("0.25", '"' + "x" * 200000 + '"'), CURVES, "line 3 is not CSV: field"),
    ("out", text(""), [*CURVES, "-o", "out/curves"], "out/curves.png cannot be written: Not a dir"),
    ("out", gone, [*CURVES, "-o", ""], "-o needs a name"),

    ("run.ckpt.3.h5", text("no HDF5"), CHECKPOINT, "is no checkpoint of admmnet"),
    ("run.ckpt.3.h5", history("iteration", values(1, 2)), CHECKPOINT, "has 3 values for 2 iterat"),
    ("run.ckpt.3.h5", history("iteration", values(1, float("nan"), 2)), CHECKPOINT,
     "/history/iteration is nan, not a number that can be used"),
    ("run.ckpt.3.h5", history("train_loss", values(1, 1e300, 2)), CHECKPOINT,
     "/history/train_loss is 1e+300, not between"),
    ("run.ckpt.3.h5", history("train_loss", values(b"a", b"b", b"c")), CHECKPOINT,
     "/history/train_loss is no list of numbers"),
    ("run.ckpt.3.h5", history("train_loss", lambda group, name: group.create_dataset(name, data=1)),
     CHECKPOINT, "/history/train_loss is no list of numbers"),
    ("run.ckpt.3.h5", history("train_loss", lambda group, name: group.create_group(name)),
     CHECKPOINT, "train_loss is of another kind"),
    ("run.ckpt.3.h5", history("train_loss", lambda group, name: group.create_dataset(
        name, shape=(10**12,), chunks=(10,), dtype="f8")), CHECKPOINT, "is longer than any run"),
    ("run.ckpt.3.h5", history("train_loss", lambda group, name: group.__setitem__(
        name, h5py.ExternalLink("/dev/zero", "/x"))), CHECKPOINT, "train_loss is a link"),
    ("run.ckpt.3.h5", history("train_loss", lambda group, name: group.create_dataset(
        name, shape=(3,), dtype="f8", external=[("/dev/zero", 0, 24)])), CHECKPOINT,
     "/history/train_loss is no list of numbers"),

    ("prediction/higgs.strong.full.csv", gone, PREDICTED, "cannot be read: No such file"),
    ("prediction/higgs.strong.full.csv", text(PREDICTION[:33]), PREDICTED, "holds no prediction"),
    ("prediction/higgs.strong.full.csv", swap("1,100,", "1,,"), PREDICTED, "samples is '', not"),
    ("prediction/higgs.strong.full.csv", swap("2.5", "2,5"), PREDICTED, "line 4 has 5 fields"),
]
NONSENSE = [None, "3", "", [], {}, [[]], True, float("nan"), float("inf"), -1, 0.5, 1e308, 10**400]


class Scripts(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="admmnet-collect-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)

    def begin(self):
        for path in self.folder.iterdir():
            (shutil.rmtree if path.is_dir() else os.remove)(path)
        write_whole_files(self.folder)
        (self.folder / "out").write_text("")

    def run_script(self, name, *arguments):
        """Exit code, and what it says on both streams."""
        said, complained = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            code = records.run(name, lambda: SCRIPTS[name].main(list(arguments)))
        return code, said.getvalue(), complained.getvalue()

    def test_table(self):
        for name, change, command, words in TABLE:
            with self.subTest(file=name, words=words):
                self.begin()
                change(self.folder / name)
                code, _, complaint = self.run_script(*command)
                self.assertEqual((code, complaint.count("\n")), (2, 1), complaint)
                self.assertTrue(complaint.startswith(f"{command[0]}: "), complaint)
                self.assertIn(words, complaint)

    def test_any_field_of_a_summary_may_be_nonsense(self):
        self.begin()
        for command, name in ((SWEEP, ONE), (SCALING, "study/r1.1.summary.json")):
            for key, value in itertools.product(SUMMARY, NONSENSE):
                with self.subTest(value=value, key=key, command=command):
                    field(key, value)(self.folder / name)
                    with unittest.mock.patch.object(SCRIPTS["collect"], "draw"):
                        code, _, complaint = self.run_script(*command)
                    self.assertIn(code, (0, 1, 2))
                    self.assertEqual(complaint.count("\n"), 1 if code == 2 else 0, complaint)

    def test_whole_files(self):
        self.begin()
        (self.folder / "run.metrics.csv").rename("$odd_$ \udcff.metrics.csv")
        (self.folder / "study" / "report.1.out").write_text("of something else")
        with open("study/r1.1.metrics.csv", "a", encoding="utf-8") as file:
            file.write("4,2,0.2")  # still being written
        code, said, complaint = self.run_script("plot.py", ".")
        self.assertEqual((code, complaint), (0, ""), said)
        self.assertIn("training.svg", said)
        self.assertEqual(records.read_checkpoint("run.ckpt.3.h5")["train_loss"], [0.1, 0.2, 0.3])
        # To draw takes the most time: the figures of collect are drawn in the tests under Slurm.
        with unittest.mock.patch.object(SCRIPTS["collect"], "draw") as draw, \
                unittest.mock.patch.object(plot, "save") as save:
            for command, drawn in ((SWEEP, draw), (SCALING, draw), (PREDICTED, save)):
                code, said, complaint = self.run_script(*command)
                self.assertEqual((code, complaint), (0, ""), said)
                drawn.assert_called_once()
                drawn.reset_mock()
        self.assertRegex((self.folder / "study/scaling.txt").read_text(), r"(?m)^ +2 +1x1 +64 +1 ")

    def test_dual_residuals_are_drawn_where_there_are_some(self):
        self.begin()
        older = records.read_metrics("run.metrics.csv")
        self.assertTrue(all(map(math.isnan, older["dual_residual"])))
        head, *rows = (line.split(",") for line in METRICS.splitlines())
        for cells, dual in zip((head, *rows), ("dual_residual", "", "0.5", "0.125")):
            cells.insert(3, dual)
        (self.folder / "run.metrics.csv").write_text(
            "".join(",".join(cells) + "\n" for cells in (head, *rows)))
        newer = records.read_metrics("run.metrics.csv")
        self.assertEqual(newer["dual_residual"][1:], [0.5, 0.125])
        for runs, lines, label in (([("a", older)], 1, "primal residual"),
                                   ([("a", older), ("b", newer)], 3,
                                    "residual\n(solid: primal, dashed: dual)")):
            axes = plot.training_figure(runs).axes[4]
            self.assertEqual((len(axes.get_lines()), axes.get_ylabel()), (lines, label))

    def test_a_sweep_over_its_seeds(self):
        rows = [("10", "1", 0.5), ("10", "2", 0.75), ("10", "3", 0.625), ("20", "1", 0.8125),
                ("20", "2", None), ("30", "1", None)]
        for line, (hidden, seed, accuracy) in enumerate(rows, 1):
            run = self.folder / "seeds" / str(line)
            run.mkdir(parents=True)
            (run / "parameters.txt").write_text(f"net_hidden init_seed\n{hidden} {seed}\n")
            if accuracy is not None:
                (run / "a.summary.json").write_text(
                    json.dumps({**SUMMARY, "validation_accuracy": accuracy, "iterations": line}))
        code, said, complaint = self.run_script("collect", "sweep", "seeds", "--over", "init_seed")
        self.assertEqual((code, complaint), (1, ""))
        self.assertIn("2 of 6 runs have no result", said)
        with open("seeds/sweep.init_seed.csv", newline="", encoding="utf-8") as file:
            head, *table = csv.reader(file)
        self.assertEqual(head[:5], ["net_hidden", "runs", "validation[%]", "sd", "median"])
        self.assertEqual([row[:5] for row in table], [["20", "1", "81.25", "-", "81.25"],
                                                      ["10", "3", "62.50", "12.50", "62.50"],
                                                      ["30", "0", "-", "-", "-"]])
        self.assertEqual(table[1][5:8], ["-"] * 3)  # no test samples
        self.assertEqual(table[1][11:14], ["2.00", "1.00", "2.00"])
        code, *_ = self.run_script("collect", "sweep", "seeds", "--over", "init_seed,net_hidden")
        self.assertEqual(code, 1)
        self.assertRegex((self.folder / "seeds/sweep.init_seed+net_hidden.txt").read_text(),
                         r"^runs .*\n +4 +67\.19 +13\.86 +68\.75 ")

    def test_a_figure_that_cannot_be_drawn_is_no_reason_to_have_no_tables(self):
        self.begin()
        with unittest.mock.patch.object(studies, "sweep_figure",
                                        side_effect=TypeError("an older version")):
            code, said, complaint = self.run_script(*SWEEP)
        self.assertEqual(code, 0)
        self.assertIn("tables: sweep/sweep.txt", said)
        self.assertRegex(complaint, "^collect: no figure: matplotlib .* cannot draw this: TypeErr")

    # ---- interpreters ----
    def call_without_packages(self, name, *arguments):
        result = subprocess.run([sys.executable, "-S", JOBS / name, *arguments], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return result.returncode, result.stdout

    def test_an_interpreter_without_a_package(self):
        self.begin()
        code, said = self.call_without_packages("plot.py", "run.metrics.csv", "-o", "the curves")
        self.assertEqual(code, 2)
        self.assertEqual(said, f"plot.py: {sys.executable} has no matplotlib: /usr/bin/python3 has "
                         f"it, so run: /usr/bin/python3 {JOBS}/plot.py run.metrics.csv -o "
                         "'the curves'\n")
        code, said = self.call_without_packages("collect", "sweep", "sweep")
        self.assertEqual(code, 0)
        self.assertIn(f"collect: no figure: {sys.executable} has no matplotlib", said)

    def test_no_interpreter_has_it(self):
        with unittest.mock.patch.object(records, "SYSTEM_PYTHON", "/nowhere/python3"):
            with self.assertRaisesRegex(records.NoFigure, "has no admmnet_such: install it"):
                records.load("admmnet_such", "install it")

    def test_a_screen_that_is_full(self):
        self.begin()
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = subprocess.run([sys.executable, "-S", JOBS / "collect", "sweep", "sweep"],
                                    stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("collect: the output cannot be written: No space left", result.stderr)
        self.assertNotIn("Traceback", result.stderr)


if __name__ == "__main__":
    unittest.main()
