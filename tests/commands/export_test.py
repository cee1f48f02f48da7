"""jobs/export: the graphs and arrays of trained networks give what predict gives, on every kind of
input and output. The test has an ONNX reader of its own, and evaluates graphs with numpy."""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import struct
import sys

import harness

np = harness.np
JOBS = pathlib.Path(__file__).resolve().parents[2] / "jobs"
sys.path.insert(0, str(JOBS))
import records

LOADER = importlib.machinery.SourceFileLoader("export", str(JOBS / "export"))
EXPORT = importlib.util.module_from_spec(importlib.util.spec_from_loader("export", LOADER))
LOADER.exec_module(EXPORT)
SINGLE, DOUBLE = 1e-5, 1e-8  # predict writes nine digits


# ---- a reader of Protocol Buffers ----
def number(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def message(data):
    """{field: its values in order} of a message."""
    found, at = {}, 0
    while at < len(data):
        key, at = number(data, at)
        kind = key & 7
        if kind == 0:
            value, at = number(data, at)
        elif kind == 5:
            value, at = struct.unpack("<f", data[at:at + 4])[0], at + 4
        else:
            assert kind == 2, kind
            size, at = number(data, at)
            value, at = data[at:at + size], at + size
            assert len(value) == size
        found.setdefault(key >> 3, []).append(value)
    return found


def array_of(data):
    found = message(data)
    dtype = {1: "<f4", 7: "<i8", 11: "<f8"}[found[2][0]]
    return found[8][0].decode(), np.frombuffer(found[9][0], dtype).reshape(found.get(1, []))


def attributes_of(node):
    found = {}
    for data in node.get(5, []):
        fields = message(data)
        kind = fields[20][0]
        found[fields[1][0].decode()] = fields[8] if kind == 7 else fields[{1: 2, 2: 3}[kind]][0]
    return found


def softmax(z, axis):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def average_pool(x, kernel_shape, strides):
    assert kernel_shape == strides
    n, channels, rows, cols = x.shape
    p, q = kernel_shape
    return x.reshape(n, channels, rows // p, p, cols // q, q).mean(axis=(3, 5), dtype=x.dtype)


OPERATIONS = {  # as onnx.ai defines them
    "Gemm": lambda a, b, c: a @ b + c, "MatMul": np.matmul, "Sub": np.subtract, "Add": np.add,
    "Mul": np.multiply, "Div": np.divide, "Sqrt": np.sqrt, "IsNaN": np.isnan, "Where": np.where,
    "Max": np.maximum, "Relu": lambda x: np.maximum(x, 0), "Tanh": np.tanh, "Cos": np.cos,
    "LeakyRelu": lambda x, alpha: np.where(x < 0, x.dtype.type(alpha) * x, x),
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)), "Clip": np.clip, "GreaterOrEqual": np.greater_equal,
    "Softmax": softmax, "AveragePool": average_pool,
    "ReduceMean": lambda x, axes, keepdims: x.mean(axis=tuple(axes), keepdims=bool(keepdims)),
    "ReduceSum": lambda x, axes, keepdims: x.sum(axis=tuple(axes), keepdims=bool(keepdims)),
    "ArgMax": lambda x, axis, keepdims: x.argmax(axis=axis), "Cast": lambda x, to: x.astype("<i8"),
    "Reshape": lambda x, shape: x.reshape(shape),
}


def evaluate(path, x):
    """Outputs by name, labels, and the type of the numbers."""
    model = message(pathlib.Path(path).read_bytes())
    assert message(model[8][0])[2] == [13] and model[1] == [7]
    graph = message(model[7][0])
    values = dict(map(array_of, graph[5]))
    dtype = values["W_1"].dtype
    values["x"] = x.astype(dtype)
    declared = message(message(message(message(graph[11][0])[2][0])[1][0])[2][0])[1]
    assert message(declared[1])[1] == [x.shape[1]], declared
    for data in graph[1]:
        node = message(data)
        operands = [values[name.decode()] for name in node[1]]
        result = OPERATIONS[node[4][0].decode()](*operands, **attributes_of(node))
        assert result.dtype in (dtype, np.int64, bool), node
        values[node[2][0].decode()] = result
    outputs = {message(data)[1][0].decode(): values[message(data)[1][0].decode()]
               for data in graph[12]}
    remark = message(model[14][0])
    assert remark[1] == [b"class_labels"]
    return outputs, json.loads(remark[2][0]), dtype


class Export(harness.Case):
    @classmethod
    def setUpClass(cls):
        cls.common = cls.shared()
        cls.idx = harness.make_idx(cls.common.folder / "data")
        cls.images = np.array([list(image) for image in harness.samples(harness.TEST, 2)[0]], float)

    def setUp(self):
        super().setUp()
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)

    def export(self, *arguments, code=0):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            found = records.run("export", lambda: EXPORT.main(list(map(str, arguments))))
        self.assertEqual(found, code, said.getvalue())
        return said.getvalue()

    def predicted(self, model, data, values):
        """Labels and numbers that predict writes."""
        self.run_program("predict", "-run_model", model, "-run_outdir", "predicted", *data,
                         f"-run_{values}", "true", ranks=0)
        lines = (self.path("predicted") / "admmnet.predictions.csv").read_text().splitlines()
        rows = [line.split(",") for line in lines[1:]]
        return [row[1] for row in rows], np.array([row[2:] for row in rows], float)

    def compare(self, model, data, x, values, options=()):
        labels, numbers = self.predicted(model, data, values)
        for words, tolerance in (((), SINGLE), (("--double",), DOUBLE)):
            self.export(model, "a.onnx", *words, *options)
            outputs, names, dtype = evaluate(self.path("a.onnx"), x)
            self.assertEqual(dtype.itemsize, 8 if words else 4)
            self.assertEqual([names[c] for c in outputs["class"]], labels)
            self.assertEqual(outputs[values].dtype, dtype)
            self.assertLess(abs(outputs[values] - numbers).max(),
                            tolerance * max(1.0, abs(numbers).max()))

    def test_networks_on_images(self):
        data = ["-data_dir", self.idx]
        for name, keys, values in (
                ("smoothed", [], "probabilities"),  # no temperature: 60 validation samples
                ("tempered", ["-data_validation", 250, "-data_components", 9], "probabilities"),
                ("pooled", ["-data_pool", 2, "-data_scaling", "sqn"], "probabilities"),
                ("leaky", ["-net_activation", "leaky_relu", "-net_bias", "false"], "scores"),
                ("one", ["-net_loss", "hinge", "-net_activation", "hard_sigmoid", "-data_classes",
                         "1,3", "-data_scaling", "whiten"], "scores"),
                ("clipped", ["-net_activation", "hard_tanh", "-net_label_smoothing", 0],
                 "probabilities"),
                ("waves", ["-train_method", "random_features", "-net_activation", "cos"],
                 "scores")):
            with self.subTest(name=name):
                self.train(*data, "-net_hidden", 9 if name == "waves" else "9,7", *keys,
                           "-train_iterations", 1, "-run_outdir", name, ranks=0)
                x, also = self.images, []
                if name == "one":  # the others have no class
                    labels = np.array(harness.samples(harness.TEST, 2)[1])
                    x, also = x[(labels == 1) | (labels == 3)], ["-data_classes", "1,3"]
                self.compare(self.newest_checkpoint(name), [*data, *also], x, values)

    def test_a_table_with_missing_values_and_names(self):
        rows = [[*image, "one" if label % 2 else "<two>"] for image, label
                in zip(*harness.samples(300, 1))]
        for place, row in enumerate(rows):
            row[1 + place % 63] = ""  # an empty first field would be that of an index
        for name, part in (("train", rows[:200]), ("test", rows[200:])):
            self.path(f"{name}.csv").write_text(
                "".join(",".join(map(str, row)) + "\n" for row in part))
        data = ["-data_format", "csv", "-data_label_column", "last", "-data_missing", "mean",
                "-data_test", "test.csv"]
        self.train(*data, "-data_train", "train.csv", "-net_hidden", 5, "-train_iterations", 1,
                   "-run_outdir", "out", ranks=0)
        x = np.array([[value if value != "" else np.nan for value in row[:-1]]
                      for row in rows[200:]], float)
        self.compare(self.newest_checkpoint("out"), data, x, "probabilities")

    def test_arrays_and_what_cannot_be_done(self):
        self.train("-data_dir", self.idx, "-data_pool", 2, "-net_hidden", 5, "-train_iterations", 1,
                   "-run_outdir", "out", ranks=0)
        model = self.newest_checkpoint("out")
        self.export(model, "a.npz")
        with np.load(self.path("a.npz")) as found, harness.h5py.File(model) as file:
            for layer in (1, 2):
                for name in "Wb":
                    np.testing.assert_array_equal(found[f"{name}_{layer}"],
                                                  file[f"state/layer_{layer}/{name}"][()])
            np.testing.assert_array_equal(found["scale"], file["network/scale"][:])
            self.assertEqual(found["class_labels"].tolist(), ["0", "1", "2", "3"])
            self.assertEqual(str(found["activation"]), "relu")
        for arguments, words in (
                ([model, "a.txt"], "ends neither in .onnx nor in .npz"),
                ([model, "a.onnx", "--image", "9x9"], "say --image ROWSxCOLS"),
                ([model, "nowhere/a.onnx"], "nowhere/a.onnx cannot be written"),
                (["data", "a.onnx"], "data is no checkpoint of admmnet")):
            self.assertIn(words, self.export(*arguments, code=2))
        self.assertFalse(self.path("a.onnx").exists())


if __name__ == "__main__":
    harness.main()
