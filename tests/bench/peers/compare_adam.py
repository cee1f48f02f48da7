#!/usr/bin/env python3
"""Time to two validation accuracies on MNIST, or on images in the same form: ours beside PyTorch's
Adam, one after the other on the same cores in one run.

    compare_adam.py ADMMNET DECK FOLDER [--hidden 1000,2000] [--ranks 1,2] [--goals 0.97,0.98]
                    [--mpirun "mpirun --oversubscribe --bind-to none"] [-- KEYS]

For every width (or several layers: 2048x2048) the deck runs with as many ranks as Adam may have
threads; KEYS go to admmnet. Adam runs with one thread, too, where there are more, and the better
of the two counts for each goal. Ours are the seconds from NAME.progress.csv and what it takes to
find the components of the inputs (-data_components), a reading of the file included. Neither
side's are with validation, of which we have ten looks a pass and Adam four, nor with reading data
and the start. Our CPU seconds are those times the ranks. Needs python3-torch (Debian: apt-get install python3-torch).
"""
import argparse
import json
import pathlib
import sys
import tempfile

from running import output_of, parse, rows_of

HERE = pathlib.Path(__file__).resolve().parent


def adam(given, hidden, threads):
    """{goal: (wall, CPU, passes)} and the best accuracy."""
    text = output_of([sys.executable, str(HERE / "torch_adam.py"), given.mnist, "--hidden", hidden,
                      "--threads", str(threads), "--goals", given.goals], threads)
    rows = [line.split() for line in text.splitlines() if line.split()[0] in ("goal", "end")]
    reached = {words[1]: (float(words[3]), float(words[5]), float(words[7]))
               for words in rows if words[0] == "goal"}
    return reached, float(rows[-1][2])


def better_adam(given, hidden, ranks):
    """On batches of this size two threads can be slower than one: the faster for each goal."""
    runs = [adam(given, hidden, threads) for threads in sorted({1, ranks})]
    reached = {}
    for goals, _ in runs:
        for goal, seconds in goals.items():
            reached[goal] = min(seconds, reached.get(goal, seconds))
    return reached, max(best for _, best in runs)


def ours(given, hidden, ranks):
    with tempfile.TemporaryDirectory() as folder:
        output_of([*given.mpirun, "-n", str(ranks), given.admmnet, "train", "-options_file",
                   given.deck, "-data_dir", given.mnist, "-net_hidden", hidden, "-run_outdir",
                   folder, "-run_name", "wide", "-train_progress", "10", *given.keys])
        rows = rows_of(f"{folder}/wide.progress.csv")
        summary = json.loads(pathlib.Path(f"{folder}/wide.summary.json").read_text("utf-8"))
    before = summary["phases"].get("components", {"max": 0.0})["max"]
    # A row's seconds are those until its look, the looks before it included.
    look = summary["phases"]["validation"]["max"] / len(rows)
    reached = {}
    for number, row in enumerate(rows):
        for goal in given.goals.split(","):
            if goal not in reached and row["validation_accuracy"] >= float(goal):
                seconds = before + row["seconds"] - number * look
                reached[goal] = (seconds, ranks * seconds, row["pass"])
    return reached, max(row["validation_accuracy"] for row in rows)


def text_of(given, reached):
    def cell(goal):
        if goal not in reached:
            return f"{'not reached':>26}"
        wall, cpu, passes = reached[goal]
        return f"{wall:9.1f} {cpu:8.1f} {passes:7.2f}"
    return "  ".join(cell(goal) for goal in given.goals.split(","))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("admmnet")
    parser.add_argument("deck")
    parser.add_argument("mnist")
    parser.add_argument("--hidden", default="1000,2000")
    parser.add_argument("--ranks", default="1,2")
    parser.add_argument("--goals", default="0.97,0.98")
    given = parse(parser)
    print("                         " + "".join(f"  to {goal}: wall      CPU  passes"
                                                  for goal in given.goals.split(",")) + "    best",
          flush=True)
    for ranks in given.ranks.split(","):
        for hidden in (widths.replace("x", ",") for widths in given.hidden.split(",")):
            for name, run in (("Adam", better_adam), ("admmnet", ours)):
                reached, best = run(given, hidden, int(ranks))
                print(f"{name:8} 784-{hidden.replace(',', '-')}-10, {ranks} core(s) {text_of(given, reached)}   {best:.4f}",
                      flush=True)


if __name__ == "__main__":
    main()
