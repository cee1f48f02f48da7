"""Accuracy and seconds against the width of one hidden layer: ADMM, random features with one exact
solve, Adam and L-BFGS."""
from experiment import (PASSES, SECONDS, TEST, VALIDATION, Experiment, Figure, Panel, Points, Row,
                        Run, Table)

WIDTHS = (256, 512, 1024, 2048, 4096, 8192, 16384)
# Wide networks need fewer passes of ADMM to the same accuracy.
PASSES_OF_ADMM = {256: 8, 512: 8, 1024: 8, 2048: 8, 4096: 4, 8192: 2, 16384: 1}
METHODS = (("admm", "ADMM"), ("features", "random features"), ("adam", "Adam"),
           ("lbfgs", "L-BFGS"))
IMAGES = (("mnist", "MNIST"), ("fashion-mnist", "Fashion-MNIST"))


def keys_of(setting, method, width):
    gradient = {"train_method": "gradient", "data_scaling": "unit"}
    return {"admm": {"train_iterations": setting.pick(PASSES_OF_ADMM[width], 4)},
            # The ridge that validation chooses for 1000 units.
            "features": {"train_method": "random_features", "random_features_ridge": 1e-4},
            "adam": {**gradient, "gradient_rule": "adam", "train_iterations": setting.pick(10, 2)},
            "lbfgs": {**gradient, "gradient_rule": "lbfgs", "train_iterations":
                      setting.pick(50, 10)}}[method]


def widths_of(setting, method):
    most = setting.pick({"adam": 4096, "lbfgs": 2048}.get(method, WIDTHS[-1]), 512)
    return [width for width in WIDTHS if width <= most]


def name_of(method, images, width):
    return f"{images}_{method}_{width}"


def panels_of(setting, images, title):
    """Accuracy against the width and against seconds."""
    series = [(label, method, [name_of(method, images, width)
                               for width in widths_of(setting, method)])
              for method, label in METHODS]
    by_width = [Points(label, list(zip(widths_of(setting, method), runs)), TEST)
                for label, method, runs in series]
    seconds = [Points(label, list(zip(widths_of(setting, method), runs)), SECONDS)
               for label, method, runs in series]
    return [Panel("hidden units", f"test accuracy [%], {title}", by_width, "x"),
            Panel("hidden units", f"seconds, {title}", seconds, "xy")]


def describe(setting):
    runs, tables = [], []
    for method, _ in METHODS:
        for images, _ in IMAGES:
            runs += [Run(name_of(method, images, width),
                         {**setting.images(images), "data_train_limit": setting.pick(0, 3000),
                          "net_hidden": str(width), "linalg_precision": "single",
                          **keys_of(setting, method, width)})
                     for width in widths_of(setting, method)]
    for images, title in IMAGES:
        rows = [Row(f"{label}, {width}", name_of(method, images, width),
                    baseline=method != "admm")
                for width in WIDTHS for method, label in METHODS
                if width in widths_of(setting, method)]
        tables.append(Table(images, f"{title}, 784-width-10, products in single precision",
                            [PASSES, VALIDATION, TEST, SECONDS], rows, "test[%]",
                            ["Passes of L-BFGS are steps over all samples, most of one pass. One "
                             "seed."]))
    figures = [Figure(images, panels_of(setting, images, title)) for images, title in IMAGES]
    return Experiment("accuracy and seconds against the width", runs, tables, figures,
                      [setting.images_folder(images) for images, _ in IMAGES])
