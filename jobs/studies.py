"""Sweeps and scaling studies as their runs left them, their tables and figures: for jobs/collect
and jobs/report."""
import math
import pathlib
import re
import statistics

import plot
import records
from records import LARGEST, Problem, Summary

# ---- sweeps ----

def read_sweep(folder):
    """(line, {key: value}, summary or None) of each run."""
    runs = []
    for path in folder.glob("*/parameters.txt"):
        lines = [line.split() for line in records.text_of(path).splitlines()[:2]]
        if len(lines) < 2 or not lines[0] or len(lines[0]) != len(lines[1]):
            raise Problem(f"{path} holds no line of keys and a line of as many values")
        summaries = sorted(path.parent.glob("*.summary.json"))
        runs.append((path.parent.name, dict(zip(*lines)),
                     Summary(summaries[0]) if summaries else None))
    if not runs:
        raise Problem(f"there are no runs of sweep.sbatch in {folder}")
    return runs


def score(summary, which):
    return summary.score(which) if summary else math.nan


def best_first(rank):
    """To sort by: no result comes last, whatever the comparison with NaN says."""
    return math.inf if math.isnan(rank) else -rank


def unit(runs):
    """Of their scores: "%", or "RMSE" of real targets."""
    return next((summary.unit() for _, _, summary in runs if summary), "%")


def ordered_sweep(folder):
    """The runs, best validation result first, and the keys of their table."""
    runs = read_sweep(folder)
    rank = lambda summary: summary.rank() if summary else math.nan
    runs.sort(key=lambda run: (best_first(rank(run[2])), run[0]))
    return runs, list(dict.fromkeys(key for _, parameters, _ in runs for key in parameters))


def sweep_rows(runs, keys):
    """Head and rows of the table of a sweep."""
    parts = ("validation", "test", "train")
    head = ["line", *keys, *(f"{part}[{unit(runs)}]" for part in parts), "iterations", "seconds",
            "stopped by"]
    rows = []
    for line, parameters, summary in runs:
        rows.append([line, *(parameters.get(key, "-") for key in keys),
                     *(summary.shown(summary.score(part)) if summary else "-" for part in parts),
                     summary.number("iterations", whole=True) if summary else "-",
                     records.in_seconds(summary.number("seconds_total")) if summary else "-",
                     summary.text("stop_reason") if summary else "no result"])
    return head, rows


def as_number(text):
    """None for words, and for what no axis has room for."""
    try:
        return records.number_in_text(text, "")
    except Problem:
        return None


FEW = 6  # values of a key that get a place each on the axis


def sweep_figure(plt, runs, keys):
    """The validation result against each key that varies."""
    percent = unit(runs) == "%"
    varied = [key for key in keys if len({run[1].get(key) for run in runs}) > 1] or keys
    figure, all_axes = plt.subplots(1, len(varied), figsize=(1.2 + 2.6 * len(varied), 3.2),
                                    sharey=True, squeeze=False)
    for key, axes in zip(varied, all_axes[0]):
        points = [(run[1].get(key, "-"), (100 if percent else 1) * score(run[2], "validation"))
                  for run in runs]
        numbers = [as_number(x) for x, _ in points]
        if None not in numbers and len(set(numbers)) > FEW:
            axes.plot(numbers, [y for _, y in points], "o", alpha=0.7)
            if min(numbers) > 0 and max(numbers) >= 10 * min(numbers):
                axes.set_xscale("log")
        else:  # few, or words, lists and the deck's own value: evenly spaced, numbers in order
            names = sorted({x for x, _ in points},
                           key=lambda x: (as_number(x) is None, as_number(x) or 0, x))
            axes.plot([names.index(x) for x, _ in points], [y for _, y in points], "o", alpha=0.7)
            axes.set_xticks(range(len(names)))
            axes.set_xticklabels(["deck" if name == "-" else plot.plain(name) for name in names])
            axes.set_xlim(-0.5, len(names) - 0.5)
        axes.set_xlabel(plot.plain(key))
    all_axes[0][0].set_ylabel("validation accuracy [%]" if percent else "validation RMSE")
    figure.tight_layout()
    return figure


# ---- scaling studies ----

class Point:
    """All runs on one number of ranks. Times are of one iteration, in seconds."""

    def __init__(self, ranks, runs):
        self.ranks, self.summaries = ranks, [summary for summary, _ in runs]
        first = self.summaries[0]
        self.grid = "x".join(map(str, first.grid()))
        self.block = first.number("block", 1, whole=True)
        self.seconds = [seconds for _, times in runs for seconds in times]
        self.median = statistics.median(self.seconds)
        self.rate = statistics.median(s.number("flops_per_iteration") for s in self.summaries) / (
            self.median * ranks * 1e9)
        self.memory = max(s.number("peak_memory_bytes") for s in self.summaries)
        # Phases of an iteration: {what: {name: average over the ranks, median over the runs}}.
        phases = [s.phases() for s in self.summaries]
        self.names = list(dict.fromkeys(name for of_run in phases for name in of_run))
        self.phases = {what: {name: statistics.median(of_run.get(name, {}).get(what, 0)
                                                      for of_run in phases)
                              for name in self.names}
                       for what in ("seconds", "messages", "bytes")}
        self.messages = sum(self.phases["messages"].values())
        self.megabytes = sum(self.phases["bytes"].values()) / 1e6


def iteration_seconds(path):
    """Without the first iteration, which warms up caches and libraries."""
    times = records.read_columns(path, {"seconds": (1e-12, LARGEST)}, "iteration",
                                 "metrics of admmnet")["seconds"]
    if any(map(math.isnan, times)):
        raise Problem(f"{path} does not say how long each iteration took")
    return times[1:] or times


def read_settings(path):
    """What scaling.sh noted of the study."""
    try:
        lines = records.text_of(path).splitlines()
    except Problem as problem:
        raise Problem(f"{path.parent} is no study of scaling.sh: {problem}") from problem
    settings = dict(line.split(": ", 1) for line in lines if ": " in line)
    for key in ("kind", "rule", "deck", "iterations", "threads"):
        if key not in settings:
            raise Problem(f"{path} has no line {key}")
    if settings["kind"] not in ("strong", "weak"):
        raise Problem(f"{path}: kind is {records.shown(settings['kind'])}, not strong or weak")
    settings["iterations"] = int(records.number_in_text(
        settings["iterations"], f"{path}: iterations", 1, 1e9, whole=True))
    return settings


def read_study(folder):
    """The settings of the study, its points in the order of ranks, and what is missing."""
    settings = read_settings(folder / "study.txt")
    runs, problems = {}, []
    for path in sorted(folder.glob("r*.*.out")):
        name = path.name[:-len(".out")]
        if not re.fullmatch(r"r[1-9][0-9]{0,8}\.[0-9]+", name):
            continue  # of something else
        summary_path = folder / f"{name}.summary.json"
        if not summary_path.exists():
            problems.append(f"{name} has no result: waiting, running, or failed (see {path})")
            continue
        summary = Summary(summary_path)
        asked, used = int(name[1:].split(".")[0]), summary.number("ranks", 1, 1e9, whole=True)
        if used != asked:
            problems.append(f"{name} used {used} of its {asked} ranks, as plan found "
                            "that faster (scaling.sh --all-ranks)")
        iterations = summary.number("iterations", whole=True)
        if iterations != settings["iterations"]:
            problems.append(f"{name} stopped after {iterations} iterations "
                            f"({summary.text('stop_reason')})")
        log = records.text_of(folder / f"{name}.log", errors="replace")
        if "-data_train_limit" in log and ": only " in log:
            problems.append(f"{name} had fewer samples than the study's rule asks for")
        runs.setdefault(asked, []).append((summary,
                                           iteration_seconds(folder / f"{name}.metrics.csv")))
    if not runs:
        raise Problem(f"no run of the study in {folder} has a result")
    return settings, [Point(ranks, runs[ranks]) for ranks in sorted(runs)], problems


def speed_up_and_efficiency(points, kind):
    """Against the smallest number of ranks; in a weak study, that of the grown problem."""
    base = points[0]
    for point in points:
        ratio = base.median / point.median
        more = point.ranks / base.ranks
        yield (ratio, ratio / more) if kind == "strong" else (ratio * more, ratio)


# What is known of each phase: its heading, its key in the summary, and the divisor of its unit.
PHASE_TABLES = (("s", "seconds", 1), ("messages", "messages", 1), ("MB", "bytes", 1e6))


def phase_rows(points, names, what, divisor):
    return [[f"{point.phases[what].get(name, 0) / divisor:.4g}" for name in names]
            for point in points]


def scaling_rows(settings, points):
    """Head and rows of the table of a scaling study, and the names of its phases."""
    head = ["ranks", "grid", "block", "runs", "median[s]", "min[s]", "max[s]", "speed-up",
            "efficiency", "GF/s/rank", "MiB/rank", "messages/rank", "MB/rank"]
    rows = []
    gains = speed_up_and_efficiency(points, settings["kind"])
    for point, (speed_up, efficiency) in zip(points, gains):
        rows.append([point.ranks, point.grid, point.block, len(point.summaries),
                     f"{point.median:.4g}", f"{min(point.seconds):.4g}",
                     f"{max(point.seconds):.4g}", f"{speed_up:.2f}", f"{efficiency:.2f}",
                     f"{point.rate:.3g}", f"{point.memory / 2**20:.0f}",
                     f"{point.messages:.1f}", f"{point.megabytes:.4g}"])
    return head, rows, list(dict.fromkeys(name for point in points for name in point.names))


def scaling_figure(plt, settings, points, names):
    figure, ((time, speed, efficiency), (phases, messages, volume)) = plt.subplots(
        2, 3, figsize=(11, 6.4))
    ranks = [point.ranks for point in points]
    ideal = [points[0].median * (points[0].ranks / p if settings["kind"] == "strong" else 1)
             for p in ranks]
    gains = list(speed_up_and_efficiency(points, settings["kind"]))

    below = [point.median - min(point.seconds) for point in points]
    above = [max(point.seconds) - point.median for point in points]
    time.errorbar(ranks, [point.median for point in points], yerr=[below, above], marker="o",
                  capsize=3, label="median, min to max")
    time.plot(ranks, ideal, "k--", linewidth=1, label="ideal")
    time.set_ylabel("time of an iteration [s]")
    speed.plot(ranks, [gain for gain, _ in gains], marker="o", label="measured")
    speed.plot(ranks, [p / ranks[0] for p in ranks], "k--", linewidth=1, label="ideal")
    speed.set_ylabel("speed-up" if settings["kind"] == "strong" else "scaled speed-up")
    efficiency.plot(ranks, [value for _, value in gains], marker="o", label="measured")
    efficiency.axhline(1, color="k", linestyle="--", linewidth=1, label="ideal")
    efficiency.set_ylim(0, max(1.1, 1.05 * max(value for _, value in gains)))
    efficiency.set_ylabel("parallel efficiency")

    bottom = [0.0] * len(points)
    for name in names:
        height = [point.phases["seconds"].get(name, 0.0) for point in points]
        phases.bar(range(len(points)), height, bottom=bottom, label=plot.plain(name),
                   color="0.7" if name == "outside the phases" else None)
        bottom = [a + b for a, b in zip(bottom, height)]
    phases.set_ylim(0, 1.1 * max(bottom) * (1 + 0.09 * len(names)))  # room for the legend
    phases.set_xticks(range(len(points)))
    phases.set_xticklabels(ranks)
    phases.set_ylabel("mean time of an iteration [s]")
    phases.set_axisbelow(True)
    for axes, what in ((messages, "messages"), (volume, "megabytes")):
        sent = [(point.ranks, getattr(point, what)) for point in points if point.ranks > 1]
        if any(value > 0 for _, value in sent):  # they were counted; one rank sends nothing
            axes.plot(*zip(*sent), marker="o")
    messages.set_ylabel("messages per rank and iteration")
    volume.set_ylabel("data sent per rank and iteration [MB]")

    for axes in (time, speed, efficiency, messages, volume):
        axes.set_xscale("log", base=2)
        axes.set_xticks(ranks)
        axes.set_xticklabels(ranks)
        if axes is not efficiency and axes.lines:
            plot.log_scale(plt, axes)
    for axes in (time, speed, efficiency, phases, messages, volume):
        axes.set_xlabel("MPI ranks")
        if axes.get_legend_handles_labels()[1]:
            axes.legend(fontsize=7)
    deck = pathlib.Path(settings["deck"]).name
    figure.suptitle(plot.plain(f"{deck}, {settings['kind']} scaling: {settings['rule']}") + "; "
                    f"threads of a rank: {settings['threads']}")
    figure.tight_layout()
    return figure
