"""Test samples with real targets on the page of jobs/report: how far off, and in which
direction."""
import csv
import io
import math

import plot
import records
import report_html as page
from records import Problem

MOST_POINTS = 2000  # of a figure: more only make the page large


def target_rows(path):
    """{name: (targets, predicted)} of a NAME.test.csv of a regression, samples without one left
    out."""
    lines = csv.reader(io.StringIO(records.text_of(path), newline=""))
    try:
        head = next(lines, [])
        names = [name[len("target_"):] for name in head if name.startswith("target_")]
        places = [(head.index(f"target_{name}"), head.index(f"predicted_{name}"))
                  for name in names if f"predicted_{name}" in head]
        if not places:
            raise Problem(f"{path} holds no predictions of real targets")
        found = {name: ([], []) for name in names}
        for cells in lines:
            if len(cells) != len(head):
                raise Problem(f"{path}, line {lines.line_num} has {len(cells)} fields, the first "
                              f"line has {len(head)}")
            for name, pair in zip(names, places):
                if cells[pair[0]]:
                    for values, place in zip(found[name], pair):
                        values.append(records.number_in_text(
                            cells[place], f"{path}, line {lines.line_num}: {head[place]}"))
    except csv.Error as error:
        raise Problem(f"{path}, line {lines.line_num} is not CSV: {error}") from error
    return found


def goodness(targets, predicted):
    """Root mean square and mean of the residuals (predicted - target), and R^2 = 1 - sum r^2 / sum
    (t - mean t)^2; NaN where all targets are equal."""
    residuals = [p - t for t, p in zip(targets, predicted)]
    squares, mean = math.fsum(r * r for r in residuals), math.fsum(targets) / len(targets)
    spread = math.fsum((t - mean)**2 for t in targets)
    return (math.sqrt(squares / len(targets)), math.fsum(residuals) / len(residuals),
            1 - squares / spread if spread > 0 else math.nan)


def target_figure(plt, name, targets, predicted):
    """Predicted against true, and residuals against predicted."""
    figure, (truth, residuals) = plt.subplots(1, 2, figsize=(8, 3.4))
    step = -(-len(targets) // MOST_POINTS)
    targets, predicted = targets[::step], predicted[::step]
    truth.plot(targets, predicted, ".", markersize=3, alpha=0.6)
    ends = [min(targets), max(targets)]
    truth.plot(ends, ends, "k--", linewidth=1)
    truth.set_xlabel(plot.plain(f"{name}, true"))
    truth.set_ylabel("predicted")
    residuals.plot(predicted, [p - t for t, p in zip(targets, predicted)], ".", markersize=3,
                   alpha=0.6)
    residuals.axhline(0, color="k", linestyle="--", linewidth=1)
    residuals.set_xlabel("predicted")
    residuals.set_ylabel("predicted - true")
    figure.tight_layout()
    return figure


def targets(run):
    if not run.path("test.csv").exists():
        return page.missing("single test samples are not known: -run_predictions true writes "
                            "NAME.test.csv, also of a run that is finished")
    found = {name: pair for name, pair in target_rows(run.path("test.csv")).items() if pair[0]}
    rows = [(name, len(pair[0]), *(f"{value:.4g}" for value in goodness(*pair)))
            for name, pair in found.items()]
    content = page.table(("target", "samples", "RMSE", "mean residual", "R²"), rows)
    for name, pair in found.items():
        try:
            content += page.svg(target_figure, name, *pair)
        except Problem as problem:
            content += page.missing(str(problem))
    return content
