"""What the runs of an experiment left behind, as tables and figures ask for it."""
import math
import statistics

import plot_prediction
import records
from records import NoFigure, Problem, Summary

NAME = "run"  # -run_name of all runs: the folder tells them apart
EARLY = ("signal", "wall_clock")  # stop reasons of a run that the same command continues


def finished(folder):
    """The summary of a run that has come to its end, or None."""
    path = folder / f"{NAME}.summary.json"
    if not path.exists():
        return None
    summary = Summary(path)
    return None if summary.text("stop_reason") in EARLY else summary


class Result:
    """A run as a whole. Accuracies in %, NaN where there are none."""

    def __init__(self, folder, summary):
        self.folder, self.summary, self.name = folder, summary, folder.name
        self.columns = {}

    def beside(self, name):
        """Another run of the experiment; None while it has no result."""
        folder = self.folder.parent / name
        summary = finished(folder)
        return Result(folder, summary) if summary else None

    def column(self, name):
        """A column of the metrics, or as "progress/NAME" of what was seen within passes
        (-train_progress); only NaN where the run has not got it, and a single one where it has no
        row: it reached its goal within the first pass."""
        if name not in self.columns:
            table, _, column = name.rpartition("/")
            path = self.folder / f"{NAME}.{table or 'metrics'}.csv"
            rows = {"": "iteration", "progress": "pass"}[table]
            least = 0 if column in ("iteration", "elapsed", "seconds") else -records.LARGEST
            lines = records.text_of(path, errors="replace").splitlines()
            if len(lines) == 1:
                return [math.nan]
            head = lines[0].split(",") if lines else []
            wanted = {rows: (0, 2**53)}
            if column in head:
                wanted[column] = (least, records.LARGEST)
            found = records.read_columns(path, wanted, rows, "metrics of admmnet", gaps=[])
            self.columns[name] = found.get(column, [math.nan] * len(found[rows]))
        return self.columns[name]

    def best(self, which):
        return 100 * self.summary.accuracy(which)

    train = property(lambda self: self.best("train"))
    validation = property(lambda self: self.best("validation"))
    test = property(lambda self: self.best("test"))
    train_loss = property(lambda self: self.maybe("train_loss"))
    test_loss = property(lambda self: self.maybe("test_loss"))
    seconds_to_target = property(lambda self: self.maybe("seconds_to_target"))
    memory = property(lambda self: self.summary.number("peak_memory_bytes"))
    passes = property(lambda self: self.summary.number("iterations", whole=True))
    ranks = property(lambda self: self.summary.number("ranks", 1, 1e9, whole=True))
    seconds = property(lambda self: self.column("elapsed")[-1])
    seconds_of_a_pass = property(lambda self: statistics.median(self.column("seconds")))

    def maybe(self, key):
        return math.nan if self.summary.field(key) is None else self.summary.number(
            key, -records.LARGEST)

    def at(self, passes):
        """None: the run has no such pass."""
        return Moment(self, passes) if passes in self.column("iteration") else None

    def first_pass(self, name, reached):
        """The first pass whose value of a column is as wanted; NaN: none."""
        return next((i for i, value in zip(self.column("iteration"), self.column(name))
                     if reached(value)), math.nan)

    def weights(self):
        """W of each layer after the last pass: {name: array}; empty where there is no h5py."""
        path = self.folder / f"{NAME}.ckpt.{self.passes}.h5"
        try:
            h5py = records.load("h5py", "the weights of runs are not compared without it")
            with h5py.File(path, "r") as file:
                return {name: layer["W"][:] for name, layer in file["state"].items()
                        if name.startswith("layer_")}
        except NoFigure:
            return {}
        except (OSError, KeyError) as error:
            raise Problem(f"{path} is no checkpoint of admmnet: {error}") from error

    def difference_of_weights(self, other):
        """The largest, relative to the largest weight of its layer; NaN where there are none."""
        own, others = self.weights(), other.weights() if other else {}
        if own.keys() != others.keys():
            return math.nan
        return max((float(abs(own[name] - others[name]).max() / abs(others[name]).max())
                    for name in own), default=math.nan)

    def processor(self):
        """As the log names it."""
        text = records.text_of(self.folder / f"{NAME}.log", errors="replace")
        return next((line.split(": ", 1)[1] for line in text.splitlines()
                     if line.startswith("processor: ")), "unknown processor")


class Moment:
    """A run after one of its passes."""

    def __init__(self, result, passes):
        place = result.column("iteration").index(passes)
        value = lambda name: result.column(name)[place]
        self.passes, self.seconds = passes, value("elapsed")
        self.seconds_of_a_pass = self.seconds / passes
        self.train, self.validation, self.test = (
            100 * value(f"{which}_accuracy") for which in ("train", "validation", "test"))
        self.train_loss, self.test_loss = value("train_loss"), value("test_loss")
        self.seconds_to_target = math.nan
        self.memory = result.memory


class Prediction:
    """What `admmnet plan` says of several numbers of ranks."""

    def __init__(self, folder):
        _, points = plot_prediction.read(folder / "plan.csv")
        self.points = {int(ranks): seconds for ranks, seconds, _ in points}

    def at(self, ranks):
        """Seconds of a pass and the speed-up over the smallest number; None: it does not fit."""
        return PredictedPoint(self.points, ranks) if ranks in self.points else None


class PredictedPoint:
    def __init__(self, points, ranks):
        self.ranks, self.seconds_of_a_pass = ranks, points[ranks]
        self.speed_up = points[min(points)] / points[ranks]
