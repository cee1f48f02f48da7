"""What the comparing scripts share: their command line, running programs, reading their rows."""
import csv
import os
import shlex
import subprocess
import sys


def parse(parser):
    """The parsed arguments; `keys` is what follows '--' and goes to our program."""
    parser.add_argument("--mpirun", default="mpirun --oversubscribe --bind-to none")
    arguments = sys.argv[1:]
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    given = parser.parse_args(arguments[:cut])
    given.mpirun = shlex.split(given.mpirun)
    given.keys = arguments[cut + 1:]
    return given


def output_of(command, threads=1):
    """What the command prints, run with so many BLAS threads. Stops when it fails."""
    environment = dict(os.environ, OPENBLAS_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads))
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False)
    if result.returncode != 0:
        raise SystemExit(f"{shlex.join(command)}: exit code {result.returncode}\n{result.stdout}")
    return result.stdout


def rows_of(path):
    """The rows of a CSV file, numbers as numbers."""
    def value(text):
        try:
            return float(text)
        except ValueError:
            return text
    with open(path, newline="", encoding="utf-8") as file:
        return [{key: value(text) for key, text in row.items()} for row in csv.DictReader(file)]
