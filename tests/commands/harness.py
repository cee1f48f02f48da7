"""Small data sets, runs of the program, and looks into what they leave: common to all topics.

Environment (set by ctest): ADMMNET_PROGRAM, the program; ADMMNET_MPIEXEC, the launcher and its
options, the one for the number of ranks last. Without them: `admmnet` and `mpirun` of the path.
"""
import csv
import gzip
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SKIPPED = 77
try:
    import h5py
    import numpy as np
except ImportError as reason:
    print(f"SKIPPED: {sys.executable}: {reason}")
    sys.exit(SKIPPED)

PROGRAM = os.path.realpath(os.environ.get("ADMMNET_PROGRAM", shutil.which("admmnet") or "admmnet"))
MPIEXEC = os.environ.get("ADMMNET_MPIEXEC", "mpirun --oversubscribe -n").split()
# What runs the program with its messages counted: the wrapper of a run.
COUNTED = ["env", f"LD_PRELOAD={pathlib.Path(PROGRAM).parent / 'libadmmnet_mpi_counter.so'}"]

FINISHED, BAD_INPUT, IO_FAILURE, STOPPED = 0, 2, 3, 10
PATIENCE = 30  # seconds in which a run that cannot work must have left
SIDE, CLASSES, TRAINING, TEST = 8, 4, 600, 200
# A machine on which small problems are worth all ranks. What a test says comes later and counts.
USE_ALL_RANKS = ["-plan_latency", "1e-15", "-plan_bandwidth", "1e9", "-plan_gflops", "1e-3"]


# ---- data sets ----
def samples(count, seed=1, classes=CLASSES, labels=None):
    """Noisy images of one prototype a class, too noisy for 100 %: lists of bytes and of labels."""
    pixel = random.Random(0)
    prototypes = [[pixel.randrange(256) for _ in range(SIDE * SIDE)] for _ in range(classes)]
    draw = random.Random(seed)
    images, classes_of = [], []
    for _ in range(count):
        c = draw.randrange(classes)
        classes_of.append(labels[c] if labels else c)
        images.append(bytes(int(min(255, max(0, 127 + 0.25 * (p - 127) + draw.gauss(0, 60))))
                            for p in prototypes[c]))
    return images, classes_of


def write_bytes(path, content):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "wb") as file:
        file.write(content)


def write_images(path, images, magic=0x803, count=None):
    head = struct.pack(">IIII", magic, len(images) if count is None else count, SIDE, SIDE)
    write_bytes(path, head + b"".join(images))


def write_labels(path, labels):
    write_bytes(path, struct.pack(">II", 0x801, len(labels)) + bytes(labels))


def make_idx(folder, ending="", **options):
    """The four standard files; returns the folder as text."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for prefix, count, seed in (("train", TRAINING, 1), ("t10k", TEST, 2)):
        images, labels = samples(count, seed, **options)
        write_images(folder / f"{prefix}-images-idx3-ubyte{ending}", images)
        write_labels(folder / f"{prefix}-labels-idx1-ubyte{ending}", labels)
    return str(folder)


def write_csv(path, images, labels):
    lines = (",".join(map(str, [*image, label])) for image, label in zip(images, labels))
    pathlib.Path(path).write_text("\n".join(lines) + "\n")
    return str(path)


# ---- runs ----
class Result:
    def __init__(self, code, output, seconds):
        self.code, self.output, self.seconds = code, output, seconds

    def errors(self):
        return self.output.count("admmnet: error:")


def ranks_of(launcher):
    """Process numbers by rank of the program's processes that this launcher has started."""
    parents, found = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            parents[int(entry.name)] = int(fields[1])
            if fields[0] == "Z" or os.readlink(entry / "exe") != PROGRAM:
                continue
            variables = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        for variable in variables:
            if variable.split("=")[0] in ("OMPI_COMM_WORLD_RANK", "PMI_RANK"):
                found[int(entry.name)] = int(variable.split("=")[1])

    def is_below(process):
        while process in parents and process != launcher:
            process = parents[process]
        return process == launcher

    return {rank: process for process, rank in found.items() if is_below(process)}


class Running:
    """A run in the background; its lines are collected as they come."""

    def __init__(self, command, environment, folder):
        self.start = time.monotonic()
        self.process = subprocess.Popen(
            command, env={**os.environ, **environment}, cwd=folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        with self.process.stdout as stream:
            for line in stream:
                self.lines.append(line)

    def output(self):
        return "".join(self.lines)

    def wait_for(self, text, times=1, timeout=60):
        """Returns once `text` has come so many times."""
        deadline = time.monotonic() + timeout
        while self.output().count(text) < times:
            ended = self.process.poll() is not None and not self.reader.is_alive()
            if ended or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"{'ended' if ended else 'waited'} without {text!r}:\n"
                                     + self.output())
            time.sleep(0.005)

    def ranks(self):
        return ranks_of(self.process.pid)

    def send(self, number, ranks=None):
        for rank, process in self.ranks().items():
            if ranks is None or rank in ranks:
                os.kill(process, number)

    def kill(self):
        """Every process of the run by its number, so that none is left over."""
        ranks = self.ranks().values()
        for process in [self.process.pid, *ranks]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.reader.join(10)

    def end(self, timeout=120):
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"hung for {timeout} s:\n" + self.output()) from None
        self.reader.join(10)
        return Result(code, self.output(), time.monotonic() - self.start)


# Runs the program and notes its exit code in a file of its own. mpirun ends the others when one
# returns a failure, so this returns 0: then every rank gets to the end by itself.
NOTE_CODE = 'codes=$1; shift; "$@"; code=$?; echo $code > "$codes/$$"; exit 0'


class Case(unittest.TestCase):
    """Each test has a folder of its own, in which its runs start."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="admmnet-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    @classmethod
    def shared(cls):
        """For setUpClass: a case that makes runs in a folder for all tests of the class."""
        common = cls()
        Case.setUp(common)
        cls.addClassCleanup(common.doCleanups)
        return common

    def start(self, *arguments, ranks=2, environment=None, wrapper=()):
        """With 0 ranks without a launcher, as one process."""
        planned = USE_ALL_RANKS if arguments[:1] == ("train",) else []
        launcher = [*MPIEXEC, ranks] if ranks else []
        command = [*launcher, *wrapper, PROGRAM, *arguments[:1], *planned, *arguments[1:]]
        run = Running([str(word) for word in command], environment or {}, self.folder)
        self.addCleanup(lambda: run.process.poll() is None and run.kill())
        return run

    def run_program(self, *arguments, code=FINISHED, ranks=2, timeout=120, environment=None,
                    wrapper=()):
        """Runs to the end; the launcher must return `code` (None: whatever it is)."""
        result = self.start(*arguments, ranks=ranks, environment=environment,
                            wrapper=wrapper).end(timeout)
        if code is not None:
            self.assertEqual(result.code, code, result.output)
        return result

    def train(self, *arguments, **options):
        return self.run_program("train", *arguments, **options)

    def run_each_rank(self, *arguments, code, ranks=2, environment=None):
        """Like run_program, for a run that cannot work: every rank must leave by itself in time
        with `code`, and say why once."""
        codes = pathlib.Path(tempfile.mkdtemp(prefix="codes-", dir=self.folder.parent))
        self.addCleanup(shutil.rmtree, codes, ignore_errors=True)
        result = self.start(*arguments, ranks=ranks, environment=environment,
                            wrapper=["sh", "-c", NOTE_CODE, "sh", codes]).end(PATIENCE)
        found = [int(file.read_text()) for file in codes.iterdir()]
        self.assertEqual(found, [code] * ranks, result.output)
        self.assertEqual(result.errors(), 1, result.output)
        return result

    # ---- what a run leaves ----
    def path(self, name):
        return self.folder / name

    def summary(self, outdir, name="admmnet"):
        return json.loads((self.path(outdir) / f"{name}.summary.json").read_text())

    def metrics(self, outdir, name="admmnet"):
        with open(self.path(outdir) / f"{name}.metrics.csv", newline="") as file:
            return list(csv.DictReader(file))

    def log(self, outdir, name="admmnet"):
        return (self.path(outdir) / f"{name}.log").read_text()

    def checkpoint(self, outdir, position, name="admmnet"):
        """`position`: passes done; in the middle of one "passes.steps"."""
        return self.path(outdir) / f"{name}.ckpt.{position}.h5"

    def newest_checkpoint(self, outdir, name="admmnet"):
        return self.path(outdir) / (self.path(outdir) / f"{name}.latest").read_text().strip()

    def assert_says(self, result, *texts):
        for text in texts:
            self.assertIn(text, result.output)

    def assert_iterations(self, outdir, last):
        """No gap and no double, neither in the metrics nor in the newest checkpoint."""
        expected = list(range(1, last + 1))
        self.assertEqual([int(row["iteration"]) for row in self.metrics(outdir)], expected)
        history = contents(self.newest_checkpoint(outdir), "history")
        self.assertEqual(history["history/iteration"].tolist(), expected)

    def assert_same_state(self, one, other):
        """Bit by bit: weights, whatever else the sweep holds, and the history less its times."""
        states = [{**contents(file, "state"), **contents(file, "history")} for file in (one, other)]
        self.assertEqual(sorted(states[0]), sorted(states[1]))
        for name, values in states[0].items():
            if name not in ("history/seconds", "history/elapsed"):
                self.assertEqual(values.tobytes(), states[1][name].tobytes(),
                                 f"{name} of {one} and {other}")

    def assert_close_weights(self, one, other, tolerance):
        """Each layer's W and b within tolerance, relative to the largest entry."""
        first, second = contents(one, "state"), contents(other, "state")
        names = [name for name in first if name.startswith("state/layer_")]
        self.assertTrue(names)
        for name in names:
            difference = np.abs(first[name] - second[name]).max()
            self.assertLessEqual(difference, tolerance * np.abs(second[name]).max(), name)


def contents(file, group):
    """Every data set below a group of a checkpoint, by its full name."""
    found = {}
    with h5py.File(file, "r") as opened:
        def take(name, item):
            if isinstance(item, h5py.Dataset):
                found[f"{group}/{name}"] = np.asarray(item[()])
        opened[group].visititems(take)
    return found


def outputs_of(checkpoint):
    """Outputs z of the test samples (8 x 8 pixels) from a checkpoint alone, without components, and
    the attributes of /network."""
    with h5py.File(checkpoint) as file:
        images = np.array([list(image) for image in samples(TEST, 2)[0]], float)
        a = (images - file["network/shift"][:]) * file["network/scale"][:]
        for layer in range(1, len(file["network/hidden"]) + 2):
            z = a @ file[f"state/layer_{layer}/W"][:] + file[f"state/layer_{layer}/b"][:]
            a = np.maximum(z, 0)
        return z, dict(file["network"].attrs)


def main():
    """Runs the tests of a file. One that is skipped makes the file skipped, unless others fail."""
    result = unittest.main(verbosity=2, exit=False).result
    sys.exit(1 if not result.wasSuccessful() else SKIPPED if result.skipped else 0)
