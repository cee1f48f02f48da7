"""Jobs on a private Slurm cluster of two virtual nodes (cluster.sh), and what they leave: common to
all topics of this folder. Data sets and the comparison of checkpoints are those of tests/commands.

    slurm_harness.py up|down      what ctest does before the first and after the last topic

The cluster goes down, too, when the process ends that wanted it: ctest, or a topic called by hand.

Environment (set by ctest): ADMMNET_PROGRAM, the program; SLURM_TEST_DIR, the cluster's state
folder; ADMMNET_SLURM_WORK, a folder for the runs.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
JOBS = ROOT / "jobs"
sys.path.insert(0, str(HERE.parent / "commands"))
import harness
from harness import SKIPPED

WORK = pathlib.Path(os.environ.get("ADMMNET_SLURM_WORK", "slurm-work")).resolve()
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "unshare")
ITERATIONS = 80
# An iteration takes 10 ms or more, so that there is time to disturb a run, and changes
# the weights to the end. On all ranks, however small the problem (harness.USE_ALL_RANKS).
DECK = """\
data: {format: idx, dir: %s}
net: {hidden: [24, 16]}
admm: {blocks: 12, step: 1, step_output: 0.02}
train: {iterations: %d}
ckpt: {every_iterations: 5}
plan: {latency: 1.0e-15, bandwidth: 1.0e+9, gflops: 1.0e-3}
"""
ENDED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "BOOT_FAIL", "DEADLINE"}


def command(*words, timeout=60, code=0, **options):
    """Runs a command to its end, which must come with this exit code; what it prints."""
    result = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False,
                            **options)
    if result.returncode != code:
        raise AssertionError(f"{words}: exit code {result.returncode}\n{result.stdout}")
    return result.stdout


def cluster(*words):
    return command(HERE / "cluster.sh", *words)


def missing_programs():
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return [name for name in PROGRAMS if not shutil.which(name, path=path)]


def enter(owner):
    """Starts the cluster, for as long as the process `owner` lives, unless it is up, and points
    this process at it."""
    missing = missing_programs()
    if missing:
        print(f"SKIPPED: there is no {', '.join(missing)}: modules/setup-debian.sh test")
        sys.exit(SKIPPED)
    cluster("up", 2, 2, owner)
    for line in cluster("env").splitlines():
        for name, value in re.findall(r"(\w+)=(\S+)", line):
            os.environ[name] = value
    os.environ["ADMMNET"] = harness.PROGRAM
    # The system's Python, which has h5py and matplotlib, and no setting of a user or of a site.
    os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    for name in list(os.environ):
        if name.startswith("ADMMNET_") and name not in ("ADMMNET_PROGRAM", "ADMMNET_SLURM_WORK",
                                                        "ADMMNET_BUILD", "ADMMNET_CMAKE"):
            del os.environ[name]


class Job:
    """A job that was submitted, and its output file."""

    def __init__(self, number, output):
        self.number, self.path = number, output

    def output(self):
        return self.path.read_text(errors="replace") if self.path.exists() else ""

    def facts(self):
        """What scontrol knows: JobState, Restarts, ExitCode, ..."""
        return dict(re.findall(r"(\w+)=(\S*)", command("scontrol", "show", "job", self.number)))

    def fail(self, why):
        lines = [line for line in self.output().splitlines() if not line.startswith("note:")]
        raise AssertionError("\n".join([f"job {self.number}: {why}", str(self.facts()),
                                        command("sinfo"), command("squeue"), *lines[-80:]]))

    def wait_until(self, condition, what, timeout):
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                self.fail(f"waited {timeout} s for {what}")
            time.sleep(0.05)

    def wait_for(self, text, times=1, timeout=60):
        """Returns once a line that matches the expression has come so many times."""
        pattern = re.compile(text, re.MULTILINE)
        self.wait_until(lambda: len(pattern.findall(self.output())) >= times, repr(text), timeout)

    def iterate(self, more=3):
        """Waits for so many further lines of the table of iterations."""
        rows = r"^ +\d+( +\S+){6}$"
        self.wait_for(rows, len(re.findall(rows, self.output(), re.MULTILINE)) + more)

    def wait(self, timeout=120):
        """Waits for the end; the facts."""
        self.wait_until(lambda: self.facts()["JobState"] in ENDED, "its end", timeout)
        return self.facts()

    def send(self, *options):
        command("scancel", *options, self.number)


def wait_for(condition, what, timeout=300):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s for {what}\n{command('squeue')}")
        time.sleep(0.1)


def wait_for_all():
    wait_for(lambda: not command("squeue", "-h"), "all jobs to end")


class Case(harness.Case):
    """Each test has a folder of its own below the work folder, which all nodes see."""

    @classmethod
    def setUpClass(cls):
        enter(os.getpid())
        cls.cancel_all()  # of a topic that was ended by its timeout
        WORK.mkdir(parents=True, exist_ok=True)
        data = WORK / "data"
        if not data.exists():
            harness.make_idx(data)
        cls.deck = WORK / "deck.yaml"
        cls.deck.write_text(DECK % (data, ITERATIONS))

    def setUp(self):
        self.folder = WORK / self.id().split(".", 1)[1]
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.addCleanup(self.cancel_all)

    @staticmethod
    def cancel_all():
        """No job of a test that failed goes on into the next."""
        command("scancel", "--me")
        wait_for_all()

    def submit(self, *arguments, script=JOBS / "train.sbatch", options=(), environment=None):
        output = self.folder / "job.out"
        number = command("sbatch", "--parsable", "--time=10", "--signal=B:USR2@20",
                         f"--output={output}", *options, script, *arguments, cwd=self.folder,
                         env={**os.environ, **(environment or {})}).strip()
        return Job(number, output)

    def train(self, *arguments, **options):
        """A training run on two nodes with two ranks each, in the folder out."""
        return self.submit(self.deck, "-run_outdir", "out", *arguments, **options)

    def assert_ended(self, job, state, code, restarts, timeout=120):
        facts = job.wait(timeout)
        found = (facts["JobState"], facts["ExitCode"], int(facts["Restarts"]))
        if found != (state, f"{code}:0", restarts):
            job.fail(f"ended as {found}")

    def assert_as_undisturbed(self):
        """Bit for bit the state that a run without any interruption ends with."""
        reference = WORK / "reference"
        if not reference.exists():
            part = self.folder / "reference"
            job = self.submit(self.deck, "-run_outdir", part,
                              options=[f"--output={self.folder}/reference.out"])
            job.path = self.folder / "reference.out"
            self.assert_ended(job, "COMPLETED", 0, 0)
            part.rename(reference)
        self.assert_same_state(self.checkpoint("out", ITERATIONS),
                               reference / f"admmnet.ckpt.{ITERATIONS}.h5")
        self.assert_iterations("out", ITERATIONS)

    def assert_says(self, job, *texts):
        """Each is an expression for a line of the job's output."""
        for text in texts:
            if not re.search(text, job.output(), re.MULTILINE):
                job.fail(f"does not say {text!r}")


def main(argument):
    cluster("down")
    if argument == "up":
        shutil.rmtree(WORK, ignore_errors=True)
        enter(os.getppid())


if __name__ == "__main__":
    main(sys.argv[1])
