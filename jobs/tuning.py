#!/usr/bin/env python3
"""What jobs/tune.sh asks for: the beginning of a search, and what comes next (halving.py).

    tuning.py start ARGUMENTS OF tune.sh    makes the folder, or finds it, and prints its name
    tuning.py next FOLDER [--anew]          prints the array and the arguments of sweep.sbatch, one
                                            a line; nothing: the search is at its end. --anew: what
                                            was tried in vain before is tried again
"""
import argparse
import json
import pathlib
import sys

sys.dont_write_bytecode = True
import records
import search_space
from halving import FORMAT, Search
from records import Problem

ASKED = ("deck", "space", "n", "grid", "seed", "first", "passes")  # fixed for the whole search


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="tune.sh", add_help=False)
    def whole(name, least, default=None):
        parser.add_argument(name, default=default, type=lambda text: records.number_in_text(
            text, name, least, 1e9, whole=True))
    parser.add_argument("deck", type=pathlib.Path)
    parser.add_argument("space", type=pathlib.Path)
    parser.add_argument("--grid", action="store_true")
    whole("-n", 1)
    whole("--seed", 0, 0)
    whole("--first", 1)
    whole("--passes", 1, 0)
    whole("--pack", 1, 1)
    whole("--at-once", 1, 0)
    parser.add_argument("-o", dest="folder", type=pathlib.Path)
    parser.error = lambda message: (_ for _ in ()).throw(Problem(f"{message}; tune.sh -h"))
    options = parser.parse_args(arguments)
    if options.grid == (options.n is not None):
        raise Problem("say either -n 32, so many settings drawn from the space, or --grid, all of it")
    return options


def settings_of(options, space):
    if options.grid:
        return search_space.grid(space, options.space)
    if options.n > search_space.MOST_SETTINGS:
        raise Problem(f"-n {options.n} is more than {search_space.MOST_SETTINGS}")
    settings = search_space.drawn(space, options.n, options.seed)
    if len(settings) < options.n:
        print(f"tune.sh: {options.space} has {len(settings)} different settings, fewer than "
              f"{options.n}", file=sys.stderr)
    return settings


def asked_for(options, count):
    """What search.json says. Without --first, the halvings lead from there to --passes."""
    halvings = max(0, count - 1).bit_length()
    first = options.first or max(1, options.passes >> halvings)
    return {"format": FORMAT, "deck": records.text_of(options.deck),
            "space": records.text_of(options.space), "n": count, "grid": options.grid,
            "seed": options.seed, "first": first, "passes": options.passes, "pack": options.pack,
            "at_once": options.at_once}


def check_same(before, asked, folder):
    for key in ASKED:
        if before.get(key) != asked[key]:
            was, now = (f": {records.shown(each[key])}" if key not in ("deck", "space") else ""
                        for each in (before, asked))
            raise Problem(f"{folder} holds a search with another {key}{was}, now{now or ' changed'}: "
                          "give the same, or another folder with -o")


def start(arguments):
    options = parsed(arguments)
    text = records.text_of(options.space)
    space = search_space.parse(text, options.space)
    if options.passes and "train_iterations" in space:
        raise Problem(f"{options.space} has train_iterations, and so has the command line (--passes)")
    settings = settings_of(options, space)
    asked = asked_for(options, len(settings))
    folder = options.folder or pathlib.Path("runs") / options.space.stem
    table = "\n".join(" ".join(words) for words in (space, *settings)) + "\n"
    if (folder / "search.json").exists():
        check_same(Search(folder).asked, asked, folder)
    elif any(folder.glob("*/parameters.txt")):
        raise Problem(f"{folder} holds runs of something else: name another folder with -o")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"{folder} cannot be made: {error.strerror}") from error
    for name, content in (("deck.yaml", asked["deck"]), ("space.txt", text),
                          ("settings.txt", table), ("search.json", json.dumps(asked, indent=1))):
        records.write(folder / name, content.encode("utf-8"))
    print(folder)
    return 0


def say_next(folder, anew):
    search = Search(folder)
    todo = search.next(anew)
    if todo:
        rung, lines, pause = todo
        until = f"up to pass {pause}" if pause else "to the end"
        print(f"tune.sh: rung {rung + 1}: {len(lines)} run(s) {until}", file=sys.stderr)
        print("\n".join(map(str, search.call(lines, pause))))
    return 0


def main(arguments):
    if arguments[:1] == ["start"]:
        return start(arguments[1:])
    if arguments[:1] == ["next"] and len(arguments) > 1:
        return say_next(arguments[1], "--anew" in arguments[2:])
    raise Problem("say start or next, as jobs/tune.sh does")


if __name__ == "__main__":
    sys.exit(records.run("tune.sh", lambda: main(sys.argv[1:])))
