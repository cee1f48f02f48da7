#!/usr/bin/env python3
"""Draws what jobs/predict_scaling.sh predicted: time of a pass against the number of ranks.

    jobs/plot_prediction.py FOLDER MACHINE

    FOLDER     holds CASE.strong.SWEEP.csv and CASE.weak.SWEEP.csv as admmnet plan writes them, and
               takes prediction.png and prediction.svg
    MACHINE    the machine's parameters, in words, for the caption
"""
import argparse
import math
import pathlib
import sys

sys.dont_write_bytecode = True
import plot
import records

CASES = {"higgs": "28-300-1", "mnist": "784-1000-1000-10", "wide": "784-50000-50000-10"}
WEAK = {"higgs": "10 500 samples a rank", "mnist": "3 750 samples a rank",
        "wide": "hidden layers as √ranks, 5 000 on 16"}
SWEEPS = {"full": "o", "blocks": "s"}
# As predict_scaling.sh asks for; auto: samples / 830, at most 120 in eight passes.
BLOCKS = {("higgs", "strong"): 120, ("mnist", "strong"): 72, ("wide", "strong"): 120,
          ("wide", "weak"): 120}
FEW_BLOCKS = 24


COLUMNS = {"ranks": (1, 1e9), "samples": (1, 1e18), "seconds": (1e-12, records.LARGEST),
           "efficiency": (0, records.LARGEST)}


def read(path):
    """Samples of the first line, and (ranks, seconds, efficiency) of the lines that fit."""
    table = records.read_columns(path, COLUMNS, "prediction", "table of admmnet plan -plan_csv")
    points = [point for point in zip(table["ranks"], table["seconds"], table["efficiency"])
              if not any(map(math.isnan, point))]
    return int(table["samples"][0]), points


def draw(plt, axes, folder, case, kind):
    for sweep, marker in SWEEPS.items():
        blocks = BLOCKS.get((case, kind), FEW_BLOCKS)
        label = "full batch" if sweep == "full" else f"{blocks} blocks"
        samples, points = read(folder / f"{case}.{kind}.{sweep}.csv")
        if not points:
            continue
        ranks = [ranks for ranks, _, _ in points]
        seconds = [seconds for _, seconds, _ in points]
        line = axes.plot(ranks, seconds, marker=marker, markersize=4, label=label)[0]
        # Ideal: the flops of each point at the rate of the first one.
        ideal = [time * efficiency for _, time, efficiency in points]
        axes.plot(ranks, ideal, "--", color=line.get_color(), linewidth=1,
                  label=f"{label}, ideal")
    axes.set_xscale("log")
    axes.set_xlim(0.7, 15000)
    axes.set_xlabel("MPI ranks")
    many = f"{samples:,}".replace(",", " ") + " samples"
    network = "784-n-n-10" if (case, kind) == ("wide", "weak") else CASES[case]
    fixed = kind == "strong" or case == "wide"
    rule = "strong scaling" if kind == "strong" else f"weak scaling: {WEAK[case]}"
    axes.set_title((f"{network}, {many}" if fixed else network) + f"\n{rule}", fontsize=8)
    plot.log_scale(plt, axes)
    axes.legend(fontsize=7)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("machine")
    options = parser.parse_args(arguments)
    plt = plot.pyplot()
    with plot.drawing():
        figure, rows = plt.subplots(2, len(CASES), figsize=(11, 6.6))
        for kind, row in zip(("strong", "weak"), rows):
            for case, axes in zip(CASES, row):
                draw(plt, axes, options.folder, case, kind)
            row[0].set_ylabel("predicted time of a pass [s]")
        figure.suptitle("PREDICTION by the cost model, nothing was run")
        machine = plot.plain(options.machine)
        figure.text(0.5, 0.005, f"Machine assumed, {machine}. Numbers of ranks on which the "
                    "problem does not fit have no point.", ha="center", fontsize=8)
        figure.tight_layout(rect=(0, 0.02, 1, 1))
    plot.save(figure, options.folder / "prediction")
    return 0


if __name__ == "__main__":
    sys.exit(records.run("plot_prediction.py", lambda: main(sys.argv[1:])))
