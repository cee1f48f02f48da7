"""IDX: images and labels that are not there, not whole, or not what they say."""
import gzip

import harness
from harness import CLASSES, SIDE, TEST, TRAINING
from table import Row, edited

IMAGES = "data/train-images-idx3-ubyte"
LABELS = "data/train-labels-idx1-ubyte"
TRAIN = "train -data_dir data"


def packed(damage):
    """The images in a gzip file with this damage, and no others."""
    def write(path):
        plain = path.with_suffix("")
        path.write_bytes(damage(gzip.compress(plain.read_bytes())))
        plain.unlink()
    return {f"{IMAGES}.gz": write}


def many_packed_images(path):
    """More than is read ahead, with a wrong checksum behind them."""
    count = 12000
    harness.write_images(path, [bytes(range(SIDE * SIDE))] * count)
    harness.write_labels(path.with_name("train-labels-idx1-ubyte"),
                         list(range(CLASSES)) * (count // CLASSES))
    content = gzip.compress(path.read_bytes(), 1)
    path.with_suffix(".gz").write_bytes(content[:-8] + bytes(4) + content[-4:])
    path.unlink()


def exchange(path):
    other = path.with_name("train-labels-idx1-ubyte")
    contents = path.read_bytes(), other.read_bytes()
    path.write_bytes(contents[1])
    other.write_bytes(contents[0])


ROWS = [
    Row("missing folder", "train -data_dir nowhere", ["nowhere", "train-images-idx3-ubyte"]),
    Row("missing labels", TRAIN, ["there are images but no labels", "train-labels-idx1-ubyte"],
        files={LABELS: None}),
    Row("truncated", TRAIN, [IMAGES, "is truncated"], ranks=2,
        files={IMAGES: edited(lambda content: content[:-1])}),
    Row("wrong magic", TRAIN, [IMAGES, "is not an IDX file", "0x12345678"],
        files={IMAGES: edited(lambda content: b"\x12\x34\x56\x78" + content[4:])}),
    Row("images and labels exchanged", TRAIN, ["were the files of images and labels exchanged?"],
        files={IMAGES: exchange}),
    Row("counts differ", TRAIN, [f"holds {TRAINING} images", f"holds {TRAINING - 2} labels"],
        files={LABELS: lambda path: harness.write_labels(path, [0, 1] * (TRAINING // 2 - 1))}),
    Row("label beyond the classes", TRAIN, [f"has the label {CLASSES}", "-data_classes"],
        files={"data/t10k-labels-idx1-ubyte":
               lambda path: harness.write_labels(path, [0] * (TEST - 1) + [CLASSES])}),

    # ---- packed ----
    Row("not gzip", TRAIN, [f"{IMAGES}.gz", "is not gzip"], files=packed(lambda _: b"\0" * 100)),
    Row("truncated gzip", TRAIN, [f"{IMAGES}.gz", "the gzip file is truncated"],
        files=packed(lambda content: content[:len(content) // 2])),
    Row("damaged gzip that shows in the middle of the images", TRAIN,
        [f"{IMAGES}.gz", "the gzip file is damaged"], files={IMAGES: many_packed_images}, ranks=2),
]
