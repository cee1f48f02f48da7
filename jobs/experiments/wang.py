"""dlADMM, pdADMM, mDLAM and pdADMM-G/-Q of Wang et al. beside gradient methods: accuracy on Cora,
MNIST and Fashion-MNIST, whether objectives fall, speed-up by layers on ranks of their own."""
from experiment import (PASSES, PER_PASS, SECONDS, TEST, TRAIN, VALIDATION, Column, Curve,
                        Experiment, Figure, Panel, Row, Run, Table, rises)

RULES = (("descent", "GD"), ("adagrad", "Adagrad"), ("adadelta", "Adadelta"), ("adam", "Adam"))
NORMAL = {"init_scheme": "normal", "init_deviation": 0.1}


def layers_of(count, width):
    return ",".join([str(width)] * count)


def gradient_keys(rule, passes):
    return {"train_method": "gradient", "gradient_rule": rule, "net_loss": "softmax",
            "train_iterations": passes}


# ---- a graph ----

def cora(setting):
    folder = setting.data / "cora"
    data = {"data_format": "svmlight", "data_train": str(folder / "cora.svm.gz"), "data_graph":
            str(folder / "cora.mtx.gz"), "data_hops": 5,
            **{f"data_{part}_nodes": str(folder / f"cora.{file}.txt") for part, file in
               (("train", "train"), ("validation", "val"), ("test", "test"))}}
    passes = setting.pick(200, 5)
    deep = {**data, "net_hidden": layers_of(9, setting.pick(100, 20))}
    flat = {**data, "net_hidden": layers_of(2, setting.pick(100, 20))}
    stages = {"train_method": "pdadmm", "pdadmm_subsolve": "prox_gradient", "pdadmm_growth":
              "2,5,10", "pdadmm_stage_iterations": setting.pick("60,60,60", "5,5,5")}
    runs = [
        Run("cora_mdlam", {**flat, **NORMAL, "train_method": "mdlam", "mdlam_momentum": False,
                           "train_iterations": passes}),
        Run("cora_pdadmm", {**deep, **stages}),
        Run("cora_pdadmm_q8", {**deep, **stages, "pdadmm_bits": 8}),
        Run("cora_linear", {**data, "train_method": "linear", "linear_ridge": "validation"}),
    ]
    for kind, keys in (("flat", flat), ("deep", deep)):
        runs += [Run(f"cora_{kind}_{rule}", {**keys, **gradient_keys(rule, passes)})
                 for rule, _ in RULES]
    rows = [
        Row("mDLAM, 2 hidden layers", "cora_mdlam", published="test 74.2", source="Wang 2022a"),
        Row("pdADMM-G, 9 hidden layers", "cora_pdadmm", published="test 78.4",
            source="Wang 2022b"),
        Row("pdADMM-G-Q, 8 bits, 9 hidden layers", "cora_pdadmm_q8", published="test 78.8",
            source="Wang 2022b"),
        *(Row(f"{label}, {count} hidden layers", f"cora_{kind}_{rule}", baseline=True,
              published="test 73.0, best of GD to Adam" if (kind, rule) == ("deep", "descent")
              else "", source="Wang 2022b" if (kind, rule) == ("deep", "descent") else "")
          for kind, count in (("flat", 2), ("deep", 9)) for rule, label in RULES),
        Row("linear least squares", "cora_linear", baseline=True),
    ]
    return runs, Table("cora", f"Cora, 140 papers to train on, hidden layers of "
                       f"{setting.pick(100, 20)}", [PASSES, TRAIN, VALIDATION, TEST, SECONDS],
                       rows, "test[%]", ["One seed; one standard error of 1000 test papers is 1.3. "
                                         "GD over all samples by a line search, the others in "
                                         "batches of 128."])


# ---- do objectives fall? ----

def monotone(setting):
    data = {**setting.images("mnist"), "data_train_limit": setting.pick(4000, 1000),
            "net_hidden": setting.pick("100,100", "20,20"), "net_loss": "softmax",
            "train_iterations": setting.pick(40, 6), "train_acceleration": "none"}
    unit = {"data_scaling": "unit", **NORMAL}
    # (name, label, column that the theory speaks of, what it says, source, keys)
    cases = (
        ("dladmm", "dlADMM, rho = nu = 2", "lagrangian", "falls for rho > 2H = 1", "Wang 2019",
         {"train_method": "dladmm", "dladmm_rho": 2, "dladmm_nu": 2, "dladmm_ridge_first": 0.01}),
        ("dladmm_default", "dlADMM, default rho = .1, falling ridge", "lagrangian",
         "nothing: rho < 2H", "Wang 2019", {"train_method": "dladmm"}),
        ("pdadmm", "pdADMM, rho = 5 nu", "lagrangian", "falls for rho > 4 nu", "Wang 2020",
         {"train_method": "pdadmm", "pdadmm_rho": 0.1, "pdadmm_nu": 0.02, "pdadmm_growth": 3,
          "pdadmm_ridge": 0, **unit}),
        ("pdadmm_default", "pdADMM, rho = nu", "lagrangian", "nothing: rho < 4 nu", "Wang 2020",
         {"train_method": "pdadmm", "pdadmm_growth": 3, **unit}),
        ("mdlam", "mDLAM, fixed box", "objective", "falls", "Wang 2022a",
         {"train_method": "mdlam", "mdlam_epsilon_factor": 1, "mdlam_epsilon_first": 0.1, **unit}),
        ("mdlam_default", "mDLAM, box that shrinks", "objective", "nothing while it shrinks",
         "Wang 2022a", {"train_method": "mdlam", **unit}),
    )
    runs = [Run(f"falls_{name}", {**data, **keys}) for name, *_, keys in cases]
    tables = []
    for column in ("lagrangian", "objective"):
        tables.append(Table(
            f"falls_{column}", f"How often the {column} rises, MNIST, "
            f"{setting.pick('3600 images, 784-100-100-10', '900 images, 784-20-20-10')}", [
                Column("rises", rises(column)),
                Column("first", lambda result, name=column: result.column(name)[0], ".4g"),
                Column("last", lambda result, name=column: result.column(name)[-1], ".4g"),
                Column("residual", lambda result: result.column("primal_residual")[-1], ".2e"),
                TEST],
            [Row(label, f"falls_{name}", published=says, source=source)
             for name, label, kind, says, source, _ in cases if kind == column],
            notes=["published: what the theory says of this setting. Rises: by more than 1e-9 of "
                   "the value; of so many changes."]))
    panels = [Panel("iteration", f"{column} over its first value", [
        Curve(label, f"falls_{name}", column, relative=True)
        for name, label, kind, *_ in cases if kind == column], "y")
        for column in ("lagrangian", "objective")]
    panels.append(Panel("iteration", "primal residual", [
        Curve(label, f"falls_{name}", "primal_residual") for name, label, *_ in cases], "y"))
    return runs, tables, Figure("falls", panels)


# ---- images ----

def images(setting, name, title, published):
    width = setting.pick(1000, 30)
    data = {**setting.images(name), "data_train_limit": setting.pick(0, 2000)}
    wide = {**data, "net_hidden": layers_of(2, width), "linalg_precision": "single"}
    deep = {**setting.images(name), "data_pool": 2, "data_scaling": "unit", "data_train_limit":
            setting.pick(15000, 2000), "data_validation": setting.pick(5000, 500),
            "net_hidden": layers_of(9, setting.pick(100, 20)), **NORMAL, "train_method": "pdadmm",
            "pdadmm_growth": "2,5,10", "pdadmm_stage_iterations": setting.pick("100,30,40",
                                                                              "5,5,5")}
    runs = [
        Run(f"{name}_dladmm", {**wide, "train_method": "dladmm", "train_iterations":
                               setting.pick(30, 5)}),
        Run(f"{name}_pdadmm", deep),
        Run(f"{name}_mdlam", {**data, **NORMAL, "net_hidden": layers_of(2, setting.pick(100, 20)),
                              "data_scaling": "unit", "train_method": "mdlam",
                              "train_iterations": setting.pick(100, 5)}),
        Run(f"{name}_blocks", {**wide, **({"train_iterations": 2} if not setting.quick else {})}),
        *(Run(f"{name}_{rule}", {**wide, "data_scaling": "unit",
                                 **gradient_keys(rule, setting.pick(20, 3))})
          for rule, _ in RULES),
    ]
    figures, unknown = published, ""
    rows = [
        Row("dlADMM, 2 x 1000", f"{name}_dladmm", published=figures["dladmm"], source="Wang 2019"),
        Row("pdADMM, 9 x 100, 14 x 14 pixels", f"{name}_pdadmm", published=figures["pdadmm"],
            source="Wang 2020"),
        Row("mDLAM, 2 x 100", f"{name}_mdlam"),
        Row("this program's defaults (blocks), 2 x 1000", f"{name}_blocks"),
        *(Row(f"{label}, 2 x 1000", f"{name}_{rule}", baseline=True,
              published=figures.get(rule, unknown),
              source="Wang 2019" if rule in figures else "") for rule, label in RULES)]
    return runs, Table(name, title, [PASSES, TRAIN, VALIDATION, TEST, SECONDS], rows, "test[%]",
                       ["Published: read off figures, after 200 iterations (pdADMM 100, of 9 x "
                        "500)."])


# ---- speed-up ----

def speed_up(setting):
    """Layers on two groups of ranks, measured; on more, from admmnet plan."""
    shapes = setting.pick([(5, 500), (9, 500), (19, 500), (9, 100), (9, 250), (9, 1000)],
                          [(3, 40), (5, 40)])
    data = {**setting.images("mnist"), "data_pool": 2, "data_scaling": "unit", "data_validation": 0,
            "data_train_limit": setting.pick(10000, 600), **NORMAL, "train_method": "pdadmm",
            "train_iterations": setting.pick(4, 3), "plan_latency": 1e-15, "plan_bandwidth": 1e9,
            "plan_gflops": 1e-3}
    runs, rows = [], []
    faster = Column("speed-up", lambda result: result.beside(
        result.name.replace("_2", "_1")).seconds_of_a_pass / result.seconds_of_a_pass)
    for count, width in shapes:
        for groups in (1, 2):
            runs.append(Run(f"groups_{count}x{width}_{groups}", {
                **data, "net_hidden": layers_of(count, width), "pdadmm_growth": count + 1,
                "pdadmm_groups": groups}, ranks=groups))
        rows.append(Row(f"{count} hidden layers of {width}: 2 ranks over 1",
                        f"groups_{count}x{width}_2"))
    planned = Column("speed-up", lambda point: point.speed_up)
    plan_rows = []
    for width, published in ((1500, "8.9 (MNIST, 20 devices)"),
                             (2400, "12.3 (MNIST, 20 devices)")):
        runs.append(Run(f"plan_19x{width}", {
            "plan_samples": 55000, "plan_features": 784, "plan_classes": 10, "data_validation": 0,
            "net_hidden": layers_of(19, width), "train_method": "pdadmm", "pdadmm_growth": 20,
            "plan_memory": 0, "plan_scaling": "1,2,5,10,20"}, command="plan"))
        plan_rows += [Row(f"19 hidden layers of {width}, {ranks} ranks", f"plan_19x{width}",
                          at=ranks, published=published if ranks == 20 else "",
                          source="Wang 2020" if ranks == 20 else "")
                      for ranks in (1, 2, 5, 10, 20)]
    measured = Table("speed_up", "pdADMM, layers in two groups on two ranks, measured",
                     [PER_PASS, faster], rows)
    predicted = Table("speed_up_plan", "pdADMM on more ranks: predicted by admmnet plan, not "
                      "measured", [PER_PASS, planned], plan_rows, "",
                      ["35 GF/s, 2 us a message and 1 GB/s a rank, the defaults of plan."])
    return runs, [measured, predicted]


def describe(setting):
    cora_runs, cora_table = cora(setting)
    fall_runs, fall_tables, fall_figure = monotone(setting)
    speed_runs, speed_tables = speed_up(setting)
    mnist_runs, mnist_table = images(setting, "mnist", "MNIST", {
        "dladmm": "test about 95.5", "pdadmm": "test about 90", "adagrad": "about 94.5",
        "adadelta": "about 93", "adam": "about 97.5"})
    fashion_runs, fashion_table = images(setting, "fashion-mnist", "Fashion-MNIST", {
        "dladmm": "test about 84.5", "pdadmm": "test about 78", "adam": "about 87.5"})
    return Experiment("the methods of Wang et al.",
                      cora_runs + fall_runs + speed_runs + mnist_runs + fashion_runs,
                      [cora_table, *fall_tables, *speed_tables, mnist_table, fashion_table],
                      [fall_figure],
                      [setting.data / "cora" / "cora.svm.gz", setting.images_folder("mnist"),
                       setting.images_folder("fashion-mnist")])
