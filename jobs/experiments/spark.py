"""MNIST by ADMM on Apache Spark: the sweep as printed, with the settings of that project, and the
defaults of this program on the same images."""
from experiment import (PASSES, SECONDS, TEST, TEST_LOSS, TRAIN, TRAIN_LOSS, VALIDATION, Curve,
                        Experiment, Figure, Panel, Row, Run, Table)


def describe(setting):
    warm_up, passes = setting.pick((10, 30), (4, 10))
    data = {**setting.images("mnist"), "data_train_limit": setting.pick(0, 4000),
            "net_hidden": setting.pick("256,256", "64,64"), "train_monitor_test": True}
    runs = [
        # No biases, z and a from U(0, 1), beta = gamma = 5, pixels/255.
        Run("printed", {**data, "data_scaling": "unit", "net_bias": False, "init_scheme": "uniform",
                        "admm_sweep": "printed", "admm_beta": 5, "admm_gamma": 5,
                        "admm_warmup": warm_up, "train_iterations": passes}),
        Run("blocks", data),
        Run("linear", {**data, "net_hidden": "none", "train_method": "linear"}),
    ]
    rows = [
        Row("printed, epoch 10", "printed", at=setting.pick(20, None), published="test 85",
            source="Spark"),
        Row("printed, epoch 19", "printed", at=setting.pick(29, None),
            published="train 85.0, validation 85.2, test 85.4", source="Spark"),
        Row("printed, best pass", "printed"),
        Row("defaults, pass 1", "blocks", at=1),
        Row("defaults (blocks)", "blocks"),
        Row("linear least squares", "linear", baseline=True),
    ]
    title = "MNIST, " + setting.pick(
        "784-256-256-10, 55 000 training, 5000 validation, 10 000 test images",
        "784-64-64-10, 4000 images")
    columns = [PASSES, TRAIN, VALIDATION, TEST, TRAIN_LOSS, TEST_LOSS, SECONDS]
    table = Table("table", title, columns, rows, "test[%]", [
        f"Epochs of the published runs count after their {warm_up} passes of warm-up. Losses are "
        "means over the",
        "samples: half the squared distance for the printed sweep and the linear model, "
        "cross-entropy for the",
        "defaults (at the end with a fitted temperature)."])
    levels = [(85, "published, test")]
    accuracy = [Curve(f"{run}, {part}", run, f"{part}_accuracy", scale=100, style=style,
                      colour=colour)
                for run, colour in (("printed", "C0"), ("blocks", "C1"))
                for part, style in (("train", "--"), ("validation", ":"), ("test", "-"))]
    losses = [Curve(f"{run}, {part}", run, f"{part}_loss", style=style, colour=colour)
              for run, colour in (("printed", "C0"), ("blocks", "C1"))
              for part, style in (("train", "--"), ("test", "-"))]
    figure = Figure("curves", [
        Panel("pass", "accuracy [%]", accuracy, levels=levels, limits=(60, 100)),
        Panel("pass", "loss (mean a sample)", losses, "y")])
    return Experiment("ADMM on Spark, MNIST", runs, [table], [figure],
                      [setting.images_folder("mnist")])
