"""The table "file -> what happens": a row is what stands in a folder, a command line, and the way
out of the program. Its rows are in rows/*.py, one file a room, each with a list ROWS.

Every row is run in a folder of its own, in which there are data/, the four IDX files of
harness.make_idx, and train.csv, 20 of its samples with the label in the last column; by one
process without a launcher, unless the number of ranks is what matters.
"""
import concurrent.futures
import dataclasses
import importlib
import os
import pathlib
import shlex
import shutil
import tempfile
from typing import Callable, Optional, Sequence

import harness

AT_A_TIME = 2
# Open MPI: one process alone needs no daemon beside it.
ALONE = {"OMPI_MCA_ess_singleton_isolated": "1"}
SIGNS_OF_A_CRASH = ("terminate called", "Process received signal", "Traceback", "AddressSanitizer",
                    "runtime error:")


@dataclasses.dataclass(frozen=True)
class Row:
    name: str                # of the test, in words
    command: str             # the words behind `admmnet`; `-run_outdir out` is put behind them
    says: Sequence[str]      # all of these stand in the output
    files: dict = dataclasses.field(default_factory=dict)
    #   ^ {name: text, bytes, None (there is no such file), or a function of the folder or of the
    #     content that the file has, see `edited`}
    code: int = harness.BAD_INPUT
    ranks: int = 1
    environment: dict = dataclasses.field(default_factory=dict)
    leaves: Optional[Sequence[str]] = ()  # what is in out/ then; (): not even out; None: whatever
    hushes: Sequence[str] = ()            # none of these stands in the output
    check: Optional[Callable] = None      # check(case, result): what else must hold


class edited:  # pylint: disable=invalid-name # reads like a word of the table
    """As a file's content: what this function makes of the bytes that are there."""

    def __init__(self, function):
        self.function = function


def line(number, function):
    """As a file's content: the fields of this line (from 1) put through the function."""
    def edit(content):
        lines = content.decode().splitlines()
        lines[number - 1] = ",".join(function(lines[number - 1].split(",")))
        return ("\n".join(lines) + "\n").encode()
    return edited(edit)


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, edited):
        path.write_bytes(content.function(path.read_bytes()))
    elif content is None:
        path.unlink()
    elif callable(content):
        content(path)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content, encoding="utf-8")


def all_rows():
    """Of every file in rows/, in the order of names."""
    here = pathlib.Path(__file__).parent / "rows"
    rooms = sorted(path.stem for path in here.glob("*.py") if path.stem != "__init__")
    return [(f"test_{room}_{row.name}".replace(" ", "_"), row)
            for room in rooms for row in importlib.import_module(f"rows.{room}").ROWS]


class Table(harness.Case):
    """One test method for each row, made below."""

    wanted = set()  # names of the tests whose runs begin at once, some at a time
    started = {}

    @classmethod
    def setUpClass(cls):
        cls.master = pathlib.Path(tempfile.mkdtemp(prefix="admmnet-table-"))
        cls.addClassCleanup(shutil.rmtree, cls.master, ignore_errors=True)
        harness.make_idx(cls.master / "data")
        harness.write_csv(cls.master / "train.csv", *harness.samples(20))
        pool = concurrent.futures.ThreadPoolExecutor(AT_A_TIME)
        cls.addClassCleanup(pool.shutdown, cancel_futures=True)
        cls.started = {name: pool.submit(cls.run_row, row)
                       for name, row in all_rows() if name in cls.wanted}

    @classmethod
    def run_row(cls, row):
        """A case whose folder is the row's, and the result of its run."""
        case = cls()
        harness.Case.setUp(case)
        try:
            shutil.copytree(cls.master, case.folder, dirs_exist_ok=True)
            for name, content in row.files.items():
                put(case.folder / name, content)
            words = [*shlex.split(row.command), *(["-run_outdir", "out"] if row.command else [])]
            if row.ranks > 1:
                return case, case.run_each_rank(*words, code=row.code, ranks=row.ranks,
                                                environment=row.environment)
            run = harness.Running([harness.PROGRAM, *words], {**ALONE, **row.environment},
                                  case.folder)
            return case, run.end(harness.PATIENCE)
        except Exception:
            case.doCleanups()
            raise

    def assert_row(self, name, row):
        run = self.started.get(name)
        case, result = run.result() if run else self.run_row(row)
        self.addCleanup(case.doCleanups)
        if row.ranks == 1:  # run_each_rank has looked at those of more ranks
            self.assertEqual(result.code, row.code, result.output)
        self.assertEqual(result.errors(), 0 if row.code == harness.FINISHED else 1, result.output)
        self.assert_says(result, *row.says)
        for text in (*row.hushes, *SIGNS_OF_A_CRASH):
            self.assertNotIn(text, result.output)
        if row.leaves is not None:
            out = case.folder / "out"
            found = sorted(os.listdir(out)) if out.exists() else []
            self.assertEqual(found, sorted(row.leaves), result.output)
            self.assertEqual(out.exists(), bool(row.leaves))
        if row.check:
            row.check(case, result)


def add_tests():
    for name, row in all_rows():
        if hasattr(Table, name):
            raise ValueError(f"two rows are called {name}")
        setattr(Table, name, lambda self, name=name, row=row: self.assert_row(name, row))


add_tests()
