#!/usr/bin/env python3
"""Taylor's iteration as toys write it in PyTorch, and our sweeps at the same network and samples,
one core each, one after the other in one run.

    compare_torch.py BENCH_ITERATION [--hidden 256,256] [--samples 60000] [--repeats 3] [-- KEYS]

Needs python3-torch (Debian: apt-get install python3-torch). Our sweep `printed` is the same
algorithm; `full` and `blocks` are what the program trains with.
"""
import argparse
import pathlib
import re
import sys
import tempfile

from running import output_of, parse, rows_of

TOY = pathlib.Path(__file__).resolve().parent / "torch_iteration.py"
ROW = "{:22} {:9.3f} {:9.3f} {:7.2f}"


def toy(given, precision):
    """Wall and CPU seconds of an iteration."""
    text = output_of([sys.executable, str(TOY), "--hidden", given.hidden, "--samples",
                      str(given.samples), "--repeats", str(given.repeats), *precision])
    return [float(number) for number in re.search(r"(\S+) s an iteration, (\S+) CPU s",
                                                  text).groups()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("bench")
    parser.add_argument("--hidden", default="256,256")
    parser.add_argument("--samples", type=int, default=60000)
    parser.add_argument("--repeats", type=int, default=3)
    given = parse(parser)
    print(f"784-{given.hidden.replace(',', '-')}-10, {given.samples} samples, one core; the ratio "
          f"is PyTorch's float32 CPU seconds over these\n"
          f"{'':22} {'seconds':>9} {'CPU':>9} {'ratio':>7}")
    wall, single = toy(given, [])
    print(ROW.format("PyTorch, float32", wall, single, 1.0), flush=True)
    wall, double = toy(given, ["--float64"])
    print(ROW.format("PyTorch, float64", wall, double, single / double), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        output_of([*given.mpirun, "-n", "1", given.bench, "-bench_sweeps", "printed,full,blocks",
                   "-bench_hidden", given.hidden, "-bench_samples", str(given.samples),
                   "-bench_repeats", str(given.repeats), "-bench_csv", f"{folder}/ours.csv",
                   *given.keys])
        for row in rows_of(f"{folder}/ours.csv"):
            print(ROW.format("admmnet, " + row["sweep"], row["seconds_median"], row["cpu_seconds"],
                             single / row["cpu_seconds"]))


if __name__ == "__main__":
    main()
