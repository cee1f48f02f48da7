"""The HTML of jobs/report: pieces of a page that needs no other file, no script and no network.
What comes from a run (names of classes, of runs, of files) is text, whatever it looks like."""
import base64
import html
import io
import math
import re
import struct
import zlib

import plot

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #57606a; --line: #d0d7de;
  --bar: #2f74b5; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe3e8; --paper: #15181c; --faint: #98a1ab;
  --line: #3a4149; --bar: #6ea8dc; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 0; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
.result { font-size: 1.15rem; } .missing { color: var(--faint); font-style: italic; }
.wide { overflow-x: auto; margin: .6rem 0; }
@media screen and (min-width: 62rem) { .rows { width: max-content; min-width: 100%;
  max-width: calc(50vw + 28rem); } } /* to the window's right edge, beyond the text */
.row { display: flex; flex-wrap: wrap; gap: 1rem; }
.row > * { flex: 1 1 20rem; min-width: 0; max-width: 30rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .15rem .5rem; text-align: left; border-bottom: 1px solid var(--line);
  overflow-wrap: normal; white-space: nowrap; } .long { white-space: normal; min-width: 12rem; }
th { font-weight: 600; color: var(--faint); } .n { text-align: right; }
caption { text-align: left; color: var(--faint); }
.heat td { text-align: right; border: 0; min-width: 1.6rem; } .heat th { border: 0; }
svg { max-width: 100%; height: auto; } svg text { fill: currentColor; }
.big svg { min-width: 42rem; }
.bar { display: grid; grid-template-columns: 12rem 1fr 6rem; gap: .5rem; align-items: center; }
@media (max-width: 36rem) { .bar { grid-template-columns: 7.5rem 1fr 5rem; font-size: .85rem; }
  th, td { padding: .1rem .25rem; } table { font-size: .85rem; } }
 .bar i { display: block; height: .8rem; background: var(--bar); }
.bar span:last-child { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr));
  gap: .6rem; }
figure { margin: 0; } figcaption { font-size: .8rem; color: var(--faint); }
img { image-rendering: pixelated; width: 100%; } .tiles { max-width: 32rem; }
pre { overflow-x: auto; font-size: .8rem; white-space: pre-wrap; }
details { margin: .5rem 0; } summary { cursor: pointer; }
@media print { body { font-size: 10pt; } main { max-width: none; padding: 0; }
  th, td { white-space: normal; } h2, h3 { break-after: avoid; }
  figure, tr, svg, .bar { break-inside: avoid; }
  .wide { overflow: visible; } .big svg { min-width: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
@media print and (prefers-color-scheme: dark) { :root { --ink: #000; --paper: #fff;
  --faint: #444; --line: #bbb; --bar: #2f74b5; } }
"""

# Nothing but the page itself may be loaded, and no script may run.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def escaped(text):
    """As text of HTML, also between quotes: letters that are none become visible."""
    text = str(text).encode("utf-8", "backslashreplace").decode("utf-8")
    return html.escape("".join(c if c >= " " or c in "\n\t" else "\ufffd" for c in text))


def page(title, body):
    return (f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            f"<title>{escaped(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
            f"<h1>{escaped(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n")


# ---- texts and tables ----

LONG = 40  # letters of a cell from which on it is a sentence

def paragraph(text, kind=""):
    return f'<p class="{kind}">{escaped(text)}</p>' if kind else f"<p>{escaped(text)}</p>"


def missing(text):
    return paragraph(text, "missing")


def section(title, content, level=2):
    if not content:
        return ""
    return f"<section>\n<h{level}>{escaped(title)}</h{level}>\n{content}\n</section>"


def folded(title, text):
    return (f"<details><summary>{escaped(title)}</summary><pre>{escaped(text)}</pre></details>"
            if text else "")


def is_number(cell):
    return not isinstance(cell, str) or re.fullmatch(r"-|[-+]?[\d.]+(e[-+]?\d+)?( %)?", cell)


def table(head, rows, caption=""):
    """Columns of words to the left, of numbers to the right. Only sentences are broken into
    lines; a table that is too wide still scrolls in its own box."""
    right = [bool(rows) and all(is_number(row[i]) for row in rows) for i in range(len(head))]

    def line(cells, tag):
        return "<tr>" + "".join(
            f"<{tag}{kind(cell, number)}>{escaped(cell)}</{tag}>"
            for cell, number in zip(cells, right)) + "</tr>"

    def kind(cell, number):
        return " class=n" if number else " class=long" if len(str(cell)) > LONG else ""

    above = f"<caption>{escaped(caption)}</caption>" if caption else ""
    body = "\n".join(line(row, "td") for row in rows)
    return (f'<div class="wide rows"><table>{above}<thead>{line(head, "th")}</thead>\n'
            f"<tbody>{body}</tbody></table></div>")


def bars(rows):
    """A line for each (name, value, text), as long as its share of the largest value."""
    largest = max((value for _, value, _ in rows), default=0) or 1
    return "\n".join(
        f'<div class="bar"><span>{escaped(name)}</span><span><i style="width:'
        f'{100 * max(0, value) / largest:.1f}%"></i></span><span>{escaped(text)}</span></div>'
        for name, value, text in rows)


def heat_map(names, counts):
    """Counts by true class (rows) and predicted class (columns). The colour is the share of the
    row: blue on the diagonal; red beside it, by the root, so that rare mistakes are seen."""
    head = "".join(f'<th class="n">{escaped(name)}</th>' for name in names)
    lines = []
    for i, row in enumerate(counts):
        cells = []
        for j, count in enumerate(row):
            share = count / (sum(row) or 1)
            colour = f"47,116,181,{0.6 * share:.3f}" if i == j else (
                f"214,39,40,{0.9 * math.sqrt(share):.3f}")
            cells.append(f'<td style="background:rgba({colour})" title="{escaped(names[i])} taken '
                         f'for {escaped(names[j])}: {count}">{count}</td>')
        lines.append(f"<tr><th>{escaped(names[i])}</th>{''.join(cells)}</tr>")
    return ('<div class="wide"><table class="heat"><caption>test samples by true class (rows) and '
            f"predicted class (columns)</caption><thead><tr><th></th>{head}</tr></thead>\n<tbody>"
            + "\n".join(lines) + "</tbody></table></div>")


# ---- pictures ----

def svg(draw, *data):
    """What draw(pyplot, *data) draws, as a part of the page: in its colours, with names of its own
    for what it refers to. Throws NoFigure without matplotlib."""
    plt = plot.pyplot()
    stream = io.StringIO()
    with plot.drawing():
        figure = draw(plt, *data)
        figure.savefig(stream, format="svg", transparent=True, bbox_inches="tight",
                       metadata={"Date": None})
        plt.close(figure)
    text = stream.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg"):], flags=re.DOTALL)
    text = text.replace("#000000", "currentColor")
    svg.number += 1
    own = rf"\1f{svg.number}-"
    for refers in (r'( id=")', r"(url\(#)", r'(href="#)'):
        text = re.sub(refers, own, text)
    return text


svg.number = 0


def wide_svg(draw, *data):
    """The same, to be moved to and fro where the screen is narrow: several figures in one."""
    return f'<div class="wide big">{svg(draw, *data)}</div>'


def png(width, height, pixels):
    """Of 8-bit pixels, row by row: one byte each (grey) or three (red, green, blue)."""
    depth = len(pixels) // (width * height)
    line = width * depth
    rows = b"".join(b"\0" + pixels[y * line:(y + 1) * line] for y in range(height))

    def chunk(kind, content):
        return (struct.pack(">I", len(content)) + kind + content
                + struct.pack(">I", zlib.crc32(kind + content)))

    head = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2}[depth], 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9))
            + chunk(b"IEND", b""))


def image(width, height, pixels, description, kind=""):
    data = base64.b64encode(png(width, height, pixels)).decode("ascii")
    return (f'<img class="{kind}" alt="{escaped(description)}" '
            f'src="data:image/png;base64,{data}">')
