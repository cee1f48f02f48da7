"""Writes ONNX files (https://onnx.ai: opset 13, IR version 7) for jobs/export, without a package
for it: a file is one message of Protocol Buffers, numbers and texts behind their fields' numbers,
which are those of onnx.proto."""
import struct

import numpy

OPSET, IR_VERSION = 13, 7
TYPES = {"float32": 1, "int64": 7, "float64": 11}
LARGEST = 2**31 - 1  # bytes of a message of Protocol Buffers


def varint(value):
    """Seven bits a byte, the lowest first."""
    result = bytearray()
    while value > 127:
        result.append(value & 127 | 128)
        value >>= 7
    return bytes(result + bytes([value]))


def field(number, value):
    """An integer, a float32, a text, or a message (bytes)."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    content = value.encode() if isinstance(value, str) else bytes(value)
    return varint(number << 3 | 2) + varint(len(content)) + content


def fields(number, values):
    return b"".join(field(number, value) for value in values)


def tensor(name, array):
    return (fields(1, map(int, array.shape)) + field(2, TYPES[array.dtype.name]) + field(8, name)
            + field(9, numpy.ascontiguousarray(array).tobytes()))


def attribute(name, value):
    """A float, an integer or a list of integers."""
    number, kind = {float: (2, 1), int: (3, 2), list: (8, 7)}[type(value)]
    content = fields(number, value) if kind == 7 else field(number, value)
    return field(1, name) + content + field(20, kind)


def value_info(name, dtype, shape):
    """`shape`: a number, or a name for what is not known before, for each dimension."""
    dimensions = b"".join(field(1, field(1 if isinstance(size, int) else 2, size))
                          for size in shape)
    return field(1, name) + field(2, field(1, field(1, TYPES[dtype]) + field(2, dimensions)))


class Graph:
    """Nodes one after the other; each takes the results of earlier ones and gives one itself."""

    def __init__(self, dtype):
        self.dtype, self.nodes, self.constants, self.results = dtype, [], {}, 0

    def constant(self, name, values, dtype=None):
        """Its name; of one that is there already, with the same values, too."""
        self.constants[name] = tensor(name, numpy.asarray(values, dtype or self.dtype))
        return name

    def add(self, operation, *inputs, name=None, **attributes):
        """The name of its result."""
        self.results += 1
        result = name or f"{operation.lower()}_{self.results}"
        self.nodes.append(fields(1, inputs) + field(2, result) + field(3, f"node_{self.results}")
                          + field(4, operation)
                          + fields(5, (attribute(*pair) for pair in attributes.items())))
        return result

    def model(self, inputs, outputs, producer, remarks):
        """The file. `inputs`, `outputs`: (name, dtype, shape); `remarks`: texts by name."""
        graph = (fields(1, self.nodes) + field(2, "network") + fields(5, self.constants.values())
                 + fields(11, (value_info(*one) for one in inputs))
                 + fields(12, (value_info(*one) for one in outputs)))
        return (field(1, IR_VERSION) + field(2, producer) + field(7, graph)
                + field(8, field(1, "") + field(2, OPSET))
                + fields(14, (field(1, key) + field(2, text) for key, text in remarks.items())))
