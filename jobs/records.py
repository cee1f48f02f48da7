"""Reads what runs leave behind, for jobs/collect, jobs/report, jobs/plot.py and plot_prediction.py.
A file may be cut off, edited by hand, or of another program: whatever is wrong with it is a
Problem, a sentence that names the file, the place in it and the value.
"""
import csv
import importlib
import io
import json
import math
import os
import pathlib
import shlex
import stat
import subprocess
import sys

LARGEST = 1e100  # beyond it, products of a few such values would leave the range of double
MOST_BYTES = 1 << 28
MOST_ITERATIONS = 10**7
SYSTEM_PYTHON = "/usr/bin/python3"

# Least and largest value of what is drawn. A number that is missing is "the run does not have it",
# other than one of the NEEDED columns.
COLUMNS = {"iteration": (0, 2**53), "train_loss": (-LARGEST, LARGEST), "train_accuracy": (0, 1),
           "validation_accuracy": (0, 1), "primal_residual": (0, LARGEST),
           "dual_residual": (0, LARGEST), "elapsed": (0, LARGEST),
           "train_rmse": (0, LARGEST), "validation_rmse": (0, LARGEST)}
# Columns that files of older versions lack, and those of the one or the other score.
LATER = ("dual_residual", "train_accuracy", "validation_accuracy", "train_rmse", "validation_rmse")
NEEDED = ("iteration", "ranks", "samples")


class Problem(Exception):
    """A sentence for the user."""


class NoFigure(Problem):
    """... on why there is no figure, where there is no other fault."""


def run(name, action):
    """The exit code of action(); 2, and one line, for whatever the user can mend."""
    for stream in (sys.stdout, sys.stderr):  # names of files may be no text
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = action()
        sys.stdout.flush()
        return code
    except Problem as problem:
        what = str(problem)
    except OSError as error:
        if error.filename is None:  # the screen: what still waits for it would fail once more
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if isinstance(error, BrokenPipeError):
            return 141
        what = f"{error.filename or 'the output'} cannot be written: {error.strerror}"
    except MemoryError:
        what = "there is not enough memory for these files"
    except KeyboardInterrupt:
        return 130
    print(f"{name}: {' '.join(what.split())}", file=sys.stderr)
    return 2


def load(package, otherwise):
    """Imports a package that an interpreter may lack; `otherwise`: what to do without."""
    try:
        return importlib.import_module(package)
    except Exception as error:  # pylint: disable=broad-except # what a half-installed one raises
        lacks = isinstance(error, ImportError) and error.name == package
        what = f"{sys.executable} has no {package}" if lacks else (
            f"{sys.executable} cannot load {package} ({error})")
        raise NoFigure(f"{what}: {remedy(package, otherwise)}") from error


def remedy(package, otherwise):
    try:
        found = subprocess.run([SYSTEM_PYTHON, "-c", f"import {package}"], timeout=60, check=False,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL).returncode == 0
    except (OSError, subprocess.SubprocessError):
        found = False
    if found:
        words = " ".join(map(shlex.quote, sys.argv))
        return f"{SYSTEM_PYTHON} has it, so run: {SYSTEM_PYTHON} {words}"
    return otherwise


# ---- values ----

def shown(value):
    text = repr(value) if not isinstance(value, (dict, list)) else json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."


def in_seconds(value):
    """As a cell of a table: four digits, and of 1000 s and more one behind the point."""
    return f"{value:.1f}" if value >= 1000 else f"{value:.4g}"


def number(value, where, least=-LARGEST, most=LARGEST, whole=False):
    """The value, if it is a number of this range."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Problem(f"{where} is {shown(value)}, not a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise Problem(f"{where} is {value}, not a number that can be used")
    if not least <= value <= most:
        raise Problem(f"{where} is {shown(value)}, not between {least:g} and {most:g}")
    if whole and value != int(value):
        raise Problem(f"{where} is {shown(value)}, not a whole number")
    return int(value) if whole else float(value)


def number_in_text(text, where, least=-LARGEST, most=LARGEST, whole=False):
    try:
        value = float(text)
    except ValueError:
        raise Problem(f"{where} is {shown(text)}, not a number") from None
    if math.isinf(value) and any(letter.isdigit() for letter in text):
        raise Problem(f"{where} is {shown(text)}, beyond the range of double")
    return number(value, where, least, most, whole)


# ---- files ----

def text_of(path, errors="strict"):
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise Problem(f"{path} cannot be read: it is {what}")
        if status.st_size > MOST_BYTES:
            raise Problem(f"{path} is larger than any such file: {status.st_size} bytes")
        content = pathlib.Path(path).read_bytes()
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig", errors)
    except UnicodeDecodeError as error:
        raise Problem(f"{path} is no text in UTF-8: byte {error.start}") from error


def write(path, content):
    """All of it or nothing: what was there before stays until the new file is whole."""
    path = pathlib.Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Problem(f"{path} cannot be written: {error.strerror}") from error


class Summary:
    """NAME.summary.json of a run; every field is looked at when it is asked for."""

    def __init__(self, path):
        self.path = path
        try:
            self.fields = json.loads(text_of(path))
        except ValueError as error:
            raise Problem(f"{path} cannot be read: {error}") from error
        except RecursionError:
            raise Problem(f"{path} cannot be read: nested too deeply") from None
        if not isinstance(self.fields, dict) or self.fields.get("format") != "admmnet-summary":
            raise Problem(f"{path} is no summary of admmnet")

    def field(self, key, kind=object, name=""):
        if key not in self.fields:
            raise Problem(f"{self.path} has no field {key}")
        value = self.fields[key]
        if not isinstance(value, kind):
            raise Problem(f"{self.path}: {key} is {shown(value)}, not {name}")
        return value

    def text(self, key):
        return self.field(key, str, "a text")

    def number(self, key, least=0, most=LARGEST, whole=False):
        return number(self.field(key), f"{self.path}: {key}", least, most, whole)

    def accuracy(self, which):
        """NaN where there were no such samples."""
        key = f"{which}_accuracy"
        return math.nan if self.field(key) is None else self.number(key, 0, 1)

    # The score of a run is the accuracy, or the root mean square error of real targets.
    def of_real_targets(self):
        return self.fields.get("task") == "regression"

    def score(self, which):
        if not self.of_real_targets():
            return self.accuracy(which)
        key = f"{which}_rmse"
        return math.nan if self.field(key) is None else self.number(key)

    def rank(self):
        """The more the better; NaN where there is no validation result."""
        value = self.score("validation")
        return -value if self.of_real_targets() else value

    def unit(self):
        return "RMSE" if self.of_real_targets() else "%"

    def shown(self, score):
        if math.isnan(score):
            return "-"
        return f"{score:.5g}" if self.of_real_targets() else f"{100 * score:.2f}"

    def grid(self):
        value = self.field("grid", list, "a list")
        return [number(size, f"{self.path}: grid", 1, 1e9, whole=True) for size in value]

    def phases(self):
        """{name: {seconds, messages, bytes}} of an iteration; 0 for what was not counted."""
        result = {}
        for name, phase in self.field("phases_per_iteration", dict, "a table").items():
            where = f"{self.path}: phases_per_iteration of {name}"
            if not isinstance(phase, dict):
                raise Problem(f"{where} is {shown(phase)}, not a table")
            result[name] = {what: number(phase.get(what, 0), f"{where}: {what}", 0)
                            for what in ("seconds", "messages", "bytes")}
        return result


def read_columns(path, columns, what, other_program, gaps=None):
    """{column: values} of a CSV file with a head; NaN for an empty cell. `columns`: their least and
    largest values. A last line without an end is still being written. `gaps`: a list that takes
    what is wrong with a cell, which is then NaN; None: that is a Problem."""
    text = text_of(path, errors="replace")
    rows = csv.reader(io.StringIO(text[:text.rfind("\n") + 1], newline=""))
    result = {column: [] for column in columns}
    try:
        head = next(rows, [])
        if not set(columns) - set(LATER) <= set(head):
            raise Problem(f"{path} holds no {other_program}")
        places = {column: head.index(column) for column in columns if column in head}
        for cells in rows:
            if not cells:
                continue
            if len(cells) != len(head):
                raise Problem(f"{path}, line {rows.line_num} has {len(cells)} fields, the first "
                              f"line has {len(head)}")
            for column, place in places.items():
                cell, where = cells[place], f"{path}, line {rows.line_num}: {column}"
                absent = not cell.strip() and column not in NEEDED
                try:
                    result[column].append(math.nan if absent else
                                          number_in_text(cell, where, *columns[column]))
                except Problem as problem:
                    if gaps is None or column in NEEDED:
                        raise
                    gaps.append(str(problem))
                    result[column].append(math.nan)
    except csv.Error as error:
        raise Problem(f"{path}, line {rows.line_num} is not CSV: {error}") from error
    rows_read = len(next(iter(result.values())))
    if rows_read == 0:
        raise Problem(f"{path} holds no {what}")
    return {column: values or [math.nan] * rows_read for column, values in result.items()}


def read_metrics(path, gaps=None):
    """The history of a run: a list of numbers for each column. `gaps`: of read_columns."""
    return read_columns(path, COLUMNS, "iteration", "metrics of admmnet: name a .metrics.csv, a "
                        "checkpoint or a folder of a run", gaps)


def read_checkpoint(path):
    """The same out of a checkpoint."""
    h5py = load("h5py", f"install it, or give the run's .metrics.csv instead of {path}")
    try:
        with h5py.File(path, "r") as file:
            history = own(h5py, file, "history", h5py.Group)
            found = {column: numbers(own(h5py, history, column, h5py.Dataset), path, column)
                     for column in COLUMNS if column in history}
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise Problem(f"{path} is no checkpoint of admmnet: {error}") from error
    length = len(found.get("iteration", []))
    if length == 0:
        raise Problem(f"{path} holds no iteration")
    for column, values in found.items():
        if len(values) != length:
            raise Problem(f"{path}: /history/{column} has {len(values)} values for {length} "
                          "iterations")
    return {column: found.get(column, [math.nan] * length) for column in COLUMNS}


def own(h5py, group, name, kind):
    """What stands in this file itself: a link may lead to any file, or to a pipe."""
    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise KeyError(f"{name} is a link")
    item = group[name]
    if not isinstance(item, kind):
        raise KeyError(f"{name} is of another kind")
    return item


def numbers(data, path, column):
    """Of a data set of the history, in which NaN is "the run does not have it"."""
    where = f"{path}: /history/{column}"
    if data.ndim != 1 or data.dtype.kind not in "iuf" or data.is_virtual or data.external:
        raise Problem(f"{where} is no list of numbers")
    if data.size > MOST_ITERATIONS:
        raise Problem(f"{where} is longer than any run: {data.size}")
    least, most = COLUMNS[column]
    return [value if math.isnan(value) and column not in NEEDED
            else number(value, where, least, most) for value in map(float, data[:])]
