#!/usr/bin/env python3
"""Test accuracy on nine small tables with defaults: ours beside scikit-learn's MLPClassifier.

    compare_tables.py ADMMNET [--tables iris,wine,...] [--splits 10] [--hidden 100]
                      [--mpirun "mpirun --oversubscribe --bind-to none"] [-- KEYS]

Each table is divided `splits` times, 70 to 30, each class in proportion. Both get the same samples
and 100 hidden units; scikit-learn's inputs are standardised by the training part, ours by default.
A row: means over the splits, their difference with its standard error, splits with more than three
rejected blocks. Needs python3-sklearn and r-cran-mlbench (Debian).
"""
import argparse
import csv
import io
import json
import math
import pathlib
import re
import statistics
import subprocess
import tempfile
import warnings

import numpy
from sklearn import datasets
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from running import output_of, parse

OF_SKLEARN = {"iris": datasets.load_iris, "wine": datasets.load_wine,
              "cancer": datasets.load_breast_cancer, "digits": datasets.load_digits}
OF_MLBENCH = {"vehicle": "Vehicle", "vowel": "Vowel", "pima": "PimaIndiansDiabetes",
              "sonar": "Sonar", "glass": "Glass"}


def table_of(name):
    """Inputs and labels; the label is mlbench's last column."""
    if name in OF_SKLEARN:
        return OF_SKLEARN[name](return_X_y=True)
    data = OF_MLBENCH[name]
    program = (f"suppressMessages(library(mlbench)); data({data}); "
               f"write.csv(data.matrix({data}), row.names = FALSE)")
    text = subprocess.run(["Rscript", "-e", program], check=True, capture_output=True,
                          text=True).stdout
    values = numpy.array(list(csv.reader(io.StringIO(text)))[1:], dtype=float)
    return values[:, :-1], values[:, -1].astype(int)


def peer(hidden, split, seed):
    train, test, train_labels, test_labels = split
    model = make_pipeline(StandardScaler(),
                          MLPClassifier(hidden_layer_sizes=(hidden,), random_state=seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(train, train_labels)
    return model.score(test, test_labels)


def ours(given, split, seed):
    """Test accuracy and the number of rejected blocks."""
    train, test, train_labels, test_labels = split
    with tempfile.TemporaryDirectory() as folder:
        for part, inputs, labels in (("train", train, train_labels), ("test", test, test_labels)):
            numpy.savetxt(f"{folder}/{part}.csv", numpy.column_stack([inputs, labels]),
                          fmt="%.17g", delimiter=",")
        output_of([*given.mpirun, "-n", "1", given.admmnet, "train", "-data_format", "csv",
                   "-data_train", f"{folder}/train.csv", "-data_test", f"{folder}/test.csv",
                   "-data_label_column", "last", "-net_hidden", str(given.hidden), "-init_seed",
                   str(seed), "-run_outdir", folder, "-run_name", "table", *given.keys])
        summary = json.loads(pathlib.Path(f"{folder}/table.summary.json").read_text("utf-8"))
        log = pathlib.Path(f"{folder}/table.log").read_text("utf-8")
    return summary["test_accuracy"], len(re.findall(r"^.*loss .* rejected", log, re.MULTILINE))


def compare(given, name):
    """The means, the paired difference and its standard error, all in %."""
    inputs, labels = table_of(name)
    pairs, stumbled = [], 0
    for seed in range(given.splits):
        train, test, train_labels, test_labels = train_test_split(
            inputs, labels, test_size=0.3, stratify=labels, random_state=seed)
        split = train, test, train_labels, test_labels
        accuracy, rejections = ours(given, split, seed)
        pairs.append((100 * accuracy, 100 * peer(given.hidden, split, seed)))
        stumbled += rejections > 3
    difference = [mine - other for mine, other in pairs]
    error = statistics.stdev(difference) / math.sqrt(len(difference)) if len(pairs) > 1 else 0.0
    means = [statistics.mean(column) for column in zip(*pairs)]
    print(f"{name:8} {len(labels):7} {inputs.shape[1]:7} {means[0]:10.1f} {means[1]:14.1f} "
          f"{means[0] - means[1]:+8.1f} +- {error:3.1f} {stumbled:6}", flush=True)
    return means


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("admmnet")
    parser.add_argument("--tables", default=",".join([*OF_SKLEARN, *OF_MLBENCH]))
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument("--hidden", type=int, default=100)
    given = parse(parser)
    print("table    samples  inputs    admmnet  MLPClassifier  difference  more than 3 rejections")
    means = [compare(given, name) for name in given.tables.split(",")]
    mine, other = (statistics.mean(column) for column in zip(*means))
    print(f"mean {'':19} {mine:10.1f} {other:14.1f} {mine - other:+8.1f}")


if __name__ == "__main__":
    main()
