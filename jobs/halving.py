"""A search with successive halving, as its folder has it: for jobs/tuning.py, jobs/collect and
jobs/report. What is to be done next follows from the folder alone:

    search.json      what was asked for; deck.yaml, space.txt: copies of the two files
    settings.txt     a line for each setting: the table of sweep.sbatch
    rung.R.csv       the results of rung R, written when all of its runs have ended: it decides
    rung.R.tries     a line for each call of sweep.sbatch for this rung
    N/               the run of setting N

Rung R, from 0, trains its settings up to first * 2^R passes in all; the better half of them goes on.
The one that is left is trained to its end; where several get there first, the best of them wins.
"""
import csv
import io
import json
import math
import pathlib
import re

import plot
import records
import studies
from records import Problem, Summary

FORMAT = "admmnet-search"
MOST_TRIES = 3  # of the jobs of a rung, for runs that neither end nor fail
FAILURES = {2: "bad input", 3: "a file that cannot be read or written", 4: "numerical breakdown",
            5: "a defect of the program"}
STOPPED_EARLY = ("signal", "signal_now", "wall_clock")


class Result:
    """Of a setting in a rung. state: paused, ended, failed, or unfinished (not known yet)."""

    def __init__(self, line, state, passes=0, score=math.nan, reason=""):
        self.line, self.state, self.passes = line, state, passes
        self.score, self.reason = score, reason

    def lives(self):
        return self.state in ("paused", "ended")


class Search:
    """The folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        path = self.folder / "search.json"
        try:
            self.asked = json.loads(records.text_of(path))
        except ValueError as error:
            raise Problem(f"{path} cannot be read: {error}") from error
        if not isinstance(self.asked, dict) or self.asked.get("format") != FORMAT:
            raise Problem(f"{path} is no search of jobs/tune.sh")
        for key, least in (("first", 1), ("passes", 0), ("pack", 1), ("at_once", 0)):
            records.number(self.asked.get(key), f"{path}: {key}", least, 1e9, whole=True)
        table = [line.split() for line in
                 records.text_of(self.folder / "settings.txt").splitlines()]
        self.keys, self.settings = table[0], dict(enumerate(table[1:], start=1))
        self.rungs = []
        while (self.folder / f"rung.{len(self.rungs)}.csv").exists():
            self.rungs.append(self.read_rung(len(self.rungs)))

    # ---- rungs ----

    def read_rung(self, rung):
        path = self.folder / f"rung.{rung}.csv"
        rows = list(csv.DictReader(io.StringIO(records.text_of(path))))
        try:
            return [Result(int(row["line"]), row["state"], int(row["passes"]), float(row["score"]),
                           row["reason"]) for row in rows]
        except (KeyError, TypeError, ValueError) as error:
            raise Problem(f"{path} is no rung of a search: {error!r}; remove it, and the rung is "
                          "decided once more") from error

    def write_rung(self, rung, results):
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(("line", "state", "passes", "score", "reason"))
        writer.writerows((r.line, r.state, r.passes, repr(r.score), r.reason) for r in results)
        records.write(self.folder / f"rung.{rung}.csv", file.getvalue().encode())

    def better(self, results):
        """Those with a result, best first; of equal ones the first line."""
        return sorted((r for r in results if r.lives()), key=lambda r: (-r.score, r.line))

    def kept(self):
        """Those of the last rung that go on; None: there was no rung yet."""
        if not self.rungs:
            return None
        return self.better(self.rungs[-1])[:(len(self.rungs[-1]) + 1) // 2]

    def is_over(self):
        kept = self.kept()
        return kept is not None and all(r.state == "ended" for r in kept)

    def pause(self, rung, count):
        """After so many passes the runs of the rung wait; 0: they go to their end."""
        return 0 if count == 1 else self.asked["first"] * 2 ** rung

    def result(self, line, pause):
        """Of the run as it is now."""
        folder = self.folder / str(line)
        summary = newest_summary(folder)
        if summary and summary.text("stop_reason") not in STOPPED_EARLY:
            passes, reason = summary.number("iterations", whole=True), summary.text("stop_reason")
            if reason != "pause" or (pause and passes >= pause):
                score = summary.rank()
                if math.isnan(score):
                    return Result(line, "failed", passes, reason="no validation result: "
                                  "-data_validation must be above 0")
                return Result(line, "paused" if reason == "pause" else "ended", passes, score)
        code = exit_code(folder)
        if code in FAILURES:
            return Result(line, "failed", reason=said_in(folder / "job.out") or FAILURES[code])
        return Result(line, "unfinished", reason=f"exit code {code}" if code else "")

    def next(self, anew):
        """(rung, lines, pause) of the runs to be started now, or None: the search is at its end."""
        while not self.is_over():
            rung, kept = len(self.rungs), self.kept()
            lines = sorted(r.line for r in kept) if kept is not None else list(self.settings)
            pause = self.pause(rung, len(lines))
            results = [self.result(line, pause) for line in lines]
            waiting = [r for r in results if r.state == "unfinished"]
            tries = self.folder / f"rung.{rung}.tries"
            if anew:
                tries.unlink(missing_ok=True)
            tried = len(records.text_of(tries).splitlines()) if tries.exists() else 0
            if waiting and tried < MOST_TRIES:
                with open(tries, "a", encoding="utf-8") as file:
                    file.write(",".join(str(r.line) for r in waiting) + "\n")
                return rung, [r.line for r in waiting], pause
            for r in waiting:
                r.state = "failed"
                what = said_in(self.folder / str(r.line) / "job.out") or "no result"
                r.reason = f"{what} (tried {tried} times)"
            self.write_rung(rung, results)
            self.rungs.append(results)
        return None

    def call(self, lines, pause):
        """The array, and the arguments of sweep.sbatch."""
        asked = self.asked
        tasks = -(-len(lines) // asked["pack"])
        most = f"%{asked['at_once']}" if asked["at_once"] else ""
        arguments = ["--pack", asked["pack"], "--lines", ",".join(map(str, lines)),
                     self.folder / "deck.yaml", self.folder / "settings.txt"]
        if asked["passes"]:
            arguments += ["-train_iterations", asked["passes"]]
        return [f"1-{tasks}{most}", *arguments, "-train_pause_after", pause]

    # ---- what came out ----

    def standing(self):
        """(result, its last rung) of every setting, best first: who came further, then the score;
        those that failed come last."""
        last = {}
        for rung, results in enumerate(self.rungs):
            last.update((r.line, (r, rung)) for r in results)
        known = [last.get(line, (Result(line, "unfinished"), -1)) for line in self.settings]
        place = lambda r, rung: (r.state == "failed", -rung, studies.best_first(r.score), r.line)
        return sorted(known, key=lambda pair: place(*pair))

    def best(self):
        """The setting that has won, or None."""
        kept = self.kept() if self.is_over() else []
        return kept[0] if kept else None

    def summaries(self):
        return {line: newest_summary(self.folder / str(line)) for line in self.settings}

    def unit(self):
        return next((s.unit() for s in self.summaries().values() if s), "%")

    def rows(self):
        """Head and rows of the table."""
        summaries, best, unit = self.summaries(), self.best(), self.unit()
        head = ["line", *self.keys, "passes", f"validation[{unit}]", f"test[{unit}]", "seconds",
                "outcome"]
        rows = []
        for result, rung in self.standing():
            summary = summaries[result.line]
            rows.append([result.line, *self.settings[result.line], result.passes or "-",
                         summary.shown(abs(result.score)) if summary else "-",
                         summary.shown(summary.score("test")) if summary else "-",
                         seconds_of(summary), self.outcome(result, rung, best)])
        return head, rows

    def outcome(self, result, rung, best):
        if result.state == "failed":
            return f"failed: {result.reason}"
        if best and result.line == best.line:
            return "best"
        if rung < 0 or (rung == len(self.rungs) - 1 and not self.is_over()
                        and result.line in {r.line for r in self.kept()}):
            return "under way"
        return f"left after rung {rung + 1}"

    def write_best(self):
        """best.yaml, the deck of the best; its path."""
        summary = newest_summary(self.folder / str(self.best().line))
        name = summary.path.name[:-len(".summary.json")]
        used = records.text_of(summary.path.with_name(f"{name}.used.yaml"))
        # Into a folder of its own: that of the setting has its finished run.
        used, count = re.subn(r"(?m)^(  outdir: ).*$",
                              lambda line: line.group(1) + json.dumps(str(self.folder / "best")), used)
        if count != 1:
            raise Problem(f"{summary.path.with_name(name)}.used.yaml has no line outdir")
        path = self.folder / "best.yaml"
        records.write(path, used.encode("utf-8"))
        return path


def newest_summary(folder):
    paths = sorted(folder.glob("*.summary.json"))
    return Summary(paths[0]) if paths else None


def exit_code(folder):
    try:
        return int(records.text_of(folder / "exit_code"))
    except (Problem, ValueError):
        return None


def said_in(path):
    """The last error in what a run said, in one line; "" where there is none."""
    try:
        lines = records.text_of(path, "replace").splitlines()
    except Problem:
        return ""
    for i in range(len(lines) - 1, -1, -1):
        found = re.search(r"admmnet: error: (.*)|^train\.sbatch: ((?!failed with|command|launcher|"
                          r"finished|job |threads|modules|SIG|stopped).*)", lines[i])
        if found:
            details = []
            for line in lines[i + 1:i + 4]:  # of several problems a line each
                if not line.startswith("  "):
                    break
                details.append(line.strip())
            return " ".join([found.group(1) or found.group(2), *details])
    return ""


def seconds_of(summary):
    """Of training, over all parts of the run."""
    if summary is None:
        return "-"
    path = summary.path.with_name(summary.path.name.replace(".summary.json", ".metrics.csv"))
    return records.in_seconds(records.read_metrics(path)["elapsed"][-1])


def figure(plt, search):
    """The validation result of each setting from rung to rung; those that were left end there."""
    drawn, axes = plt.subplots(figsize=(6.4, 3.8))
    best = search.best()
    paths = {}
    for results in search.rungs:
        for r in filter(Result.lives, results):
            paths.setdefault(r.line, []).append((r.passes, r.score))
    percent = search.unit() == "%"
    factor = 100 if percent else -1
    for line, path in sorted(paths.items(), key=lambda item: len(item[1])):
        x, y = zip(*((passes, factor * score) for passes, score in path))
        if best and line == best.line:
            values = ", ".join(f"{key} {value}" for key, value in
                               zip(search.keys, search.settings[line]))
            axes.plot(x, y, "o-", color="C3", linewidth=2, zorder=3,
                      label=plot.plain(f"best, line {line}: {values}"))
        else:
            axes.plot(x, y, "o-", color="0.6" if len(path) < len(search.rungs) else "C0",
                      markersize=3.5, linewidth=1)
    ticks = sorted({passes for path in paths.values() for passes, _ in path})
    axes.set_xscale("log", base=2)
    axes.set_xticks(ticks)
    axes.set_xticklabels(ticks)
    axes.set_xlabel("passes")
    axes.set_ylabel("validation accuracy [%]" if percent else "validation RMSE")
    if axes.get_legend_handles_labels()[1]:
        axes.legend(fontsize=7, loc="best")
    drawn.tight_layout()
    return drawn
