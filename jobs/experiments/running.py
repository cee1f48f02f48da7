"""Starts the runs of an experiment: here, one after the other, or as jobs of Slurm; both by
train.sbatch, which continues what was stopped."""
import json
import os
import pathlib
import signal
import subprocess
import sys

import records
from records import Problem
from results import NAME, finished

TRAIN = pathlib.Path(__file__).resolve().parents[1] / "train.sbatch"
STOPPED = 10  # exit code of a run that the same command continues


class Stopped(Exception):
    """A signal has ended a run, with a checkpoint."""


def deck_of(run, folder):
    """The run's keys as a deck. `folder` holds the runs of the experiment."""
    keys = dict(run.keys)
    if run.after:
        first, passes = run.after
        keys["run_warm_start"] = str(folder.resolve() / first / f"{NAME}.ckpt.{passes}.h5")
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in keys.items())


def write_deck(run, folder):
    """The path of the deck. What is there already must be the same run."""
    path = folder / run.name / "deck.yaml"
    text = deck_of(run, folder)
    if path.exists() and records.text_of(path) != text:
        raise Problem(f"{path} is the deck of another run of this name (other data, or another "
                      "version of the experiment): name another folder with -o, or remove "
                      f"{path.parent}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"{path.parent} cannot be made: {error.strerror}") from error
    records.write(path, text.encode())
    return path


def is_done(run, folder):
    own = folder / run.name
    return (own / "plan.csv").exists() if run.command == "plan" else bool(finished(own))


def arguments_of(deck):
    """What train.sbatch is told. -run_outdir is no part of the deck: a folder may be moved."""
    return [str(deck), "-run_name", NAME, "-run_outdir", str(deck.parent.resolve())]


# ---- here ----

def run_plan(deck):
    """`admmnet plan`, which takes one process and no time to speak of."""
    said = subprocess.run([os.environ["ADMMNET"], "plan", "-options_file", str(deck),
                           "-plan_csv", str(deck.parent / "plan.csv")], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False)
    deck.with_name("out.txt").write_text(said.stdout, encoding="utf-8")
    return said.returncode


def train(deck, ranks):
    """The exit code of the run. SIGTERM goes on to it: it stops with a checkpoint."""
    command = [str(TRAIN), *arguments_of(deck)]
    environment = dict(os.environ, ADMMNET_RANKS=str(ranks))
    with open(deck.with_name("out.txt"), "ab") as output:
        # pylint: disable=consider-using-with # the handler needs it before the block would begin
        child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL,
                                 stdout=output, stderr=subprocess.STDOUT)
        before = signal.signal(signal.SIGTERM, lambda number, _: child.send_signal(number))
        try:
            return child.wait()
        finally:
            signal.signal(signal.SIGTERM, before)


def run_here(run, folder, ranks, title):
    """Whether the run has come to its end; says why, if not."""
    deck = write_deck(run, folder)
    if is_done(run, folder):
        print(f"{title}: is there")
        return True
    print(f"{title}: ...", flush=True)
    code = run_plan(deck) if run.command == "plan" else train(deck, run.ranks or ranks)
    if code == 0 and is_done(run, folder):
        return True
    output = deck.with_name("out.txt")
    if code == STOPPED:
        raise Stopped(f"{title} was stopped with a checkpoint; the same command continues")
    lines = records.text_of(output, errors="replace").splitlines()
    reason = next((line for line in reversed(lines) if "error" in line), lines[-1] if lines else "")
    print(f"experiments.sh: {title} failed with exit code {code}: {reason} (all of it: {output})",
          file=sys.stderr)
    return False


# ---- Slurm ----

def submit(run, folder, ranks, title, options, jobs):
    """Submits the run, if it has no result yet. `jobs`: the number of each run's job, by its name,
    so that what starts from another run waits for it. Plans are made at once."""
    if run.command == "plan" or is_done(run, folder):
        run_here(run, folder, ranks, title)
        return
    deck = write_deck(run, folder)
    waits = [f"--dependency=afterok:{jobs[run.after[0]]}"] if run.after and run.after[0] in jobs \
        else []
    output = str(deck.with_name("out.txt")).replace("%", "%%")
    command = ["sbatch", "--parsable", f"--job-name={title}", "--nodes=1",
               f"--ntasks-per-node={run.ranks or ranks}", f"--output={output}", *waits, *options,
               str(TRAIN), *arguments_of(deck)]
    try:
        said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False)
    except OSError as error:
        raise Problem(f"sbatch cannot be started: {error.strerror}: without --sbatch the runs "
                      "take place here") from error
    if said.returncode != 0:
        raise Problem(f"sbatch refuses {title}: {said.stderr.strip()}")
    jobs[run.name] = said.stdout.strip().split(";")[0]
    print(f"{title}: job {jobs[run.name]}")
