"""ADMM first and a gradient method after, and the reverse, each from the network of the other: what
Meda's thesis proposes as future work."""
from experiment import (PASSES, TEST, TRAIN, VALIDATION, Column, Curve, Experiment, Figure, Panel,
                        Row, Run, Table)


def describe(setting):
    few, many, adam = setting.pick((2, 8, 10), (1, 4, 3))
    # One scaling for all, so that a network goes on with the inputs it has learnt from.
    data = {**setting.images("mnist"), "data_train_limit": setting.pick(0, 4000),
            "net_hidden": setting.pick("256,256", "64,64"), "data_scaling": "centred",
            "data_components": "none", "train_monitor_test": True}
    printed = {**data, "admm_sweep": "printed", "init_scheme": "he", "admm_warmup": 2,
               "train_iterations": setting.pick(12, 6)}
    gradient = {**data, "net_loss": "softmax", "train_method": "gradient", "gradient_rule": "adam"}
    last = printed["train_iterations"]
    runs = [
        Run("printed", printed),
        Run("admm_few", {**data, "train_iterations": few}),
        Run("admm", {**data, "train_iterations": many}),
        Run("adam", {**gradient, "train_iterations": adam}),
        Run("adam_long", {**gradient, "train_iterations": adam + many}),
        Run("printed_adam", {**gradient, "train_iterations": adam}, after=("printed", last)),
        Run("admm_few_adam", {**gradient, "train_iterations": adam}, after=("admm_few", few)),
        Run("admm_adam", {**gradient, "train_iterations": adam}, after=("admm", many)),
        Run("admm_slow_adam", {**gradient, "train_iterations": adam, "gradient_rate": 1e-4},
            after=("admm", many)),
        Run("adam_admm", {**data, "train_iterations": many}, after=("adam", adam)),
    ]
    steps = {run.name: run.after[0] for run in runs if run.after}
    seconds = Column("seconds", lambda result: result.seconds + sum(
        result.beside(name).seconds for name in (steps.get(result.name),) if name), ".1f")
    rows = [
        Row(f"ADMM as printed, {last} passes", "printed"),
        Row(f"ADMM (blocks), {few} passes", "admm_few"),
        Row(f"ADMM (blocks), {many} passes", "admm"),
        Row(f"Adam, {adam} passes", "adam", baseline=True),
        Row(f"Adam, {adam + many} passes", "adam_long", baseline=True),
        Row("ADMM as printed, then Adam", "printed_adam"),
        Row(f"ADMM ({few} passes), then Adam", "admm_few_adam"),
        Row(f"ADMM ({many} passes), then Adam", "admm_adam"),
        Row(f"ADMM ({many} passes), then Adam at a tenth of its rate", "admm_slow_adam"),
        Row(f"Adam, then ADMM ({many} passes)", "adam_admm"),
    ]
    table = Table("table", f"MNIST, 784-{data['net_hidden'].replace(',', '-')}-10: one method, and "
                  "one after the other", [PASSES, TRAIN, VALIDATION, TEST, seconds], rows,
                  "test[%]", ["Passes are those of the last method, seconds those of both. The "
                              "thesis proposes it (outlook) and has no figures."])
    curves = [Curve("ADMM", "admm", "test_accuracy", "elapsed", 100),
              Curve("Adam", "adam_long", "test_accuracy", "elapsed", 100)]
    curves += [Curve(label, run, "test_accuracy", "elapsed", 100, after=steps[run])
               for run, label in (("printed_adam", "printed, then Adam"),
                                  ("admm_few_adam", f"ADMM ({few}), then Adam"),
                                  ("admm_adam", f"ADMM ({many}), then Adam"),
                                  ("admm_slow_adam", f"ADMM ({many}), then slow Adam"),
                                  ("adam_admm", "Adam, then ADMM"))]
    limits = setting.pick((96.5, 98.6), (80, 97))
    figure = Figure("curves", [Panel("seconds of training", "test accuracy [%]", curves,
                                     limits=limits)])
    return Experiment("one after the other", runs, [table], [figure],
                      [setting.images_folder("mnist")])
