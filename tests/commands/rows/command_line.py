"""The command line and the deck: what config refuses, and that every command takes the same way
out."""
from harness import TRAINING
from table import Row

ROWS = [
    Row("no command", "", ["no command given", "usage: admmnet"]),
    Row("no command on two ranks", "", ["no command given", "usage: admmnet"], ranks=2),
    Row("unknown command", "trian", ["did you mean train?"]),
    Row("unknown key is answered with the nearest", "train -data_dir data -net_hiden 5",
        ["-net_hiden", "did you mean -net_hidden?"]),
    Row("all problems in one message",
        "train -data_dir data -net_hidden 10,0 -train_iterations none -data_scaling logarithmic "
        "-admm_beta 0 -run_max_walltime 00:00:00 -ckpt_evry_minutes 5",
        ["6 problems", "-net_hidden: '10,0'", "-train_iterations: 'none'",
         "-data_scaling: 'logarithmic'", "-admm_beta: '0'", "-run_max_walltime",
         "did you mean -ckpt_every_minutes?"], ranks=2),
    Row("hidden width 0", "train -data_dir data -net_hidden 0", ["-net_hidden: '0'"]),
    Row("grid that does not fit one rank", "train -data_dir data -grid_rows 3",
        ["-grid_rows: 3 rows do not fit"]),
    Row("grid that does not fit two ranks", "train -data_dir data -grid_rows 3",
        ["-grid_rows: 3 rows do not fit"], ranks=2),
    Row("acceleration of what is no map", "train -data_dir data -train_acceleration anderson",
        ["-train_acceleration anderson: a pass of -train_method taylor", "set none"], ranks=2),
    Row("tolerance of a residual that there is not", "plan -data_dir data -train_tolerance_dual 0.1",
        ["-train_tolerance_dual 0.1: -train_method taylor", "no dual residual; set 0"]),
    Row("missing data key", "train", ["-data_dir: missing"]),
    Row("predict without model", "predict -data_dir data", ["-run_model: missing"]),
    Row("probabilities and scores", "predict -data_dir data -run_model x -run_probabilities true "
        "-run_scores true", ["-run_probabilities: -run_scores is true as well", "leave one out"]),
    Row("more held out than there are", f"train -data_dir data -data_validation {TRAINING}",
        [f"-data_validation {TRAINING}", "hold out fewer"]),
    Row("unknown fault", "train -data_dir data", ["ADMMNET_FAULT=sometime:0", "before_rename"],
        environment={"ADMMNET_FAULT": "sometime:0"}, leaves=["admmnet.log"]),

    # ---- the deck ----
    Row("missing deck", "train -options_file no.yaml", ["no.yaml", "No such file"]),
    Row("malformed deck", "train -options_file deck.yaml", ["deck.yaml:", "not valid YAML"],
        files={"deck.yaml": "net:\n  hidden: [10\ntrain: {iterations: 1}\n"}, ranks=2),
    Row("unknown key in the deck", "train -options_file deck.yaml", ["-net_width: unknown key"],
        files={"deck.yaml": "data: {dir: data}\nnet: {width: 10}\n"}),

    # ---- what PETSc reads itself, beside the schema ----
    Row("PETSC_OPTIONS name no deck", "train -data_dir data",
        ["PETSc cannot read its options: ", "PETSC_OPTIONS"],
        environment={"PETSC_OPTIONS": "-options_file nowhere"}),
    Row("PETSC_OPTIONS name a binary file", "train -data_dir data",
        ["PETSc cannot read its options: ", "PETSC_OPTIONS"],
        files={"binary.yaml": bytes(range(1, 256))},
        environment={"PETSC_OPTIONS": "-options_file binary.yaml"}),
    Row("malformed petscrc", "train -data_dir data",
        ["options file .petscrc line 1: net:", "-skip_petscrc"],
        files={".petscrc": "net: {hidden: 5}\n"}),
]
