"""CSV: what stands in a table."""
from harness import SIDE
from table import Row, line

TRAIN = "train -data_format csv -data_train train.csv"

ROWS = [
    Row("nan", TRAIN, ["train.csv, line 10", "nan"],
        files={"train.csv": line(10, lambda fields: [fields[0], "nan", *fields[2:]])}),
    Row("ragged", TRAIN, ["train.csv, line 10", str(SIDE * SIDE)], ranks=2,
        files={"train.csv": line(10, lambda fields: fields[1:])}),
]
