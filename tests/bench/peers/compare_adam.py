#!/usr/bin/env python3
"""Time to 97 % and 98 % validation accuracy on MNIST: our wide deck beside PyTorch's Adam, one
after the other on the same cores in one run.

    compare_adam.py ADMMNET DECK MNIST_FOLDER [--hidden 1000,2000] [--ranks 1,2]
                    [--mpirun "mpirun --oversubscribe --bind-to none"] [-- KEYS]

For every width the deck runs with as many ranks as Adam has threads; KEYS go to admmnet. Ours are
the seconds of the iterations from NAME.metrics.csv (validation included, reading data and the start
not, as with Adam); its CPU seconds are those times the ranks. Needs python3-torch (Debian: apt-get
install python3-torch).
"""
import argparse
import pathlib
import sys
import tempfile

from running import output_of, parse, rows_of

HERE = pathlib.Path(__file__).resolve().parent
GOALS = ("0.97", "0.98")


def adam(given, hidden, threads):
    """{goal: (wall, CPU, passes)} and the best accuracy."""
    text = output_of([sys.executable, str(HERE / "torch_adam.py"), given.mnist, "--hidden", hidden,
                      "--threads", str(threads)], threads)
    rows = [line.split() for line in text.splitlines() if line.split()[0] in ("goal", "end")]
    reached = {words[1]: (float(words[3]), float(words[5]), float(words[7]))
               for words in rows if words[0] == "goal"}
    return reached, float(rows[-1][2])


def ours(given, hidden, ranks):
    with tempfile.TemporaryDirectory() as folder:
        output_of([*given.mpirun, "-n", str(ranks), given.admmnet, "train", "-options_file",
                   given.deck, "-data_dir", given.mnist, "-net_hidden", hidden, "-run_outdir",
                   folder, "-run_name", "wide", *given.keys])
        rows = rows_of(f"{folder}/wide.metrics.csv")
    reached = {}
    for row in rows:
        for goal in GOALS:
            if goal not in reached and row["validation_accuracy"] >= float(goal):
                reached[goal] = (row["elapsed"], ranks * row["elapsed"], row["iteration"])
    return reached, max(row["validation_accuracy"] for row in rows)


def text_of(reached):
    def cell(goal):
        if goal not in reached:
            return f"{'not reached':>26}"
        wall, cpu, passes = reached[goal]
        return f"{wall:9.1f} {cpu:8.1f} {passes:7.2f}"
    return "  ".join(cell(goal) for goal in GOALS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("admmnet")
    parser.add_argument("deck")
    parser.add_argument("mnist")
    parser.add_argument("--hidden", default="1000,2000")
    parser.add_argument("--ranks", default="1,2")
    given = parse(parser)
    print("                             to 97 %: wall      CPU  passes    to 98 %: wall      CPU"
          "  passes    best", flush=True)
    for ranks in given.ranks.split(","):
        for hidden in given.hidden.split(","):
            for name, run in (("Adam", adam), ("admmnet", ours)):
                reached, best = run(given, hidden, int(ranks))
                print(f"{name:8} 784-{hidden}-10, {ranks} core(s) {text_of(reached)}   {best:.4f}",
                      flush=True)


if __name__ == "__main__":
    main()
