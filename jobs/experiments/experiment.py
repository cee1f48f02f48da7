"""What an experiment is: runs, tables whose rows are runs beside published figures, figures. One
file an experiment in this folder, with a function describe(setting) that returns an Experiment;
main.py goes through it, and nothing else needs to know of it.

A row or a curve looks at a run by its name. A column is a head and a function of what it is to be
read from: a whole run (results.Result) or one of its passes (results.Moment).
"""
import math
import pathlib
from typing import Callable, NamedTuple, Optional, Sequence


class Setting(NamedTuple):
    """What the command line says."""
    folder: pathlib.Path  # takes the runs of this experiment
    data: pathlib.Path    # holds the data sets
    quick: bool
    ranks: int = 1

    def pick(self, full, quick):
        return quick if self.quick else full

    def images(self, name):
        """Keys for images in the four files of MNIST, in the folder of this name."""
        return {"data_format": "idx", "data_dir": str(self.images_folder(name))}

    def images_folder(self, name):
        packaged = pathlib.Path("/usr/share/datasets") / name  # Debian: dataset-fashion-mnist
        own = self.data / name
        return packaged if packaged.is_dir() and not own.is_dir() else own


class Run(NamedTuple):
    """One call of the program; `keys` become its deck."""
    name: str
    keys: dict
    ranks: Optional[int] = None  # None: those of the command line
    command: str = "train"       # or plan: nothing is trained, plan.csv holds what it says
    after: Optional[tuple] = None  # (run, pass): starts from the network of that checkpoint


class Column(NamedTuple):
    head: str
    value: Callable  # of a Result or a Moment: a text, or a number, NaN where there is none
    digits: str = ".2f"


class Row(NamedTuple):
    label: str
    run: Optional[str] = None   # None: a published figure alone
    at: Optional[int] = None    # the pass to look at; None: the result of the run
    published: str = ""
    source: str = ""            # a key of SOURCES
    baseline: bool = False      # what ADMM is compared with


class Table(NamedTuple):
    name: str                   # of its files
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    best: str = ""              # head of the column whose largest value is named below the table
    notes: Sequence[str] = ()


class Curve(NamedTuple):
    """A column of a run's metrics against another one."""
    label: str
    run: str
    y: str
    x: str = "iteration"
    scale: float = 1.0
    style: str = "-"
    colour: Optional[str] = None
    after: Optional[str] = None  # a run whose last x is where this one begins
    relative: bool = False       # y over its first value


class Points(NamedTuple):
    """A value of several runs against a number: of a layer's width, say."""
    label: str
    runs: Sequence[tuple]       # (x, name of the run)
    y: Column
    style: str = "o-"


class Panel(NamedTuple):
    x: str
    y: str
    curves: Sequence            # of Curve and Points
    log: str = ""               # axes that are logarithmic: "x", "y" or "xy"
    levels: Sequence[tuple] = ()  # (value, label): published figures, horizontal lines
    limits: Optional[tuple] = None  # of y


class Figure(NamedTuple):
    name: str
    panels: Sequence[Panel]


class Experiment(NamedTuple):
    title: str
    runs: Sequence[Run]
    tables: Sequence[Table]
    figures: Sequence[Figure]
    needs: Sequence[pathlib.Path] = ()  # files and folders of data
    prepare: Callable = lambda: None    # makes what is no user's to bring


# ---- columns that several tables have ----

TRAIN = Column("train[%]", lambda at: at.train)
VALIDATION = Column("validation[%]", lambda at: at.validation)
TEST = Column("test[%]", lambda at: at.test)
TRAIN_LOSS = Column("train loss", lambda at: at.train_loss, ".4g")
TEST_LOSS = Column("test loss", lambda at: at.test_loss, ".4g")
PASSES = Column("passes", lambda at: at.passes, ".0f")
SECONDS = Column("seconds", lambda at: at.seconds, ".1f")
PER_PASS = Column("s a pass", lambda at: at.seconds_of_a_pass, ".3g")
TO_TARGET = Column("s to target", lambda at: at.seconds_to_target, ".3g")
MEMORY = Column("MiB a rank", lambda at: at.memory / 2**20, ".0f")


def rises(name):
    """How often the values of a column of the metrics rise, of how many times."""
    def count(result):
        values = [value for value in result.column(name) if not math.isnan(value)]
        if len(values) < 2:
            return math.nan
        up = sum(b > a + 1e-9 * abs(a) for a, b in zip(values, values[1:]))
        return f"{up} of {len(values) - 1}"
    return count


# ---- sources of published figures ----

SOURCES = {
    "Taylor 2016": "G. Taylor, R. Burmeister, Z. Xu, B. Singh, A. Patel, T. Goldstein: Training "
                   "Neural Networks Without Gradients: A Scalable ADMM Approach. ICML 2016",
    "Meda 2025": "E. Meda: Evaluation of the performance of ADMM in artificial neural networks. "
                 "Thesis, University of Padova, 2024/25",
    "Spark": "Training Neural Networks via ADMM on Apache Spark, report of a project on GitHub",
    "HKUST": "Training Neural Networks with ADMM, course report, HKUST, team 6",
    "Wang 2019": "J. Wang, F. Yu, X. Chen, L. Zhao: ADMM for Efficient Deep Learning with Global "
                 "Convergence. KDD 2019 (dlADMM)",
    "Wang 2020": "J. Wang, Z. Chai, Y. Cheng, L. Zhao: Toward Model Parallelism for Deep Neural "
                 "Network based on Gradient-free ADMM Framework. ICDM 2020 (pdADMM)",
    "Wang 2022a": "J. Wang, H. Li, L. Zhao: Accelerated Gradient-free Neural Network Training by "
                  "Multi-convex Alternating Optimization. Neurocomputing 487, 2022 (mDLAM)",
    "Wang 2022b": "J. Wang, H. Li, Z. Chai, Y. Wang, Y. Cheng, L. Zhao: Towards Quantized Model "
                  "Parallelism for Graph-Augmented MLPs Based on Gradient-Free ADMM Framework. "
                  "IEEE TNNLS 2022 (pdADMM-G)",
}
