"""Checkpoints that are damaged when the run comes back to them. The table is in faults_test.py;
what exactly a reader notices is tested in tests/checkpoint/hostile_test.cpp."""
import os
import pathlib
import shutil
import sys

import h5py
import numpy as np

import harness
from harness import IO_FAILURE

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "checkpoint"))
from h5py_test import attributes_checksum, checksum

LAST, NEWEST = 4, 3


def flip_bit(path, offset):
    content = bytearray(path.read_bytes())
    content[offset] ^= 0x10
    path.write_bytes(content)


def offset_in(path, data_set):
    """Of the first byte of a data set's elements in the file."""
    with h5py.File(path, "r") as file:
        return file[data_set].id.get_offset()


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


def foreign(path):
    path.unlink()
    with h5py.File(path, "w") as file:
        file["state/layer_1/W"] = np.zeros((64, 6))


def from_the_future(path):
    with h5py.File(path, "r+") as file:
        version = file.attrs["format_version"]
        version[0] += 2
        file.attrs.modify("format_version", version)


def of_another_iteration(path):
    shutil.copy(path.with_name("admmnet.ckpt.1.h5"), path)


def change(path, name, value):
    """Another value in a data set, all checksums right: `value` maps old to new elements."""
    with h5py.File(path, "r+") as file:
        data_set, index = file[name], file["index"]
        data_set[...] = value(data_set[()])
        rows = index[:]
        rows["checksum"][list(rows["name"]).index(name.encode())] = checksum(data_set[()])
        index[:] = rows
        words = np.frombuffer(rows.tobytes(), np.uint64)
        index.attrs.modify("checksum", np.uint64(checksum(words)))
        index.attrs.modify("attributes_checksum", np.uint64(attributes_checksum(file)))


def with_nan(weights):
    weights[3, 2] = np.nan
    return weights


# What is done to the file, and what the log must say about it.
DAMAGES = {
    "truncated": (truncate, "is not a usable checkpoint"),
    "empty": (lambda path: path.write_bytes(b""), "is not a usable checkpoint"),
    "no HDF5": (lambda path: path.write_bytes(b"text\n" * 9999), "it is not an HDF5 file"),
    "foreign": (foreign, "is not a usable checkpoint"),
    "future": (from_the_future, "version"),
    "other iteration": (of_another_iteration, "it is of iteration 1"),
    "header": (lambda path: flip_bit(path, 12), "is not a usable checkpoint"),
    "index": (lambda path: flip_bit(path, offset_in(path, "index") + 40), "index"),
    "weights": (lambda path: flip_bit(path, offset_in(path, "state/layer_1/W") + 1000),
                "/state/layer_1/W does not have its checksum"),
    "history": (lambda path: flip_bit(path, offset_in(path, "history/objective")),
                "/history/objective does not have its checksum"),
    "scalar": (lambda path: flip_bit(path, offset_in(path, "state/best/score")),
               "/state/best/score does not have its checksum"),
}


class Damage(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.common = cls.shared()
        cls.data = harness.make_idx(cls.common.folder / "data")
        cls.common.train("-run_outdir", "undisturbed", *cls.arguments())

    @classmethod
    def arguments(cls):
        return ["-data_dir", cls.data, "-net_hidden", 6, "-train_iterations", LAST,
                "-ckpt_every_iterations", 1, "-ckpt_keep", LAST]

    def killed_after(self, last, outdir="out"):
        """The folder as a kill after this iteration's checkpoint leaves it."""
        shutil.copytree(self.common.path("undisturbed"), self.path(outdir))
        for k in range(last + 1, LAST + 1):
            self.checkpoint(outdir, k).unlink()
        (self.path(outdir) / "admmnet.latest").write_text(f"admmnet.ckpt.{last}.h5\n")
        return self.checkpoint(outdir, last)

    def test_newest_is_damaged(self):
        reference = self.common.checkpoint("undisturbed", LAST)
        for number, (name, (damage, reason)) in enumerate(DAMAGES.items()):
            with self.subTest(damage=name):
                outdir = f"out{number}"
                newest = self.killed_after(NEWEST, outdir)
                damage(newest)
                result = self.train("-run_outdir", outdir, *self.arguments())
                warning = next(line for line in result.output.splitlines()
                               if line.startswith("warning: not used: "))
                self.assertIn(f"{outdir}/{newest.name}", warning)
                self.assertIn(reason, warning)
                self.assert_says(result, f"admmnet.latest names {newest.name}",
                                 f"restart: {outdir}/admmnet.ckpt.{NEWEST - 1}.h5\n")
                self.assert_same_state(self.checkpoint(outdir, LAST), reference)
                self.assert_iterations(outdir, LAST)

    def test_all_are_damaged(self):
        self.killed_after(NEWEST)
        for k in range(1, NEWEST + 1):
            truncate(self.checkpoint("out", k))
        before = {file: file.read_bytes() for file in self.path("out").iterdir()
                  if file.suffix != ".log"}
        for ranks in (1, 2):
            result = self.run_each_rank("train", "-run_outdir", "out", *self.arguments(),
                                        ranks=ranks, code=IO_FAILURE)
            self.assert_says(result, f"none of the {NEWEST} checkpoint(s) of run admmnet in out",
                             "-run_restart none -run_overwrite true")
            for k in range(1, NEWEST + 1):
                self.assert_says(result, f"warning: not used: out/admmnet.ckpt.{k}.h5")
        self.assertEqual(before, {file: file.read_bytes() for file in before})

    def test_named_file_is_damaged(self):
        """A file that the user names has no substitute."""
        damaged = self.killed_after(NEWEST)
        flip_bit(damaged, offset_in(damaged, "state/layer_1/W"))
        for command, key in (("train", "-run_restart"), ("train", "-run_warm_start"),
                             ("predict", "-run_model")):
            with self.subTest(key=key):
                result = self.run_each_rank(command, "-run_outdir", "fresh", "-data_dir", self.data,
                                            "-net_hidden", 6, key, damaged, code=IO_FAILURE)
                self.assert_says(result, str(damaged), "does not have its checksum")
                self.assertFalse(self.checkpoint("fresh", NEWEST + 1).exists())

    def test_crafted(self):
        """Checksums hold, the values cannot be."""
        crafted = self.killed_after(NEWEST)
        good = crafted.read_bytes()
        restart = ("train", "-run_outdir", "out", *self.arguments())
        predict = ("predict", "-run_model", crafted, "-run_outdir", "new", "-data_dir", self.data)
        weights, factor = "/state/layer_1/W", "/state/iterate/step_factor"
        for name, value, command, reason in (
                (weights, with_nan, predict, f"{weights} holds NaN or infinity at (3, 2)"),
                (factor, lambda _: np.nan, restart, f"{factor} is nan; expected 0 to 1"),
                (factor, lambda _: -1.0, restart, f"{factor} is -1; expected 0 to 1")):
            with self.subTest(reason=reason):
                crafted.write_bytes(good)
                change(crafted, name, value)
                result = self.run_each_rank(*command, code=IO_FAILURE)
                self.assert_says(result, f"{crafted.name} is not a usable checkpoint", reason)
                self.assertFalse(self.checkpoint("out", NEWEST + 1).exists())

    def test_crafted_to_lead_elsewhere(self):
        """A link to a pipe that nobody writes to: whoever follows it waits for ever."""
        crafted = self.killed_after(NEWEST)
        os.mkfifo(self.path("pipe.h5"))
        with h5py.File(crafted, "r+") as file:
            del file["network"]
            file["network"] = h5py.ExternalLink(str(self.path("pipe.h5")), "/network")
        result = self.run_program("inspect", crafted, code=IO_FAILURE)
        self.assert_says(result, "/network is an external link, which is not followed")


if __name__ == "__main__":
    harness.main()
