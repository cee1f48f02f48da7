#!/usr/bin/env python3
"""Draws the training curves of one or several runs: loss, accuracy and residuals against iterations
and against seconds. Needs matplotlib, and h5py for checkpoints.

    jobs/plot.py RUN ... [-o NAME] [--labels LABEL,...]

    RUN        a folder with the files of one or more runs, a NAME.metrics.csv, or a checkpoint
    -o NAME    write NAME.png and NAME.svg (default: training)
"""
import argparse
import contextlib
import math
import pathlib
import sys
import warnings

sys.dont_write_bytecode = True
import records
from records import NoFigure, Problem

# ---- what other scripts of this folder share ----

def pyplot():
    """matplotlib.pyplot, set up for figures in files."""
    records.load("matplotlib", "install it for figures").use("Agg")
    plt = records.load("matplotlib.pyplot", "install matplotlib for figures")
    plt.rcParams.update({"figure.dpi": 150, "font.size": 9, "axes.grid": True, "grid.alpha": 0.3,
                         "legend.frameon": False, "svg.fonttype": "none",
                         "axes.spines.top": False, "axes.spines.right": False})
    warnings.filterwarnings("ignore", message="Glyph .* missing from")  # scripts without a font
    return plt


@contextlib.contextmanager
def drawing():
    """What matplotlib cannot draw is said in a sentence: its versions differ in what they take."""
    try:
        yield
    except (Problem, OSError):
        raise
    except Exception as error:  # pylint: disable=broad-except
        version = getattr(sys.modules.get("matplotlib"), "__version__", "")
        raise NoFigure(f"matplotlib {version} cannot draw this: {type(error).__name__}: "
                       f"{error}") from error


def plain(text):
    """As matplotlib shows it letter by letter: no formula, no label that it leaves out."""
    text = str(text).encode("utf-8", "replace").decode("utf-8").replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


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
        try:
            with drawing():
                figure.savefig(path, bbox_inches="tight")
        except OSError as error:
            raise Problem(f"{path} cannot be written: {error.strerror or error}") from error
        print(f"figure: {path}")


def draw(program, figure, path, *data):
    """The figure, or a remark why there is none: tables are worth having without."""
    try:
        plt = pyplot()
        with drawing():
            drawn = figure(plt, *data)
        save(drawn, path)
    except NoFigure as problem:
        print(f"{program}: no figure: {problem}", file=sys.stderr)


# ---- the runs ----

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
        is_checkpoint = path.suffix == ".h5"
        yield label, (records.read_checkpoint if is_checkpoint else records.read_metrics)(path)


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
            draw_curve(loss, history[x], history["train_loss"], color=colour, label=plain(label))
            draw_curve(accuracy, history[x],
                       [100 * value for value in history["train_accuracy"]], color=colour,
                       linestyle="--", alpha=0.7)
            draw_curve(accuracy, history[x],
                       [100 * value for value in history["validation_accuracy"]], color=colour)
            draw_curve(residual, history[x], history["dual_residual"], color=colour,
                       linestyle="--", alpha=0.7)
            draw_curve(residual, history[x], history["primal_residual"], color=colour)
    for axes in (*grid[0], *grid[2]):
        if all_positive(axes):
            log_scale(plt, axes)
    dual = any(not math.isnan(value) for _, history in runs for value in history["dual_residual"])
    for row, name in enumerate(("training loss (mean a sample)",
                                "accuracy [%]\n(solid: validation, dashed: training)",
                                "residual\n(solid: primal, dashed: dual)" if dual
                                else "primal residual")):
        grid[row, 0].set_ylabel(name)
    grid[2, 0].xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    grid[2, 1].set_xlim(left=0)
    grid[2, 0].set_xlabel("iteration (pass over the data)")
    grid[2, 1].set_xlabel("time of the iterations [s]")
    if len(runs) > 1 and grid[0, 1].lines:
        grid[0, 1].legend(fontsize=7, ncol=1 + len(runs) // 8)
    elif runs:
        figure.suptitle(plain(runs[0][0]))
    figure.tight_layout()
    return figure


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="RUN")
    parser.add_argument("-o", dest="output", default="training", metavar="NAME")
    parser.add_argument("--labels", help="names for the legend, separated by commas")
    options = parser.parse_args(arguments)
    output = options.output.removesuffix(".png").removesuffix(".svg")
    if not pathlib.Path(output).name:
        raise Problem("-o needs a name for the figure")
    runs = list(histories(options.runs))
    if options.labels:
        labels = options.labels.split(",")
        if len(labels) != len(runs):
            raise Problem(f"{len(labels)} labels for {len(runs)} runs")
        runs = [(label, history) for label, (_, history) in zip(labels, runs)]
    with drawing():
        figure = training_figure(runs)
    save(figure, output)
    return 0


if __name__ == "__main__":
    sys.exit(records.run("plot.py", lambda: main(sys.argv[1:])))
