"""Seconds to a goal, as Taylor et al. measured them: 95 % on SVHN (digits 0 and 2, 648 HOG
features, 648-100-50-1) and 64 % on Higgs (28-300-1), by ADMM, conjugate gradients, L-BFGS and SGD.

Their data are the user's to bring: --data FOLDER with
  higgs/HIGGS.csv.gz              as the UCI repository has it; its last 500 000 lines are the test
  svhn/train.csv, svhn/test.csv   648 features and the label (0 or 2) a line, the label last
A data set that is not there is made by random numbers in the same shape, small, to try the runs.
"""
import pathlib

from experiment import (PASSES, SECONDS, TEST, TO_TARGET, VALIDATION, Column, Curve, Experiment,
                        Figure, Panel, Row, Run, Table)

METHODS = (("admm", "ADMM, defaults (blocks)"), ("printed", "ADMM as printed"),
           ("cg", "conjugate gradients"), ("lbfgs", "L-BFGS"), ("sgd", "SGD"))
CASES = {
    # name: (title, hidden layers, features, samples that are made, test samples, goal)
    "svhn": ("648-100-50-1", "100,50", 648, 3000, 1000, 0.95),
    "higgs": ("28-300-1", "300", 28, 20000, 4000, 0.64),
}
PUBLISHED = {
    ("svhn", "printed"): "13.3 s on 1024 cores", ("higgs", "printed"): "7.8 s on 7200 cores",
    ("svhn", "lbfgs"): "3.3 s (GPU)", ("higgs", "lbfgs"): "181 s (GPU), later about 75 %",
    ("svhn", "cg"): "10.1 s (GPU)", ("higgs", "cg"): "44 min (GPU)",
    ("svhn", "sgd"): "28.3 s (GPU)", ("higgs", "sgd"): "never (about 55 %)",
}


def made(folder, name):
    """The files of random samples for a case: two clouds in `features` dimensions, for svhn apart
    along one direction, for higgs in the sizes of their samples, too, so that neither is easy."""
    features, samples, tests = CASES[name][2:5]
    paths = [folder / "data" / f"{name}.{part}.csv" for part in ("train", "test")]
    if all(path.exists() for path in paths):
        return
    import numpy  # pylint: disable=import-outside-toplevel # only where data must be made
    draw = numpy.random.default_rng(2016)
    labels = draw.integers(0, 2, samples + tests)
    x = draw.normal(size=(labels.size, features))
    direction = draw.normal(size=features)
    direction /= numpy.linalg.norm(direction)
    apart, larger = (4.5, 0.0) if name == "svhn" else (0.5, 0.12)
    x *= 1 + larger * labels[:, None]
    x += apart * numpy.outer(labels - 0.5, direction)
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    for path, rows in zip(paths, (slice(0, samples), slice(samples, None))):
        numpy.savetxt(path, numpy.column_stack([x[rows], labels[rows]]), "%.4g", ",")


def data_of(setting, name):
    """Keys of the user's files, and whether they are there; else of files that are made."""
    higgs, svhn = setting.data / "higgs/HIGGS.csv.gz", setting.data / "svhn"
    if name == "higgs" and higgs.exists():
        return {"data_format": "csv", "data_train": str(higgs), "data_label_column": "first",
                "data_test_last": 500000,
                "data_train_limit": setting.pick(0, 50000)}, True
    if name == "svhn" and (svhn / "train.csv").exists():
        return {"data_format": "csv", "data_train": str(svhn / "train.csv"),
                "data_test": str(svhn / "test.csv"),
                "data_train_limit": setting.pick(0, 10000)}, True
    own = setting.folder.resolve() / "data"
    return {"data_format": "csv", "data_train": str(own / f"{name}.train.csv"),
            "data_test": str(own / f"{name}.test.csv")}, False


def keys_of(method):
    gradient = {"train_method": "gradient"}
    return {
        "admm": {},
        # gamma = 10 and beta = 1 for all, z and a from N(0, 1), no biases. (Penalties are halved
        # here, and only their ratio matters but for the output.)
        "printed": {"admm_sweep": "printed", "admm_beta": 2, "admm_gamma": 20, "init_scheme":
                    "normal", "net_bias": False, "train_iterations": 100},
        "cg": {**gradient, "gradient_rule": "conjugate_gradient", "train_iterations": 200},
        "lbfgs": {**gradient, "gradient_rule": "lbfgs", "train_iterations": 200},
        "sgd": {**gradient, "gradient_rule": "sgd", "train_iterations": 20},
    }[method]


def scaling_note(setting, name):
    jobs = pathlib.Path(__file__).resolve().parents[1]
    deck = setting.folder / f"{name}_relu_admm" / "deck.yaml"
    return f"Strong scaling: {jobs / 'scaling.sh'} strong {deck} {setting.folder / name}.scaling " \
           "--ranks '1 2 4 8' --local (or --ranks-per-node N)"


def describe(setting):
    runs, tables, figures, to_make = [], [], [], []
    for name, (title, hidden, *_, goal) in CASES.items():
        data, brought = data_of(setting, name)
        to_make += [] if brought else [name]
        rows = []
        for activation in ("relu", "hard_sigmoid"):
            for method, label in METHODS:
                run = f"{name}_{activation}_{method}"
                runs.append(Run(run, {**data, "net_hidden": hidden, "net_activation": activation,
                                      "net_loss": "hinge", "train_target_accuracy": goal,
                                      "train_progress": 10, **keys_of(method)}))
                rows.append(Row(f"{label}, {activation}", run, baseline=not method.startswith(
                    ("admm", "printed")), published=PUBLISHED.get((name, method), "")
                    if activation == "relu" else "", source="Taylor 2016"
                    if activation == "relu" and (name, method) in PUBLISHED else ""))
        what = title if brought else f"{title}: random samples of the same shape, to try the runs"
        tables.append(Table(name, f"{what}, hinge loss, to {100 * goal:g} % of the validation "
                            "samples", [TO_TARGET, PASSES, VALIDATION, TEST, SECONDS], rows, "",
                            ["- : the goal was not reached. Published times are to the goal on the "
                             "test samples.", scaling_note(setting, name)]))
        figures.append(Figure(name, [Panel("seconds", f"validation accuracy [%], {title}", [
            Curve(label, f"{name}_relu_{method}", "progress/validation_accuracy",
                  "progress/seconds", 100)
            for method, label in METHODS], "x", [(100 * goal, "goal")])]))
    return Experiment("seconds to a goal", runs, tables, figures,
                      prepare=lambda: [made(setting.folder, name) for name in to_make])
