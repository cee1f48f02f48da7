"""A run on the page of jobs/report: what its files say, in sections. Each section stands alone: one
that lacks something says what, and the others are there."""
import csv
import heapq
import io
import math
import pathlib
import re

import plot
import records
import report_html as page
import report_images
from records import Problem, Summary
from report_targets import targets

STOPPED = {"budget": "all passes asked for are done", "target": "the target was reached",
           "tolerance": "the objective hardly changed any more",
           "residuals": "the residuals were within their tolerances",
           "patience": "the validation result got no better",
           "wall_clock": "stopped by the time limit; the same command goes on",
           "signal": "stopped by a signal; the same command goes on",
           "signal_now": "stopped by a signal at once; the same command goes on"}
MOST_CLASSES = 30   # of a confusion matrix that is readable
MOST_MISTAKES = 24
LAST_LINES = 60     # of the log


class Run:
    """The files NAME.* in a folder, and the problems met on the way."""

    def __init__(self, folder, name):
        self.folder, self.name = pathlib.Path(folder), name
        self.problems, self.gaps = [], []
        self.word = ""  # for how certain a prediction is
        self.summary = self.tried(Summary, "summary.json")
        self.history = self.tried(lambda path: records.read_metrics(path, self.gaps), "metrics.csv")
        self.deck_text = self.tried(records.text_of, "used.yaml") or ""
        self.log = self.tried(lambda path: records.text_of(path, "replace"), "log") or ""
        self.deck = read_deck(self.deck_text)

    def path(self, ending):
        return self.folder / f"{self.name}.{ending}"

    def tried(self, read, ending):
        try:
            return read(self.path(ending)) if self.path(ending).exists() else None
        except Problem as problem:
            self.problems.append(str(problem))
            return None

    def said(self, key):
        """The last value of a line "key: value" of the log, or None."""
        found = re.findall(rf"^{re.escape(key)}: +(.*)$", self.log, re.MULTILINE)
        return found[-1].strip() if found else None

    def score(self):
        """What the network is measured by, of the scores that a summary may have."""
        fields = self.summary.fields if self.summary else {}
        return next((name for name in ("accuracy", "rmse") if f"test_{name}" in fields), "accuracy")

    def measured(self, which):
        """Of the training, validation or test samples, as a text; None where there are none."""
        key = f"{which}_{self.score()}"
        if not self.summary or self.summary.fields.get(key) is None:
            return None
        value = self.summary.number(key)
        return f"{100 * value:.2f} %" if self.score() == "accuracy" else f"{value:.4g}"

    def classes(self):
        names = self.summary.fields.get("classes") if self.summary else None
        return list(map(str, names)) if isinstance(names, list) else []

    def test_rows(self):
        """Of NAME.test.csv, or None; how certain each is, is `word`."""
        rows, self.word = self.tried(test_rows, "test.csv") or (None, "")
        accuracy = self.summary.fields.get("test_accuracy") if self.summary else None
        if rows and isinstance(accuracy, float):
            found = sum(label == predicted for _, label, predicted, _ in rows) / len(rows)
            if abs(found - accuracy) > 1e-9:
                self.problems.append(f"{self.path('test.csv')} is of another end of the run: its "
                                     f"accuracy is {100 * found:.2f} %")
        return rows

    def checkpoint(self):
        latest = self.path("latest")
        name = records.text_of(latest).strip() if latest.is_file() else ""
        if not name or not (self.folder / name).is_file():
            raise Problem(f"there is no checkpoint of {self.name} in {self.folder}")
        return self.folder / name


def read_deck(text):
    """{"data_dir": value, ...} of a NAME.used.yaml: groups, and in them a line for each key."""
    deck, group = {}, ""
    for line in text.splitlines():
        head = re.match(r"(\w+):\s*$", line)
        entry = re.match(r'  (\w+): *(?:"((?:[^"\\]|\\.)*)"|([^#]*))', line)
        if head:
            group = head.group(1)
        elif entry:
            quoted = re.sub(r"\\(.)", r"\1", entry.group(2) or "")
            deck[f"{group}_{entry.group(1)}"] = quoted or (entry.group(3) or "").strip()
    return deck


# ---- the result in a sentence ----

def result(run):
    if not run.summary:
        return page.paragraph(unfinished(run), "result")
    figures = [f"{which} {run.score()} {value}"
               for which, value in ((which, run.measured(which))
                                    for which in ("test", "validation", "train")) if value]
    network = (run.said("network") or "the network").split(" ")[0]
    passes = counted(run.summary.number("iterations", whole=True), "pass", "passes")
    ranks = counted(run.summary.number("ranks", 1, whole=True), "rank", "ranks")
    reason = run.summary.text("stop_reason")
    sentence = (f"{network}: {', '.join(figures) or 'no score'}; {passes} in "
                f"{run.summary.number('seconds_total'):.4g} s on {ranks}; "
                f"{STOPPED.get(reason, reason)}.")
    going_on = "" if not run.path("lock").exists() else page.missing(
        f"{run.path('lock')} is there: the run goes on, or was killed; this is its last result")
    return page.paragraph(sentence, "result") + going_on


def counted(number, one, many):
    return f"{number} {one if number == 1 else many}"


def unfinished(run):
    why = ("it is running, or was killed" if run.path("lock").exists()
           else "it was stopped, or failed")
    done = len(run.history["iteration"]) if run.history else 0
    best = max((value for value in (run.history or {}).get("validation_accuracy", [])
                if not math.isnan(value)), default=None)
    return (f"{run.name} has no result yet: {why}; {counted(done, 'pass', 'passes')} done"
            + (f", best validation accuracy {100 * best:.2f} %." if best is not None else "."))


def facts(run):
    rows = [(key, run.said(key)) for key in ("data", "network", "scaling", "components", "method",
                                             "network of iteration", "temperature of the logits",
                                             "speed of the iterations", "memory")]
    notes = [page.missing(text) for text in run.problems]
    return page.table(("what", "value"), [row for row in rows if row[1]]) + "".join(notes) \
        if any(value for _, value in rows) else "".join(notes)


# ---- curves ----

def curve(plt, runs, columns, label, factor):
    """Columns (name, style) of the histories against passes."""
    figure, axes = plt.subplots(figsize=(4.6, 2.9))
    for number, (name, history) in enumerate(runs):
        for place, (column, style, what) in enumerate(columns):
            plot.draw_curve(axes, history["iteration"],
                            [factor * value for value in history[column]], linestyle=style,
                            color=f"C{number % 10}", alpha=1 - 0.3 * place,
                            label=plot.plain(what))
    if factor == 1 and plot.all_positive(axes):
        plot.log_scale(plt, axes)
    axes.xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    axes.set_xlabel("pass over the data")
    axes.set_ylabel(label)
    if axes.lines:
        axes.legend(handles=legend_entries(plt, runs, columns, axes), fontsize=7)
    return figure


def legend_entries(plt, runs, columns, axes):
    """Of one run its curves; of several a colour a run and, where it has several curves, a style a
    curve."""
    if len(runs) == 1:
        return axes.get_legend_handles_labels()[0]
    entry = lambda label, **style: plt.Line2D([], [], label=plot.plain(label), **style)
    styles = columns if len(columns) > 1 else ()
    return [*(entry(name, color=f"C{number % 10}") for number, (name, _) in enumerate(runs)),
            *(entry(what, color="0.5", linestyle=style) for _, style, what in styles)]


def curves(runs):
    """Loss and score by pass of one run or several, beside each other."""
    histories = [(run.name, run.history) for run in runs if run.history]
    if not histories:
        return page.missing("no pass has ended yet, or NAME.metrics.csv is gone: no curves")
    score = runs[0].score()
    drawn = [page.svg(curve, histories, (("train_loss", "-", "training"),), "training loss", 1),
             page.svg(curve, histories, ((f"validation_{score}", "-", "validation"),
                                         (f"train_{score}", "--", "training (dashed)")),
                      *(("accuracy [%]", 100) if score == "accuracy" else ("RMSE", 1)))]
    gaps = [text for run in runs for text in run.gaps]
    note = page.missing(f"{counted(len(gaps), 'value is', 'values are')} left out of the curves: "
                        f"{gaps[0]}" + (", ..." if len(gaps) > 1 else "")) if gaps else ""
    beside = "\n".join(f"<figure>{one}</figure>" for one in drawn)
    return f'<div class="row">{beside}</div>{note}'


# ---- the test samples ----

def test_rows(path):
    """(sample, label, predicted, certainty) of each labelled sample of a NAME.test.csv, and the
    word for certainty: the probability of the class predicted or, of scores, how far it is ahead of
    the true one."""
    lines = csv.reader(io.StringIO(records.text_of(path), newline=""))
    try:
        head = next(lines, [])
        if head[:3] != ["sample", "label", "predicted"]:
            raise Problem(f"{path} holds no predictions of test samples")
        columns = [name[2:] for name in head[3:]]
        probabilities = len(head) > 3 and head[3].startswith("p_")
        rows = []
        for cells in lines:
            if len(cells) != len(head):
                raise Problem(f"{path}, line {lines.line_num} has {len(cells)} fields, the first "
                              f"line has {len(head)}")
            if cells[1]:
                where = f"{path}, line {lines.line_num}"
                sample = int(records.number_in_text(cells[0], where, 0, whole=True))
                values = [records.number_in_text(cell, where) for cell in cells[3:]]
                rows.append((sample, cells[1], cells[2],
                             certainty(dict(zip(columns, values)), cells[1], cells[2],
                                       probabilities)))
    except csv.Error as error:
        raise Problem(f"{path}, line {lines.line_num} is not CSV: {error}") from error
    return rows, "probability" if probabilities else "ahead by"


def certainty(values, label, predicted, probabilities):
    if len(values) == 1:  # a single output, that of the second class: far from its threshold?
        return 2 * abs(next(iter(values.values())) - 0.5)
    of = lambda name: values.get(name, math.nan)
    return of(predicted) if probabilities else of(predicted) - of(label)


def confusion_of(run, rows):
    """Names and counts, by true class (rows) and predicted class (columns), or None."""
    names = run.classes()
    if rows is not None:
        names = names or sorted({name for _, *pair, _ in rows for name in pair})
        place = {name: i for i, name in enumerate(names)}
        counts = [[0] * len(names) for _ in names]
        for sample, label, predicted, _ in rows:
            if label not in place or predicted not in place:
                raise Problem(f"{run.path('test.csv')}: sample {sample} is of a class that the "
                              "summary does not name")
            counts[place[label]][place[predicted]] += 1
        return names, counts
    counts = run.summary.fields.get("test_confusion") if run.summary else None
    if counts is None:
        return None
    whole = (isinstance(counts, list) and len(counts) == len(names) and all(
        isinstance(row, list) and len(row) == len(names) for row in counts))
    if not whole:
        raise Problem(f"{run.summary.path}: test_confusion is no table of the classes")
    where = f"{run.summary.path}: test_confusion"
    return names, [[records.number(count, where, 0, whole=True) for count in row] for row in counts]


def per_class(names, counts):
    """(name, samples, precision, recall) of each class; None where nothing was divided by."""
    predicted = [sum(row[j] for row in counts) for j in range(len(names))]
    return [(name, sum(row), row[i] / predicted[i] if predicted[i] else None,
             row[i] / sum(row) if sum(row) else None)
            for i, (name, row) in enumerate(zip(names, counts))]


def classes(run, rows):
    found = confusion_of(run, rows)
    if found is None:
        return page.missing("which classes are taken for which is not known: the run has no "
                            "result, or no test samples with labels, or more than 20 classes; "
                            "-run_predictions true writes NAME.test.csv")
    names, counts = found
    percent = lambda share: "-" if share is None else f"{100 * share:.2f}"
    lines = per_class(names, counts)
    caption = ""
    if len(names) > MOST_CLASSES:
        lines = sorted(lines, key=lambda line: 2 if line[3] is None else line[3])[:MOST_CLASSES]
        caption = f"the {MOST_CLASSES} classes of {len(names)} with the least recall"
    show = page.heat_map if len(names) <= MOST_CLASSES else confusions
    return show(names, counts) + page.section("Precision and recall", page.table(
        ("class", "samples", "precision [%]", "recall [%]"),
        [(name, samples, percent(precision), percent(recall))
         for name, samples, precision, recall in lines], caption), 3)


def confusions(names, counts):
    """The most frequent ones, where there are too many classes for a matrix."""
    pairs = heapq.nlargest(MOST_CLASSES, ((count, names[i], names[j])
                                          for i, row in enumerate(counts)
                                          for j, count in enumerate(row) if i != j and count > 0))
    return page.table(("true class", "taken for", "times"),
                      [(label, predicted, count) for count, label, predicted in pairs],
                      "the most frequent confusions")


def mistakes(run, rows):
    if rows is None:
        return page.missing("single test samples are not known: -run_predictions true writes "
                            "NAME.test.csv, also of a run that is finished")
    wrong = [row for row in rows if row[1] != row[2]]
    if not wrong:
        return page.paragraph("There are none.")
    certain = lambda row: -math.inf if math.isnan(row[3]) else row[3]
    worst = heapq.nlargest(MOST_MISTAKES, wrong, key=certain)
    intro = page.paragraph(f"{len(wrong)} of {len(rows)} test samples are taken for another class; "
                           "these most confidently. Samples count from 0 in their file.")
    word = run.word
    if run.deck.get("data_format") == "idx":
        try:
            images = report_images.Images(run.deck)
            return intro + '<div class="mistakes">' + "\n".join(
                picture(images, row, word) for row in worst) + "</div>"
        except Problem as problem:
            intro += page.missing(str(problem))
    return intro + page.table(("sample", "true class", "taken for", word),
                              [(sample, label, predicted, f"{value:.4g}")
                               for sample, label, predicted, value in worst])


def picture(images, row, word):
    sample, label, predicted, value = row
    text = f"sample {sample}: {label} taken for {predicted}"
    return ("<figure>" + page.image(images.cols, images.rows, images[sample], text)
            + f"<figcaption>{page.escaped(text)}<br>{word} {value:.4g}</figcaption></figure>")


# ---- the first layer, the time ----

def weights(run):
    if run.deck.get("data_format") != "idx":
        return ""
    columns, units = report_images.first_weights(run.checkpoint())
    try:
        images = report_images.Images(run.deck)
    except Problem:
        images = None  # a square will do
    pool = int(records.number_in_text(run.deck.get("data_pool", "1"), "data_pool", 1, 1e6, True))
    rows, cols = report_images.side_of(columns.shape[0], pool, images)
    text = (f"Weights of {columns.shape[1]} of {units} units by pixel, as the pixels are scaled: "
            "red positive, blue negative, each unit by its largest.")
    return page.paragraph(text) + page.image(
        *report_images.tiles(columns, rows, cols), text, "tiles")


def phases(run):
    if not run.summary:
        return ""
    found = run.summary.phases()
    rows = [(name, phase["seconds"], f"{phase['seconds']:.4g} s") for name, phase in found.items()]
    counted_too = any(phase["messages"] for phase in found.values())
    sent = page.table(("phase", "messages", "MB"),
                      [(name, f"{phase['messages']:.4g}", f"{phase['bytes'] / 1e6:.4g}")
                       for name, phase in found.items()],
                      "what a rank sends in a pass") if counted_too else ""
    return page.bars(rows) + sent if rows else ""


def environment(run):
    """Folded away: what it ran on, with what, and the deck."""
    begins = run.log.rfind("== admmnet train ==")
    head = run.log[begins:].split("\n== ", 1)[0] if begins >= 0 else ""
    last = "\n".join(run.log.splitlines()[-LAST_LINES:])
    return "".join((page.folded("Versions, machine, data, plan", head),
                    page.folded("The deck that repeats it", run.deck_text),
                    page.folded("The last lines of the log", last)))


def sections(run, level=2):
    """All of a run; `level` is that of its headings."""
    about_samples = (("Targets", targets),)
    if run.score() == "accuracy":
        rows = run.test_rows()
        about_samples = (("Classes", lambda one: classes(one, rows)),
                         ("Most confident mistakes", lambda one: mistakes(one, rows)))
    parts = (("Result", result), ("Facts", facts), ("Curves", lambda one: curves([one])),
             *about_samples, ("Time of a pass", phases), ("First layer", weights),
             ("Environment and deck", environment))
    return "\n".join(page.section(title, tried(make, run), level) for title, make in parts)


def tried(make, *data):
    """What make(*data) gives, or what it lacks."""
    try:
        return make(*data)
    except Problem as problem:
        return page.missing(str(problem))
