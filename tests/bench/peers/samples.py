"""The program's random numbers, start and order of the samples, so that a peer can follow a run
digit by digit; MNIST; and synthetic samples for timings."""
import gzip
import pathlib

import numpy as np

SHUFFLE, WEIGHTS = 1, 0x1000  # streams, as in src/runtime/random.h


def philox(seed, stream, row, col):
    """Four 32-bit words an entry: Philox4x32-10 with key (seed, stream), counter (row, col)."""
    row, col = np.broadcast_arrays(np.asarray(row, np.uint64), np.asarray(col, np.uint64))
    low = np.uint64(0xFFFFFFFF)
    x = [row & low, row >> np.uint64(32), col & low, col >> np.uint64(32)]
    key = [np.uint64(seed & 0xFFFFFFFF), np.uint64(stream)]
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * x[0], np.uint64(0xCD9E8D57) * x[2]
        x = [(b >> np.uint64(32)) ^ x[1] ^ key[0], b & low,
             (a >> np.uint64(32)) ^ x[3] ^ key[1], a & low]
        key = [(key[0] + np.uint64(0x9E3779B9)) & low, (key[1] + np.uint64(0xBB67AE85)) & low]
    return x


def open_unit(high, low):
    bits = ((high << np.uint64(21)) ^ (low >> np.uint64(11))) & np.uint64(2**53 - 1)
    return (bits.astype(float) + 0.5) * 2.0**-53


def normal(seed, stream, row, col):
    w = philox(seed, stream, row, col)
    return np.sqrt(-2.0 * np.log(open_unit(w[0], w[1]))) * np.cos(2 * np.pi * open_unit(w[2], w[3]))


def he_weights(widths, seed=0):
    """[W_l b_l] of every layer with b_l = 0, as -init_scheme he makes them."""
    weights = []
    for l in range(1, len(widths)):
        rows, cols = np.arange(widths[l])[:, None], np.arange(widths[l - 1])[None, :]
        W = np.zeros((widths[l], widths[l - 1] + 1))
        W[:, :-1] = np.sqrt(2.0 / widths[l - 1]) * normal(seed, WEIGHTS + l, rows, cols)
        weights.append(W)
    return weights


def shuffled(size, seed=0):
    """Which sample stands at each position: the Feistel network of src/runtime/random.cpp."""
    bits = 0
    while (1 << (2 * bits)) < size:
        bits += 1
    half, mask = np.uint64(bits), np.uint64((1 << bits) - 1)
    order = np.arange(size, dtype=np.uint64)
    walking = np.ones(size, bool)
    while walking.any():
        left, right = order[walking] >> half, order[walking] & mask
        for number in range(4):
            left, right = right, left ^ (philox(seed, SHUFFLE, right, number)[0] & mask)
        order[walking] = (left << half) | right
        walking = order >= size
    return order.astype(np.int64)


def read_idx(folder, name):
    for path in (pathlib.Path(folder) / name, pathlib.Path(folder) / (name + ".gz")):
        if path.exists():
            data = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
            sizes = np.frombuffer(data, ">i4", data[3], 4)
            return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(sizes)
    raise SystemExit(f"{folder}: neither {name} nor {name}.gz is there")


def mnist(folder, part="train", limit=None):
    """Pixels (samples x 784, 0 to 255) and labels in the order of the file."""
    X = read_idx(folder, f"{part}-images-idx3-ubyte")[:limit]
    return X.reshape(len(X), -1).astype(float), read_idx(folder, f"{part}-labels-idx1-ubyte")[:limit]


def centred(train, *others):
    """-data_scaling centred, learnt on the first: per pixel, one global deviation."""
    mean = train.mean(axis=0)
    deviation = np.sqrt(train.var(axis=0).mean())
    return [(X - mean) / deviation for X in (train, *others)]


def with_ones(X):
    return np.hstack([X, np.ones((len(X), 1))])


def synthetic(samples, inputs, outputs):
    """Like bench_iteration's samples: patterns of the classes under noise, with the ones."""
    rng = np.random.default_rng(0)
    labels = rng.integers(outputs, size=samples)
    X = np.ones((samples, inputs + 1))
    for first in range(0, samples, 2500):
        part = X[first:first + 2500]
        part[:, :-1] = rng.standard_normal((len(part), inputs))
    X[:, :-1] += 0.1 * rng.standard_normal((outputs, inputs))[labels]
    return X, labels
