#!/usr/bin/env python3
"""Errors on tables with a real target, with defaults: ours beside ridge regression and scikit-learn's
MLPRegressor.

    compare_targets.py ADMMNET [--tables diabetes,houses] [--splits 5] [--hidden 100]
                       [--mpirun "mpirun --oversubscribe --bind-to none"] [-- KEYS]

Each table is divided `splits` times, 70 to 30. All get the same samples, both networks 100 hidden
units; inputs are standardised, and MLPRegressor's target too. A row: means over the splits of the
root mean square error over the deviation of the target in the test part. `houses` is generated in
the style of the California census table: 4000 samples, eight skewed inputs, a target with a ceiling
and noise. Needs python3-sklearn (Debian).
"""
import argparse
import json
import pathlib
import statistics
import tempfile
import warnings

import numpy as np
from sklearn import datasets
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from running import output_of, parse


def houses():
    draw = np.random.default_rng(0)
    n = 4000
    income, age = draw.lognormal(1.2, 0.5, n), draw.uniform(1, 52, n)
    rooms, people = draw.lognormal(1.6, 0.3, n), draw.lognormal(1.0, 0.4, n)
    bedrooms, size = rooms * draw.uniform(0.15, 0.3, n), draw.lognormal(7, 0.8, n)
    north, west = draw.uniform(32.5, 42, n), draw.uniform(114, 124.3, n)
    coast = np.exp(-np.abs(west - 114 - (north - 32.5)) / 2)
    price = (0.4 * income + 0.01 * age + 1.5 * coast + 0.15 * rooms - 0.25 * np.log(people)
             + 0.3 * draw.standard_normal(n))
    return (np.stack([income, age, rooms, bedrooms, size, people, north, west], axis=1),
            np.minimum(price, 5.0))


TABLES = {"diabetes": lambda: datasets.load_diabetes(return_X_y=True), "houses": houses}


def relative(predicted, target):
    return float(np.sqrt(np.mean((predicted - target) ** 2)) / np.std(target))


def peers(hidden, split, seed):
    train, test, target, test_target = split
    ridge = make_pipeline(StandardScaler(), RidgeCV(np.logspace(-3, 3, 13)))
    network = TransformedTargetRegressor(
        make_pipeline(StandardScaler(),
                      MLPRegressor(hidden_layer_sizes=(hidden,), random_state=seed, max_iter=500)),
        transformer=StandardScaler())
    errors = []
    for model in (ridge, network):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(train, target)
        errors.append(relative(model.predict(test), test_target))
    return errors


def ours(given, split, seed):
    train, test, target, test_target = split
    with tempfile.TemporaryDirectory() as folder:
        for part, inputs, values in (("train", train, target), ("test", test, test_target)):
            np.savetxt(f"{folder}/{part}.csv", np.column_stack([inputs, values]), fmt="%.17g",
                       delimiter=",")
        output_of([*given.mpirun, "-n", "1", given.admmnet, "train", "-data_format", "csv",
                   "-data_task", "regression", "-data_train", f"{folder}/train.csv", "-data_test",
                   f"{folder}/test.csv", "-net_hidden", str(given.hidden), "-init_seed", str(seed),
                   "-run_outdir", folder, "-run_name", "table", *given.keys])
        summary = json.loads(pathlib.Path(f"{folder}/table.summary.json").read_text("utf-8"))
    return summary["test_rmse"] / float(np.std(test_target))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("admmnet")
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--hidden", type=int, default=100)
    given = parse(parser)
    print("table     samples  inputs  admmnet    ridge  MLPRegressor")
    for name in given.tables.split(","):
        inputs, target = TABLES[name]()
        errors = []
        for seed in range(given.splits):
            split = train_test_split(inputs, target, test_size=0.3, random_state=seed)
            errors.append([ours(given, split, seed), *peers(given.hidden, split, seed)])
        means = [statistics.mean(column) for column in zip(*errors)]
        print(f"{name:9} {len(target):7} {inputs.shape[1]:7} {means[0]:8.3f} {means[1]:8.3f} "
              f"{means[2]:13.3f}", flush=True)


if __name__ == "__main__":
    main()
