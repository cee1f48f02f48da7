"""Real targets: what stands in their columns, and what does not go with them."""
from table import Row

TRAIN = "train -data_format csv -data_train t.csv"
SMALL = " -train_iterations 2 -net_hidden 4"


def table(change=None):
    rows = [[f"{i % 7}", f"{(3 * i) % 11}", f"{0.5 * (i % 7) - 0.1 * ((3 * i) % 11)}"]
            for i in range(40)]
    for line, column, text in change or []:
        rows[line - 2][column] = text
    return "a,b,y\n" + "".join(",".join(row) + "\n" for row in rows)


ROWS = [
    Row("nan", TRAIN, ["t.csv, line 9, field 3", "inf", "not a finite number"],
        files={"t.csv": table([(9, 2, "inf")])}, ranks=2),
    Row("missing", TRAIN, ["t.csv, line 9, field 3", "label is missing", "-data_missing drop"],
        files={"t.csv": table([(9, 2, "NaN")])}),
    Row("text among numbers", TRAIN + " -net_loss huber",
        ["t.csv, line 9, field 3", "'many' is not a number", "-data_task classification"],
        files={"t.csv": table([(9, 2, "many")])}),
    Row("text where regression is asked for", TRAIN + " -data_task regression",
        ["t.csv, line 2, field 3", "'oak' is not a number"], files={"t.csv": "a,b,y\n1,2,oak\n"}),
    Row("constant", TRAIN + " -data_task regression", ["the target y is 7.0", "nothing to learn"],
        files={"t.csv": "a,b,y\n" + "".join(f"{i},{i % 5},7\n" for i in range(30))}, ranks=2),
    Row("one sample", TRAIN + " -data_task regression",
        ["the target y is 7.0", "in all 1 samples"], files={"t.csv": "a,b,y\n1,2,7\n"}),
    Row("more targets than columns", TRAIN + " -data_task regression -data_targets 3",
        ["-data_targets 3", "has only 3 columns"], files={"t.csv": table()}),
    Row("a column twice", TRAIN + " -data_label_column y,3", ["names column 3", "twice"],
        files={"t.csv": table()}),
    Row("real targets and a loss of classes", TRAIN + " -net_loss softmax",
        ["labels are real targets, so that", "-net_loss: softmax is of classes",
         "squared, absolute, huber"],
        files={"t.csv": table()}),
    Row("labels and a loss of real targets",
        TRAIN + " -net_loss huber -data_task classification",
        ["-net_loss: huber is of real targets", "squared, hinge, multiclass_hinge, softmax"],
        files={"t.csv": table()}),
    Row("real targets as classes", TRAIN + " -data_task classification",
        ["t.csv, line 3, field 3", "is not an integer", "-data_task regression"],
        files={"t.csv": table()}),
    Row("classes of real targets", TRAIN + " -data_classes 1,2",
        ["labels are real targets", "leave -data_classes out"], files={"t.csv": table()}),
    Row("method of classes", TRAIN + " -train_method pdadmm -net_hidden 4,4",
        ["-train_method pdadmm: it is for classes", "taylor"], files={"t.csv": table()}),
    Row("images have classes", "train -data_dir data -data_task regression",
        ["train-images-idx3-ubyte: its labels are classes", "set classification"]),
    Row("one real target to plan for", "plan -plan_samples 1000 -plan_features 5 -plan_classes 1 "
        "-data_task regression -net_hidden 8 -data_format csv", ["network: 5-8-1", "gauss_newton"],
        code=0),
    Row("one class to plan for", "plan -plan_samples 1000 -plan_features 5 -plan_classes 1 "
        "-net_hidden 8 -data_format csv", ["1 class: at least two are needed"]),
    Row("accuracy of real targets", TRAIN + " -train_target_accuracy 0.9",
        ["-train_target_accuracy", "no accuracy"], files={"t.csv": table()}),
]
