"""The space of a search, for jobs/tune.sh: a text file with a key of the deck and its values a line,

    admm_step   10 30 100        these values; "-": as in the deck
    net_hidden  256 512 256,256
    admm_beta   log 0.01 10      any between, even in its logarithm; with a third number so many of
                                 them, evenly spaced, ends included
    admm_ridge  real 0.1 0.9     the same, even in the value
    init_seed   int 0 5          whole numbers, ends included
    gradient_batch  logint 16 512

and the settings of a search, drawn from it or all of them. # begins a comment.
"""
import itertools
import math
import random
import re

import records
from records import Problem

MOST_SETTINGS = 10000
MOST_VALUES = 1000
KEY = re.compile(r"[a-z][a-z0-9_]*")
# Keys that the search needs for itself: what to say instead.
OWN = {"train_pause_after": "the search sets it",
       "run_name": "all runs of a search have the deck's",
       "run_outdir": "the search sets it (-o FOLDER)",
       "run_restart": "each run goes on from its own checkpoints",
       "run_overwrite": "each run goes on from its own checkpoints",
       "run_model": "it is no key of a training run",
       "options_file": "the deck is named on the command line"}


class Values:
    """The values of one key: a list of texts, or a range without one."""

    def __init__(self, texts=None, text_at=None):
        self.texts, self.text_at = texts, text_at

    def draw(self, share):
        """The value at this share of the range, in [0, 1)."""
        return self.texts[int(share * len(self.texts))] if self.texts else self.text_at(share)


def short(value):
    """Four digits: what a draw says beyond them is chance."""
    return format(value, ".4g")


def ends_of(words, where, whole, positive):
    """Least and largest value, and how many of them (None: any)."""
    kind = words[0]
    if len(words) not in (3, 4):
        raise Problem(f"{where}: {kind} takes the least and the largest value, and perhaps how many: "
                      f"{kind} 1 10")
    low, high = (records.number_in_text(word, f"{where}: {kind}", whole=whole)
                 for word in words[1:3])
    if low >= high:
        raise Problem(f"{where}: {kind} {words[1]} {words[2]}: the least value must be below the "
                      "largest")
    if positive and low <= 0:
        raise Problem(f"{where}: {kind} {words[1]}: values of a logarithmic range are above 0; real "
                      "and int have others")
    count = None if len(words) == 3 else records.number_in_text(
        words[3], f"{where}: how many values", 2, MOST_VALUES, whole=True)
    return low, high, count


def spaced(text_at, count):
    return list(dict.fromkeys(text_at(i / (count - 1)) for i in range(count)))


def values_of(words, where):
    kind = words[0]
    if kind not in ("int", "real", "log", "logint"):
        return Values(list(dict.fromkeys(words)))
    logarithmic, whole = kind.startswith("log"), kind.endswith("int")
    low, high, count = ends_of(words, where, whole, logarithmic)
    if kind == "int" and count is None:
        if high - low >= MOST_VALUES:
            raise Problem(f"{where}: int {low} {high} has more than {MOST_VALUES} values: say how "
                          f"many: int {low} {high} 50")
        return Values([str(value) for value in range(low, high + 1)])
    at = ((lambda share: math.exp(math.log(low) + share * (math.log(high) - math.log(low))))
          if logarithmic else (lambda share: low + share * (high - low)))
    text_at = (lambda share: str(min(high, max(low, round(at(share)))))) if whole else (
        lambda share: short(at(share)))
    return Values(spaced(text_at, count)) if count else Values(text_at=text_at)


def parse(text, path):
    """{key: Values} of a space; `path` for what is wrong in it."""
    space, lines = {}, {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        key, where = words[0], f"{path}, line {number}"
        if not KEY.fullmatch(key):
            raise Problem(f"{where}: {records.shown(key)} is no key such as admm_step, without a dash")
        if key in OWN:
            raise Problem(f"{where}: {key} cannot be searched: {OWN[key]}")
        if key in space:
            raise Problem(f"{where}: {key} has its values in line {lines[key]} already")
        if len(words) == 1:
            raise Problem(f"{where}: {key} has no value: {key} 1 10 100, or {key} log 1 100")
        space[key], lines[key] = values_of(words[1:], where), number
    if not space:
        raise Problem(f"{path} names no key: a line for each, such as: admm_step 10 30 100")
    return space


def grid(space, path):
    """All settings, the last key first to change."""
    for key, values in space.items():
        if values.texts is None:
            raise Problem(f"{path}: a grid needs to know how many values {key} has: a third number, "
                          "such as log 0.01 10 4")
    count = math.prod(len(values.texts) for values in space.values())
    if count > MOST_SETTINGS:
        raise Problem(f"{path}: the grid has {count} settings, more than {MOST_SETTINGS}: draw some "
                      "of them with -n")
    return list(itertools.product(*(values.texts for values in space.values())))


def drawn(space, count, seed):
    """So many different settings, fewer where the space has no more. The same of the same seed with
    every Python: random() is what its documentation promises to stay."""
    chance, found = random.Random(seed), {}
    for _ in range(100 * count):
        if len(found) == count:
            break
        found[tuple(values.draw(chance.random()) for values in space.values())] = None
    return list(found)
