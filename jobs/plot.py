#!/usr/bin/env python3
"""Draws the training curves of one or several runs: loss, accuracy and residual against iterations
and against seconds. Needs matplotlib, and h5py for checkpoints.

    jobs/plot.py RUN ... [-o NAME] [--labels LABEL,...]

    RUN        a folder with the files of one or more runs, a NAME.metrics.csv, or a checkpoint
    -o NAME    write NAME.png and NAME.svg (default: training)
"""
import argparse
import csv
import math
import pathlib
import sys

COLUMNS = ("iteration", "train_loss", "train_accuracy", "validation_accuracy", "primal_residual",
           "elapsed")


class Problem(Exception):
    """A sentence for the user."""


# ---- what jobs/collect and jobs/plot_prediction.py share ----

def pyplot():
    """matplotlib.pyplot, set up for figures in files."""
    try:
        import matplotlib
    except ImportError as error:
        raise Problem(f"{sys.executable} has no matplotlib: install it for figures") from error
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    plt.rcParams.update({"figure.dpi": 150, "font.size": 9, "axes.grid": True, "grid.alpha": 0.3,
                         "legend.frameon": False, "svg.fonttype": "none",
                         "axes.spines.top": False, "axes.spines.right": False})
    return plt


def log_scale(plt, axes):
    """A logarithmic y axis with several numbers on it, however short it is."""
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    if high < 10 * low:
        axes.yaxis.set_major_locator(plt.MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    elif high < 200 * low:
        axes.yaxis.set_major_locator(plt.LogLocator(subs=(1, 2, 5)))
    else:
        return
    axes.yaxis.set_minor_formatter(plt.NullFormatter())
    axes.yaxis.set_major_formatter("{x:g}")


def save(figure, name):
    """Writes NAME.png and NAME.svg and says so."""
    for suffix in ("png", "svg"):
        path = f"{name}.{suffix}"
        figure.savefig(path, bbox_inches="tight")
        print(f"figure: {path}")


# ---- the history of a run: a list of numbers for each column, NaN where there is none ----

def read_csv(path):
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        reader = csv.DictReader(file)
        if not set(COLUMNS) <= set(reader.fieldnames or ()):
            raise Problem(f"{path} holds no metrics of admmnet: name a .metrics.csv, a checkpoint "
                          "or a folder of a run")
        rows = [row for row in reader if None not in row.values()]
    if not rows:
        raise Problem(f"{path} holds no iteration")
    return {column: [float(row.get(column) or "nan") for row in rows] for column in COLUMNS}


def read_checkpoint(path):
    try:
        import h5py
    except ImportError as error:
        raise Problem(f"{sys.executable} has no h5py: give the run's .metrics.csv instead of "
                      f"{path}") from error
    try:
        with h5py.File(path, "r") as file:
            history = {column: [float(value) for value in file["history"][column][:]]
                       for column in COLUMNS if column in file["history"]}
    except (OSError, KeyError) as error:
        raise Problem(f"{path} is no checkpoint of admmnet: {error}") from error
    length = len(history["iteration"])
    return {column: history.get(column, [math.nan] * length) for column in COLUMNS}


def paths_of_runs(arguments):
    for argument in map(pathlib.Path, arguments):
        if argument.is_dir():
            paths = sorted(argument.glob("*.metrics.csv"))
            if not paths:
                raise Problem(f"there is no .metrics.csv in {argument}")
            yield from paths
        elif argument.is_file():
            yield argument
        else:
            raise Problem(f"there is no file or folder {argument}")


def histories(arguments):
    """Label and history of each run that the arguments name."""
    paths = list(paths_of_runs(arguments))
    names = [path.name.split(".ckpt.")[0].replace(".metrics.csv", "") for path in paths]
    for path, name in zip(paths, names):
        label = name if names.count(name) == 1 else f"{path.resolve().parent.name}/{name}"
        yield label, read_checkpoint(path) if path.suffix == ".h5" else read_csv(path)


# ---- the figure ----

def draw_curve(axes, x, y, **style):
    points = [(a, b) for a, b in zip(x, y) if not (math.isnan(a) or math.isnan(b))]
    if points:
        axes.plot(*zip(*points), marker="." if len(points) < 60 else None, **style)


def all_positive(axes):
    values = [y for line in axes.get_lines() for y in line.get_ydata()]
    return bool(values) and min(values) > 0


def training_figure(runs):
    plt = pyplot()
    figure, grid = plt.subplots(3, 2, figsize=(8, 8), sharex="col", sharey="row")
    for number, (label, history) in enumerate(runs):
        colour = f"C{number % 10}"
        for column, x in enumerate(("iteration", "elapsed")):
            loss, accuracy, residual = grid[:, column]
            draw_curve(loss, history[x], history["train_loss"], color=colour, label=label)
            draw_curve(accuracy, history[x],
                       [100 * value for value in history["train_accuracy"]], color=colour,
                       linestyle="--", alpha=0.7)
            draw_curve(accuracy, history[x],
                       [100 * value for value in history["validation_accuracy"]], color=colour)
            draw_curve(residual, history[x], history["primal_residual"], color=colour)
    for axes in (*grid[0], *grid[2]):
        if all_positive(axes):
            log_scale(plt, axes)
    for row, name in enumerate(("training loss (mean a sample)",
                                "accuracy [%]\n(solid: validation, dashed: training)",
                                "primal residual")):
        grid[row, 0].set_ylabel(name)
    grid[2, 0].xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    grid[2, 1].set_xlim(left=0)
    grid[2, 0].set_xlabel("iteration (pass over the data)")
    grid[2, 1].set_xlabel("time of the iterations [s]")
    if len(runs) > 1:
        grid[0, 1].legend(fontsize=7, ncol=1 + len(runs) // 8)
    elif runs:
        figure.suptitle(runs[0][0])
    figure.tight_layout()
    return figure


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN")
    parser.add_argument("-o", dest="output", default="training", metavar="NAME")
    parser.add_argument("--labels", help="names for the legend, separated by commas")
    options = parser.parse_args(arguments)
    try:
        runs = list(histories(options.runs))
        if options.labels:
            labels = options.labels.split(",")
            if len(labels) != len(runs):
                raise Problem(f"{len(labels)} labels for {len(runs)} runs")
            runs = [(label, history) for label, (_, history) in zip(labels, runs)]
        save(training_figure(runs), options.output)
    except Problem as problem:
        print(f"plot.py: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
