#!/usr/bin/env python3
"""Whether two builds of the program compute the same, bit by bit: after a change that must not
change any number.

    same_weights.py OLD NEW [--quick] [--only REGEX] [--jobs 2]
                    [--old-names resync|blocks] [--new-names resync|blocks]
                    [--old-keys "-key value ..."] [--new-keys "-key value ..."]
                    [--mpirun "mpirun --oversubscribe --bind-to none"]

Both train on the same small images, which the script writes: the three sweeps; a deep and a wide
net; double and single precision; 1, 2, 4 and 6 ranks on grids 1 x P, P x 1, 2 x 2 and 2 x 3.
Losses, activations, multipliers, initial iterates and block sizes take turns. A case agrees when
every data set below /state of the last checkpoint has the same bits on both sides. Further cases
let NEW continue what OLD began, against OLD alone.

--old-names, --new-names: what a side calls its sweeps: `resync`, with `-admm_blocks 1` for full
batch (OLD's default), or `blocks` and `full` (NEW's default). --old-keys, --new-keys: further keys
of one side. One line a case; data sets that one side alone has are listed. Exit code 0: all cases
agree; 1: not all do. Needs h5py (Debian: apt-get install python3-h5py).
"""
import argparse
import os
import pathlib
import random
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import h5py

ROWS, COLUMNS, CLASSES, TRAINING, TEST = 5, 4, 10, 600, 100
COMMON_GRIDS = ((1, 1), (1, 2), (2, 1), (2, 2))
GRIDS = (((1, 4), (2, 3)), ((4, 1), (1, 6)), ((1, 4), (6, 1)))  # one of these a kind of run
QUICK_GRIDS = (((1, 1), (2, 1)), ((1, 2),), ((1, 1), (2, 2)))
NETS = {"deep": "20,20,20,20,20,20", "wide": "300"}
LOSSES = ("softmax", "squared", "multiclass_hinge", "hinge")
ACTIVATIONS = ("relu", "leaky_relu", "hard_sigmoid", "hard_tanh", "relu")
SWEEPS = ("blocks", "full", "printed")
NAMES = {"resync": {"blocks": ["-admm_sweep", "resync"],
                    "full": ["-admm_sweep", "resync", "-admm_blocks", "1"],
                    "printed": ["-admm_sweep", "printed"]},
         "blocks": {sweep: ["-admm_sweep", sweep] for sweep in SWEEPS}}
# What takes turns beside losses and activations; lists of different lengths meet in every way.
TURNS = {"blocks": (["-admm_blocks", "5"], ["-admm_step_clip", "0.01"], ["-admm_gram_every", "3"],
                    ["-init_scheme", "receptive_fields"]),
         "full": (["-admm_hidden_z", "keep"], ["-admm_hidden_z", "recompute"],
                  ["-init_scheme", "xavier"]),
         "printed": (["-admm_multiplier", "output"], ["-admm_multiplier", "residual"],
                     ["-init_scheme", "normal"], ["-admm_warmup", "1"])}
COMMON_TURNS = ([], ["-net_bias", "false"], ["-grid_block", "8"], ["-init_seed", "7"],
                ["-linalg_activation_solver", "cholesky"])
SINGLE = ["-linalg_precision", "single"]  # not with the printed sweep


class Case:
    """One pair of runs. Continued: NEW goes on from OLD's checkpoint of pass 1."""

    def __init__(self, sweep, net, grid, keys, continued=False):
        self.sweep, self.net, self.grid, self.continued = sweep, net, grid, continued
        self.keys = keys + (["-ckpt_every_iterations", "1", "-ckpt_keep", "9"] if continued else [])

    def name(self):
        text = f"{self.sweep} {self.net} {self.grid[0]}x{self.grid[1]} "
        return text + ("OLD's run continued by NEW" if self.continued else " ".join(self.keys))


def turn(options, number):
    return options[number % len(options)]


def cases(quick):
    """Sweeps, nets and precisions on GRIDS; the rest takes turns."""
    kinds = [(sweep, net, precision) for sweep in SWEEPS for net in NETS
             for precision in ([],) + (() if sweep == "printed" else (SINGLE,))]
    found = []
    for kind, (sweep, net, precision) in enumerate(kinds):
        for grid in turn(QUICK_GRIDS, kind) if quick else COMMON_GRIDS + turn(GRIDS, kind):
            number = len(found)
            own, common = turn(TURNS[sweep], number), turn(COMMON_TURNS, number)
            if "receptive_fields" in own and "-net_bias" in common:
                common = []  # they place a threshold at each unit
            keys = ["-net_loss", turn(LOSSES, number), "-net_activation",
                    turn(ACTIVATIONS, number), *precision, *own, *common]
            found.append(Case(sweep, net, grid, keys))
    return found + [Case(sweep, "wide", (1, 2), [], continued=True)
                    for sweep in (SWEEPS[:1] if quick else SWEEPS)]


# ---- data ----
def write_images(folder):
    """Noisy images of one prototype a class, as the four files of MNIST."""
    draw = random.Random(1)
    prototypes = [[draw.randrange(256) for _ in range(ROWS * COLUMNS)] for _ in range(CLASSES)]
    for prefix, count in (("train", TRAINING), ("t10k", TEST)):
        labels = [draw.randrange(CLASSES) for _ in range(count)]
        images = b"".join(
            bytes(int(min(255, max(0, 0.5 * pixel + 64 + draw.gauss(0, 40))))
                  for pixel in prototypes[label]) for label in labels)
        (folder / f"{prefix}-images-idx3-ubyte").write_bytes(
            struct.pack(">IIII", 0x803, count, ROWS, COLUMNS) + images)
        (folder / f"{prefix}-labels-idx1-ubyte").write_bytes(
            struct.pack(">II", 0x801, count) + bytes(labels))


# ---- runs ----
class Side:
    def __init__(self, name, program, names, keys, given):
        self.name, self.program, self.names = name, os.path.realpath(program), NAMES[names]
        self.keys, self.mpirun = shlex.split(keys), shlex.split(given.mpirun)

    def train(self, case, data, folder):
        """Runs the case; an error text, or None."""
        ranks = case.grid[0] * case.grid[1]
        command = [*self.mpirun, "-n", str(ranks), self.program, "train", "-data_dir", str(data),
                   "-net_hidden", NETS[case.net], "-grid_rows", str(case.grid[0]),
                   *self.names[case.sweep], "-train_iterations", "3", *case.keys,
                   *self.keys, "-run_name", "w", "-run_outdir", str(folder)]
        environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1",
                           OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        result = subprocess.run(command, env=environment, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, check=False)
        if result.returncode == 0:
            return None
        lines = [line for line in result.stdout.splitlines() if "error:" in line]
        return f"{self.name} ends with exit code {result.returncode}: {' '.join(lines[:3])}"


def state_of(folder):
    """{name: (type, shape, bytes)} of all data sets below /state of the newest checkpoint."""
    latest = (folder / "w.latest").read_text(encoding="utf-8").strip()
    found = {}
    with h5py.File(folder / latest, "r") as file:
        def take(name, item):
            if isinstance(item, h5py.Dataset):
                found[name] = (str(item.dtype), item.shape, item[()].tobytes())
        file["state"].visititems(take)
    return found


def compare(old, new):
    """(problems, remarks) of two states."""
    differing = [name for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    problems = []
    if differing:
        problems.append(f"{len(differing)} data sets differ: {', '.join(differing[:4])}, ...")
    remarks = []
    for mine, theirs, who in ((old, new, "OLD"), (new, old, "NEW")):
        alone = sorted(mine.keys() - theirs.keys())
        lost = [name for name in alone if name.rsplit("/", 1)[-1] in ("W", "b")]
        problems += [f"{name} only in {who}" for name in lost]
        if set(alone) - set(lost):
            remarks.append(f"only in {who}: {', '.join(sorted(set(alone) - set(lost)))}")
    if not any(name.endswith("/W") for name in old):
        problems.append("no weights at all")
    return problems, remarks


def go_back(folder):
    """Leaves of a run what it had after its first pass."""
    for path in folder.glob("w.*"):
        if path.name != "w.ckpt.1.h5":
            path.unlink()
    (folder / "w.latest").write_text("w.ckpt.1.h5\n", encoding="utf-8")


def run(case, old, new, data):
    """(problems, remarks) of one case."""
    with tempfile.TemporaryDirectory(dir=data) as place:
        place = pathlib.Path(place)
        failure = old.train(case, data, place / "old")
        if case.continued and not failure:
            shutil.copytree(place / "old", place / "new")
            go_back(place / "new")
        failure = failure or new.train(case, data, place / "new")
        if failure:
            return [failure], []
        return compare(state_of(place / "old"), state_of(place / "new"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--quick", action="store_true", help="fewer grids and cases")
    parser.add_argument("--only", default="", help="cases whose line matches this expression")
    parser.add_argument("--old-names", choices=NAMES, default="resync")
    parser.add_argument("--new-names", choices=NAMES, default="blocks")
    parser.add_argument("--old-keys", default="")
    parser.add_argument("--new-keys", default="")
    parser.add_argument("--jobs", type=int, default=2, help="cases at the same time")
    parser.add_argument("--mpirun", default="mpirun --oversubscribe --bind-to none")
    given = parser.parse_args()
    old = Side("OLD", given.old, given.old_names, given.old_keys, given)
    new = Side("NEW", given.new, given.new_names, given.new_keys, given)

    start, failed = time.monotonic(), 0
    all_cases = [case for case in cases(given.quick) if re.search(given.only, case.name())]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(given.jobs) as pool:
        data = pathlib.Path(folder)
        write_images(data)
        results = pool.map(lambda case: run(case, old, new, data), all_cases)
        for case, (problems, remarks) in zip(all_cases, results):
            failed += bool(problems)
            print(f"{'DIFFER' if problems else 'same  '} {case.name()}"
                  + "".join(f"\n       {text}" for text in problems + remarks), flush=True)
    print(f"{len(all_cases) - failed} of {len(all_cases)} cases agree "
          f"({time.monotonic() - start:.0f} s)")
    return 1 if failed or not all_cases else 0


if __name__ == "__main__":
    sys.exit(main())
