#!/usr/bin/env python3
"""Our iteration and numpy's at equal network, samples and kind, one after the other in one run.

    compare_numpy.py BENCH_ITERATION [--cells full:1024:20000,blocks:256:60000]
                     [--repeats 3] [--mpirun "mpirun --oversubscribe --bind-to none"] [-- KEYS]

A cell is kind:hidden layers joined by '-':samples. KEYS go to bench_iteration. Prints median
seconds of an iteration, numpy's and ours on one rank and on two, and the ratios; `of dgemm` is the
least possible flops over seconds x dgemm's rate, as each of the two measured it in its own process.
"""
import argparse
import pathlib
import sys
import tempfile

from running import output_of, parse, rows_of

CELLS = ",".join(f"{kind}:{hidden}:{samples}" for hidden, samples in
                 (("256", 60000), ("1024", 20000), ("1024-1024", 20000), ("2048-2048", 20000))
                 for kind in ("full", "blocks"))
HERE = pathlib.Path(__file__).resolve().parent


def measure(cell, given, folder):
    """The rows of numpy, one rank and two."""
    kind, hidden, samples = cell.split(":")
    hidden, repeats = hidden.replace("-", ","), str(given.repeats)
    output_of([sys.executable, str(HERE / "numpy_iteration.py"), "--kind", kind, "--hidden", hidden,
               "--samples", samples, "--repeats", repeats, "--csv", f"{folder}/numpy.csv"])
    for ranks in (1, 2):
        output_of([*given.mpirun, "-n", str(ranks), given.bench, "-bench_sweeps", kind,
                   "-bench_hidden", hidden, "-bench_samples", samples, "-bench_repeats", repeats,
                   "-bench_csv", f"{folder}/ours.csv", "-admm_gram_every", "2",
                   *given.keys])
    return rows_of(f"{folder}/numpy.csv")[-1:] + rows_of(f"{folder}/ours.csv")[-2:]


def table_row(numpy, one, two):
    of_dgemm = lambda row: one["least_gflop"] / row["seconds_median"] / row["dgemm_gflops"]
    seconds = numpy["seconds_median"]
    return (f"{one['sweep']:7} {one['network']:18} {one['samples']:6.0f} "
            f"{seconds:8.2f} {numpy['cpu_seconds']:7.2f} {of_dgemm(numpy):6.2f}   "
            f"{one['seconds_median']:7.2f} {one['cpu_seconds']:7.2f} {of_dgemm(one):6.2f} "
            f"{seconds / one['seconds_median']:6.2f}   {two['seconds_median']:7.2f} "
            f"{of_dgemm(two) / two['ranks']:6.2f} {seconds / two['seconds_median']:6.2f}  "
            f"{two['grid']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bench")
    parser.add_argument("--cells", default=CELLS)
    parser.add_argument("--repeats", type=int, default=3)
    given = parse(parser)
    print("                                    numpy                    one rank"
          "                          two ranks\n"
          "kind    network           samples seconds     CPU dgemm    seconds     CPU  dgemm  ratio"
          "   seconds  dgemm  ratio  grid", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for cell in given.cells.split(","):
            print(table_row(*measure(cell, given, folder)), flush=True)


if __name__ == "__main__":
    main()
