"""CSV: what stands in a table."""
import harness
from harness import SIDE
from table import Row, line

TRAIN = "train -data_format csv -data_train train.csv"
SMALL = " -train_iterations 2 -net_hidden 4"

# Two kinds of leaves, as a spreadsheet of half of Europe writes them.
LEAVES = "length;width;kind\n" + "".join(
    f"{1 + i % 7},{i % 10};0,{i % 8};oak\n{4 + i % 7},{i % 10};2,{i % 9};\"maple; red\"\n"
    for i in range(20))
# The same columns in another order.
MORE_LEAVES = "kind,width,length\noak,0.2,1.5\n\"maple; red\",2.2,8.5\noak,0.4,1.1\n"

WEIGHED = "train -data_format csv -data_train w.csv -data_weight_column w -data_label_column kind"


def weighed(text, others="2"):
    """Forty samples with a weight each, that of line 9 being `text`."""
    return "a,b,kind,w\n" + "".join(
        f"{i % 7},{(3 * i) % 11},{'oak' if i % 3 else 'ash'},{text if i == 7 else others}\n"
        for i in range(40))


def predictions(case, _):
    """A network of names: h5py reads them, and predict writes them for a file without labels."""
    model = case.checkpoint("out", 2)
    lines = MORE_LEAVES.replace("\"maple; red\"", "maple").splitlines()
    case.path("unlabelled.csv").write_text(
        "".join(text.partition(",")[2] + "\n" for text in lines))
    case.run_program("predict", "-run_model", model, "-run_outdir", "out", "-data_format", "csv",
                     "-data_test", "unlabelled.csv")
    rows = case.path("out/admmnet.predictions.csv").read_text().splitlines()
    case.assertEqual([row.partition(",")[0] for row in rows], ["sample", "0", "1", "2"])
    case.assertLessEqual({row.partition(",")[2] for row in rows[1:]}, {"oak", "maple; red"})
    case.assertEqual(case.summary("out")["classes"], ["maple; red", "oak"])
    case.path("train.csv").write_text("".join(
        ";".join([b, a, c]) + "\n" for a, b, c in
        (text.split(";", 2) for text in LEAVES.splitlines())))
    result = case.run_program(*(TRAIN + SMALL).split(), "-run_outdir", "out2", "-run_warm_start",
                              model, code=harness.BAD_INPUT, ranks=1)
    case.assert_says(result, "same inputs in another order ('length' first)")
    with harness.h5py.File(model) as file:
        case.assertEqual(list(file["network/class_labels"].asstr()), ["maple; red", "oak"])
        case.assertEqual(list(file["network/feature_names"].asstr()), ["length", "width"])


ROWS = [
    Row("nan", TRAIN, ["train.csv, line 10", "nan"],
        files={"train.csv": line(10, lambda fields: [fields[0], "nan", *fields[2:]])}),
    Row("ragged", TRAIN, ["train.csv, line 10", str(SIDE * SIDE)], ranks=2,
        files={"train.csv": line(10, lambda fields: fields[1:])}),
    Row("names", TRAIN + " -data_test test.csv" + SMALL,
        ["fields are separated by semicolons", "first line is taken as a header",
         "numbers have decimal commas", "test.csv: the label is column 1, 'kind'",
         "another order than in training", "maple; red        oak"],
        files={"train.csv": LEAVES, "test.csv": MORE_LEAVES}, code=0, leaves=None,
        check=predictions),
    Row("negative weight", WEIGHED, ["w.csv, line 9, field 4", "the weight '-0.5'", ">= 0"],
        files={"w.csv": weighed("-0.5")}, ranks=2),
    Row("weight nan", WEIGHED, ["w.csv, line 9, field 4", "weight is missing", "-data_missing drop"],
        files={"w.csv": weighed("nan")}),
    Row("weight inf", WEIGHED, ["w.csv, line 9, field 4", "'inf' is not a finite number"],
        files={"w.csv": weighed("inf")}),
    Row("weight of text", WEIGHED, ["w.csv, line 9, field 4", "'much'", "-data_weight_column"],
        files={"w.csv": weighed("much")}),
    Row("weight missing", WEIGHED, ["w.csv, line 9, field 4", "weight is missing"],
        files={"w.csv": weighed("")}),
    Row("weights all 0", WEIGHED, ["weights of all 36 training samples are 0", "right column"],
        files={"w.csv": weighed("0", "0")}, ranks=2),
    Row("weight is the label", WEIGHED + " -data_label_column w",
        ["-data_weight_column", "column 4", "the labels, too", "-data_label_column"],
        files={"w.csv": weighed("1")}),
    Row("weight unknown", WEIGHED + " -data_weight_column wt",
        ["-data_weight_column wt", "did you mean w?"], files={"w.csv": weighed("1")}),
    Row("weight beyond", WEIGHED + " -data_weight_column 5",
        ["-data_weight_column 5", "has only 4 columns"], files={"w.csv": weighed("1")}),
    Row("weights of images", "train -data_dir data -data_weight_column 3",
        ["-data_weight_column", "-data_format csv"]),
    Row("weights of too few classes", WEIGHED + " -net_class_weights 1,2,3",
        ["-net_class_weights: 3 weights for 2 classes, 'ash', 'oak'", "balanced"],
        files={"w.csv": weighed("1")}),
    Row("weights of no class", WEIGHED + " -net_class_weights 0,0",
        ["-net_class_weights", "above 0"], files={"w.csv": weighed("1")}),
    Row("weights of classes below 0", WEIGHED + " -net_class_weights 1,-2",
        ["-net_class_weights", "balanced"], files={"w.csv": weighed("1")}),
    Row("weights of classes of real targets",
        TRAIN + " -data_task regression -net_class_weights balanced",
        ["-net_class_weights", "have no classes"]),
    Row("label column", TRAIN + SMALL + " -data_label_column sort",
        ["-data_label_column sort", "'length', 'width', 'kind'"], files={"train.csv": LEAVES}),
]
