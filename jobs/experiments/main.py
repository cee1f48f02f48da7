"""Goes through experiments: makes the runs that are missing, then tables and figures. Called by
jobs/experiments.sh, whose head says how."""
import argparse
import importlib
import math
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent)]
import figures
import plot
import records
import running
from experiment import SOURCES, Setting
from records import Problem
from results import Prediction, Result, finished
from text_tables import text_table, write_tables

NAMES = ("spark", "hkust", "hybrid", "wide", "thesis", "taylor", "wang")


def parse(arguments):
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(prog="experiments.sh", add_help=False)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("-o", dest="folder", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("data"))
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--sbatch", action="store_true")
    parser.add_argument("--collect", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args(arguments[:cut])
    options.sbatch_options = arguments[cut + 1:]
    if options.sbatch_options and not options.sbatch:
        raise Problem("options behind -- are those of sbatch: they go with --sbatch only")
    if not 1 <= options.ranks < 10**6:
        raise Problem(f"--ranks is {options.ranks}, not a number of ranks from 1 on")
    for name in options.names:
        if name not in NAMES:
            raise Problem(f"there is no experiment {name}: {', '.join(NAMES)}")
    if options.folder is None:
        options.folder = pathlib.Path("runs/experiments" + ("/quick" if options.quick else ""))
    return options


def described(name, options):
    """The experiment as its file describes it, and the folder of its runs."""
    folder = options.folder / name
    setting = Setting(folder, options.data.resolve(), options.quick, options.ranks)
    return importlib.import_module(name).describe(setting), folder


def check_data(name, experiment):
    for path in experiment.needs:
        if not path.exists():
            raise Problem(f"{name} needs {path}, which is not there: --data names the folder that "
                          "holds the data sets (README.md of jobs/experiments has the list)")


# ---- tables ----

def results_of(experiment, folder):
    """The runs that have a result, by name."""
    found = {}
    for run in experiment.runs:
        if running.is_done(run, folder):
            own = folder / run.name
            found[run.name] = Prediction(own) if run.command == "plan" else Result(
                own, finished(own))
    return found


def shown(value, digits):
    if isinstance(value, str):
        return value
    return "-" if value is None or math.isnan(value) else format(value, digits)


def cells(row, columns, results):
    """Values of a row: of its run, or of a pass of it; NaN where there is none."""
    result = results.get(row.run)
    place = result.at(row.at) if result and row.at else result
    return [column.value(place) if place else math.nan for column in columns]


def best_line(table, values):
    """Which row has the largest value of the column that counts, in a sentence."""
    place = [column.head for column in table.columns].index(table.best)
    candidates = [(line[place], row) for line, row in zip(values, table.rows)
                  if row.run and not math.isnan(line[place])]
    if not candidates:
        return []
    value, row = max(candidates, key=lambda candidate: candidate[0])
    others = [candidate for candidate in candidates if not candidate[1].baseline]
    text = f"best {table.best}: {value:.2f}, {row.label}"
    if row.baseline and others:
        value, row = max(others, key=lambda candidate: candidate[0])
        text += f": a baseline, which beats ADMM here ({value:.2f}, {row.label})"
    return [text]


def machine_line(results):
    """On what the seconds were measured."""
    kinds = sorted({(result.processor(), result.ranks) for result in results.values()
                    if isinstance(result, Result)})
    words = "; ".join(f"{processor}, {ranks} rank{'s' * (ranks > 1)}" for processor, ranks in kinds)
    return f"seconds: of the passes, as the program measured them on {words}; this machine has " \
           f"{os.cpu_count()} cores"


def make_table(table, results, folder, quick):
    values = [cells(row, table.columns, results) for row in table.rows]
    head = ["", *(column.head for column in table.columns), "published", "source"]
    rows = [[row.label,
             *(shown(value, column.digits) for value, column in zip(line, table.columns)),
             row.published or "-", row.source or "-"] for row, line in zip(table.rows, values)]
    lines = [table.title, "", text_table(head, rows), ""]
    lines += best_line(table, values) if table.best else []
    if results:
        lines.append(machine_line(results))
    if quick:
        lines.append("--quick: small pieces of the data, not to be compared with published figures")
    lines += table.notes
    used = dict.fromkeys(row.source for row in table.rows if row.source)
    lines += [f"{name}: {SOURCES[name]}" for name in used]
    write_tables(folder, table.name, "\n".join(lines), ["what", *head[1:]], rows)


def collect(name, experiment, folder, quick):
    """Tables and figures of what is there. How many runs have no result."""
    results = results_of(experiment, folder)
    missing = [run.name for run in experiment.runs if not running.is_done(run, folder)]
    print(f"\n== {name}: {experiment.title} ==\n")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"{folder} cannot be made: {error.strerror}") from error
    for table in experiment.tables:
        make_table(table, results, folder, quick)
        print()
    for drawn in experiment.figures if results else ():
        plot.draw("experiments.sh", lambda plt, panels=drawn.panels:
                  figures.figure_of(plt, panels, results), folder / drawn.name)
    if missing:
        print(f"{len(missing)} of {len(experiment.runs)} runs have no result: {', '.join(missing)}")
    return len(missing)


# ---- all of it ----

def make_runs(name, experiment, folder, options):
    experiment.prepare()
    jobs = {}
    for number, run in enumerate(experiment.runs, start=1):
        title = f"{name} {number}/{len(experiment.runs)} {run.name}"
        if options.sbatch:
            running.submit(run, folder, options.ranks, title.replace(" ", "-"),
                           options.sbatch_options, jobs)
        else:
            running.run_here(run, folder, options.ranks, title)


def main(arguments):
    options = parse(arguments)
    experiments = {name: described(name, options) for name in options.names or NAMES}
    if options.list:
        for name, (experiment, folder) in experiments.items():
            for run in experiment.runs:
                deck = running.deck_of(run, folder).strip().replace("\n", ", ")
                print(f"{name}/{run.name}: {run.command} on {run.ranks or options.ranks}: {deck}")
        return 0
    if not options.collect:
        for name, (experiment, _) in experiments.items():
            check_data(name, experiment)
    missing = 0
    for name, (experiment, folder) in experiments.items():
        if not options.collect:
            try:
                make_runs(name, experiment, folder, options)
            except running.Stopped as stop:
                print(f"experiments.sh: {stop}", file=sys.stderr)
                return running.STOPPED
        if not options.sbatch:
            missing += collect(name, experiment, folder, options.quick)
    if options.sbatch:
        print("when the jobs have ended: the same command with --collect in the place of --sbatch")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(records.run("experiments.sh", lambda: main(sys.argv[1:])))
