"""Runs made by hand, and their pages by jobs/report, each of which is looked at: what the tests of
pages share."""
import base64
import contextlib
import html.parser
import io
import json
import os
import pathlib
import random
import re
import shutil
import struct
import tempfile
import unittest
import unittest.mock
import zlib

from collect_test import METRICS, SUMMARY, script

import h5py
import numpy as np
import records
import report_html

REPORT = script("report")
HOSTILE = '<script>alert("1")</script>'
NAMES = ["cat", HOSTILE, "</table>&amp;'"]
LOG = ("\n== admmnet train ==\nversion: 1\nnetwork: 9-4-3 relu, softmax\n"
       f"data: {HOSTILE}</pre>\n\n== result ==\n")
SIDE, TESTED = 3, 40


class Page(html.parser.HTMLParser):
    """The tags of a page and the text between them."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links, self.pictures, self.words = [], [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes
                       if name in ("src", "href", "xlink:href", "action", "data")]
        assert not [name for name, _ in attributes if name.startswith("on")], attributes
        self.pictures += [dict(attributes)["src"]] if tag == "img" else []
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name.endswith("href")]

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    def text(self):
        return " ".join(" ".join(self.words).split())


def pixels_of(picture):
    """Width, height and pixels of a PNG in the address of a picture."""
    data = base64.b64decode(picture.split(",", 1)[1])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, _, colour = struct.unpack(">IIBB", data[16:26])
    packed = data[data.index(b"IDAT") + 4:data.rindex(b"IEND") - 8]
    rows, line = zlib.decompress(packed), width * {0: 1, 2: 3}[colour] + 1
    assert all(rows[y * line] == 0 for y in range(height))
    return width, height, b"".join(rows[y * line + 1:(y + 1) * line] for y in range(height))


def stub(*_):
    return "<svg></svg>"


class PageTest(unittest.TestCase):
    """In a folder of its own, with what makes runs and looks at their pages."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="admmnet-report-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)

    def put(self, path, text):
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def make_run(self, folder="run", name="a", **fields):
        """A whole run on images of 3 x 3 pixels; its test samples, as (label, predicted, p)."""
        summary = {**SUMMARY, "classes": NAMES, "test_accuracy": 0.5, **fields}
        self.put(f"{folder}/{name}.summary.json", json.dumps(summary))
        self.put(f"{folder}/{name}.metrics.csv", METRICS)
        self.put(f"{folder}/{name}.log", LOG)
        self.put(f"{folder}/{name}.used.yaml",
                 'data:\n  format: idx\n  dir: "images"\n  pool: 1\nrun:\n'
                 f'  name: "{HOSTILE.replace(chr(34), chr(92) + chr(34))}"\n')
        draw = random.Random(0)
        shares = [[draw.random() for _ in NAMES] for _ in range(TESTED)]
        samples = [(draw.randrange(3), max(range(3), key=p.__getitem__),
                    [share / sum(p) for share in p]) for p in shares]
        field = lambda text: '"' + text.replace('"', '""') + '"'
        lines = ["sample,label,predicted," + ",".join(field("p_" + name) for name in NAMES)]
        lines += [",".join((str(place), field(NAMES[label]), field(NAMES[predicted]),
                            *map(str, p))) for place, (label, predicted, p) in enumerate(samples)]
        self.put(f"{folder}/{name}.test.csv", "\n".join(lines) + "\n")
        return samples

    def make_images(self):
        draw = random.Random(1)
        images = [bytes(draw.randrange(256) for _ in range(SIDE**2)) for _ in range(TESTED)]
        (self.folder / "images").mkdir()
        (self.folder / "images/t10k-images-idx3-ubyte").write_bytes(
            struct.pack(">IIII", 0x803, TESTED, SIDE, SIDE) + b"".join(images))
        return images

    def make_checkpoint(self, rotation):
        draw = np.random.default_rng(0)
        weights = draw.standard_normal((rotation.shape[0] if rotation.size else SIDE**2, 5))
        with h5py.File(self.folder / "run/a.ckpt.3.h5", "w") as file:
            file["state/layer_1/W"] = weights
            file["network/rotation"] = rotation
        self.put("run/a.latest", "a.ckpt.3.h5\n")
        return weights

    def report(self, *arguments, code=0, drawn=False):
        """The page, which is looked at as every page is."""
        said, complained = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained), \
                contextlib.ExitStack() as stack:
            if not drawn:  # to draw takes the most time
                stack.enter_context(unittest.mock.patch.object(report_html, "svg", stub))
            found = records.run("report", lambda: REPORT.main([*arguments, "-o", "p.html"]))
        self.assertEqual(found, code, complained.getvalue())
        text = (self.folder / "p.html").read_text(encoding="utf-8")
        page = Page(text)
        self.assertNotIn("script", page.tags)
        self.assertEqual([link for link in page.links if not link.startswith(("data:image/", "#"))],
                         [])
        for needed in ("Content-Security-Policy", 'name="viewport"', "@media print",
                       "prefers-color-scheme: dark"):
            self.assertIn(needed, text)
        return page
