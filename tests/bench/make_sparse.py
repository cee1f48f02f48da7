#!/usr/bin/env python3
"""Writes an svmlight file of samples with power-law features and planted labels.

    make_sparse.py FILE SAMPLES FEATURES ENTRIES [--classes C] [--test SAMPLES] [--seed S]

A sample has about ENTRIES/SAMPLES features, feature f with a probability in proportion to
(f + 10)^-1, and of the value 1 + |normal| each. Its class is the largest of C linear functions of
the features, in which one feature in 20 counts, with the normal weights of a teacher, and a normal
number as noise. --test: so many further samples into FILE.test.
"""
import argparse

import numpy as np

NOISE = 0.5  # of the deviation of the teacher's values
BATCH = 20000


def batches(samples):
    return [min(BATCH, samples - first) for first in range(0, samples, BATCH)]


def draw(rng, cumulated, count, mean):
    """Sorted distinct features of each of `count` samples, and their values."""
    sizes = np.maximum(1, rng.poisson(mean, count))
    features = np.searchsorted(cumulated, rng.random(sizes.sum()))
    return [np.unique(part) for part in np.split(features, np.cumsum(sizes)[:-1])]


def write(path, samples, teacher, cumulated, mean, spread, rng):
    entries = 0
    with open(path, "w", encoding="ascii") as out:
        for count in batches(samples):
            for features in draw(rng, cumulated, count, mean):
                values = np.round(1.0 + np.abs(rng.standard_normal(features.size)), 3)
                scores = values @ teacher[features]
                label = np.argmax(scores + NOISE * spread * rng.standard_normal(scores.size))
                text = " ".join(f"{f}:{v:g}" for f, v in zip(features + 1, values))
                out.write(f"{label} {text}\n")
                entries += features.size
    return entries


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    for name in ("samples", "features", "entries"):
        parser.add_argument(name, type=int)
    parser.add_argument("--classes", type=int, default=4)
    parser.add_argument("--test", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = np.random.default_rng(given.seed)
    frequency = 1.0 / (np.arange(given.features) + 10.0)
    cumulated = np.cumsum(frequency / frequency.sum())
    cumulated[-1] = 1.0
    # Features that are drawn twice count once: so many draws leave ENTRIES/SAMPLES of them.
    wanted, mean = given.entries / given.samples, given.entries / given.samples
    for _ in range(20):
        mean *= wanted / -np.expm1(-mean * frequency / frequency.sum()).sum()
    counts = rng.random(given.features) < 0.05
    teacher = rng.standard_normal((given.features, given.classes)) * counts[:, None]
    spread = np.sqrt(4.0 * 0.05 * wanted)
    for path, samples in ((given.file, given.samples), (given.file + ".test", given.test)):
        if samples > 0:
            entries = write(path, samples, teacher, cumulated, mean, spread, rng)
            print(f"{path}: {samples} samples, {given.features} features, {entries} entries")


if __name__ == "__main__":
    main()
