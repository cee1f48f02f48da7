#!/usr/bin/env python3
"""Reads the sample checkpoint with h5py alone and recomputes its checksums with numpy.

    h5py_test.py FILE     exit code 77: h5py is not installed
"""
import sys

try:
    import h5py
    import numpy as np
except ImportError as reason:
    print(f"SKIPPED: {reason}")
    sys.exit(77)


def checksum(elements):
    """element_hash.h: the sum of SplitMix64's output at bits + (position + 1) golden."""
    bits = np.ascontiguousarray(elements).reshape(-1).view(np.uint64)
    with np.errstate(over="ignore"):
        h = bits + (np.arange(bits.size, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return int(np.sum(h ^ (h >> np.uint64(31)), dtype=np.uint64))


def attributes_checksum(f):
    """attribute_rules.h: group, 0, name, 0, value, and zeros up to a multiple of eight."""
    content = b""
    for group in ("/", "/network", "/notes"):
        for name in sorted(f[group].attrs):
            value = f[group].attrs[name]
            if (group, name) == ("/", "complete"):
                continue
            content += b"%s\0%s\0" % (group.encode(), name.encode())
            content += bytes(value) if isinstance(value, bytes) else np.asarray(value).tobytes()
            content += bytes(-len(content) % 8)
    return checksum(np.frombuffer(content, np.uint64))


def main(path):
    with h5py.File(path, "r") as f:
        assert f.attrs["format"].decode() == "admmnet-checkpoint"
        assert list(f.attrs["format_version"]) == [1, 1]
        assert f.attrs["complete"] == 1
        assert "hidden: [7]" in f.attrs["deck"].decode()
        iteration = int(f.attrs["iteration"])
        assert f["network"].attrs["activation"].decode() == "leaky_relu"
        assert list(f["network/hidden"]) == [7]
        assert list(f["network/class_labels"]) == [-1, 4, 9]
        assert f["history/accuracy"].shape == (iteration,)
        assert f["state/resync/steps"][()] == 1000 * iteration
        weights = f["state/layer_1/W"][:]
        assert weights.shape == (13, 7)  # (inputs, outputs)
        j, i = np.meshgrid(np.arange(13), np.arange(7), indexing="ij")
        expected = np.sin(1.0 + 0.7 * i + 1.3 * j + 0.1 * iteration * (i * j % 17))
        ordinary = ~np.isin((i + 5 * j) % 23, [3, 7, 11, 19])
        assert np.abs(weights - expected)[ordinary].max() < 1e-14  # sin of two libraries
        assert f["state/layer_1/b"].shape == (1, 7)
        assert f["state/z"].shape == (40, 5)
        for row in f["index"]:
            name = row["name"].decode()
            assert str(tuple(f[name].shape)).replace(",)", ")") == row["shape"].decode(), name
            assert checksum(f[name][()]) == row["checksum"], name
        assert attributes_checksum(f) == f["index"].attrs["attributes_checksum"]
        print(f"{len(f['index'])} data sets and all attributes read, all checksums hold")


if __name__ == "__main__":
    main(sys.argv[1])
