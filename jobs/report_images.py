"""Pictures for jobs/report, where the inputs are images: test samples out of IDX files, and the
weights of the first layer out of a checkpoint."""
import gzip
import math
import pathlib
import struct
import zlib

import records
from records import MOST_BYTES, Problem

MOST_TILES = 64
TILES_A_ROW = 8


class Images:
    """The file of test images of a deck: an IDX file, gzipped or not."""

    def __init__(self, deck):
        folder = deck.get("data_dir", "")
        kind = "train" if deck.get("data_test_last", "0") not in ("0", "") else "t10k"
        paths = [pathlib.Path(folder) / f"{kind}-images{dash}idx3-ubyte{packed}"
                 for dash in "-." for packed in ("", ".gz")]
        self.path = next((path for path in paths if path.is_file()), None)
        if self.path is None:
            raise Problem(f"the test images are not where the deck has them, in "
                          f"{folder or 'no folder'} (seen from {pathlib.Path.cwd()}): no pictures")
        opener = gzip.open if self.path.suffix == ".gz" else open
        try:
            with opener(self.path, "rb") as file:
                content = file.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise Problem(f"{self.path} cannot be read: {error}") from error
        if len(content) < 16 or content[:4] != b"\0\0\x08\x03":
            raise Problem(f"{self.path} is no IDX file of images")
        self.count, self.rows, self.cols = struct.unpack(">III", content[4:16])
        self.pixels = content[16:]
        if len(content) > MOST_BYTES or len(self.pixels) != self.count * self.rows * self.cols:
            raise Problem(f"{self.path} is not as large as its head says")

    def __getitem__(self, sample):
        """The pixels of a sample, row by row."""
        size = self.rows * self.cols
        if not 0 <= sample < self.count:
            raise Problem(f"{self.path} has no sample {sample}: it is not the file of this run")
        return self.pixels[sample * size:(sample + 1) * size]


def first_weights(path):
    """Columns of weights by pixel, one a unit, at most MOST_TILES, and the number of units: W_1, or
    R' W_1 where the inputs are R x of the scaled pixels x (components, whitening)."""
    h5py = records.load("h5py", "install it for pictures of weights")
    numpy = records.load("numpy", "install it for pictures of weights")
    try:
        with h5py.File(path, "r") as file:
            layer = records.own(h5py, records.own(h5py, records.own(
                h5py, file, "state", h5py.Group), "layer_1", h5py.Group), "W", h5py.Dataset)
            rotation = records.own(h5py, records.own(h5py, file, "network", h5py.Group),
                                   "rotation", h5py.Dataset)
            if layer.ndim != 2 or layer.is_virtual or layer.external or rotation.size > MOST_BYTES:
                raise ValueError("/state/layer_1/W is no matrix")
            weights, units = layer[:, :MOST_TILES], layer.shape[1]
            if rotation.size > 0:
                weights = rotation[:].T @ weights
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise Problem(f"{path} is no checkpoint of admmnet: {error}") from error
    if not numpy.isfinite(weights).all():
        raise Problem(f"{path}: weights of the first layer are not finite")
    return weights, units


def side_of(features, pool, images):
    """Rows and columns of the pixels, from the images or, without them, of a square."""
    if images is not None and (images.rows // pool) * (images.cols // pool) == features:
        return images.rows // pool, images.cols // pool
    side = math.isqrt(features)
    if side * side != features:
        raise Problem(f"{features} pixels are no square, and the images are not there to look at")
    return side, side


def tiles(weights, rows, cols):
    """Width, height and pixels (RGB) of all units side by side: red is positive, blue negative,
    white 0, each unit by its own largest weight."""
    units = weights.shape[1]
    across = min(units, TILES_A_ROW)
    down = -(-units // across)
    width, height = across * (cols + 1) - 1, down * (rows + 1) - 1
    canvas = bytearray(b"\x80" * (3 * width * height))
    for unit in range(units):
        values = weights[:, unit].tolist()
        largest = max(map(abs, values)) or 1.0
        left, top = (unit % across) * (cols + 1), (unit // across) * (rows + 1)
        for y in range(rows):
            line = bytearray()
            for value in values[y * cols:(y + 1) * cols]:
                faded = round(255 * (1 - abs(value) / largest))
                line += bytes((255, faded, faded) if value > 0 else (faded, faded, 255))
            begin = 3 * ((top + y) * width + left)
            canvas[begin:begin + 3 * cols] = line
    return width, height, bytes(canvas)
