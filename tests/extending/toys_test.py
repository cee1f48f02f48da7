#!/usr/bin/env python3
"""The program with toys beside it: a file format, a loss, an activation and a method with keys that no
file of src/ knows. Each is trained and predicted with through the program's own commands, and told like its own kinds.
"""
import csv
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["ADMMNET_PROGRAM"]
CENTRES = {"north": (0.0, 3.0), "east": (3.0, 0.0), "west": (-3.0, -3.0)}


def admmnet(*arguments):
    command = [*os.environ["ADMMNET_MPIEXEC"].split(), "2", PROGRAM, *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)


def write_samples(path, samples):
    numbers = random.Random(7)
    with path.open("w") as file:
        for i in range(samples):
            label, centre = list(CENTRES.items())[i % len(CENTRES)]
            values = " ".join(f"{numbers.gauss(x, 0.3):.6f}" for x in centre)
            file.write(f"{label} {values}\n")


class Toys(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.file = self.folder / "samples.txt"
        write_samples(self.file, 240)

    def test_a_network_is_trained_with_all_of_them(self):
        run = admmnet("train", "-data_format", "words", "-data_train", str(self.file),
                      "-data_test", str(self.file), "-net_loss", "distance",
                      "-net_activation", "fold", "-net_hidden", "20", "-train_iterations", "4",
                      "-run_outdir", str(self.folder))
        self.assertEqual(run.returncode, 0, run.stdout)
        summary = json.loads((self.folder / "admmnet.summary.json").read_text())
        self.assertGreater(summary["test_accuracy"], 0.97, run.stdout)
        self.assertEqual(summary["classes"], sorted(CENTRES))
        used = (self.folder / "admmnet.used.yaml").read_text()
        for line in ("format: words", "loss: distance", "activation: fold"):
            self.assertIn(line, used)

        # The checkpoint names them, and is read again.
        prediction = admmnet("predict", "-data_format", "words", "-data_test", str(self.file),
                             "-run_model", summary["checkpoint"], "-run_outdir",
                             str(self.folder))
        self.assertEqual(prediction.returncode, 0, prediction.stdout)
        lines = (self.folder / "admmnet.predictions.csv").read_text().splitlines()[1:]
        said = [line.split(",")[1] for line in lines]
        right = sum(word == list(CENTRES)[i % 3] for i, word in enumerate(said))
        self.assertEqual(len(said), 240)
        self.assertAlmostEqual(right / 240, summary["test_accuracy"])

    def test_a_method_has_its_keys_its_plan_and_its_restart(self):
        def command(what, *more):
            return admmnet(what, "-data_format", "words", "-data_train", str(self.file),
                           "-train_method", "delta_rule", "-net_hidden", "20",
                           "-train_iterations", "30", *more)

        plan = command("plan", "-plan_scaling", "2", "-plan_csv", str(self.folder / "plan.csv"))
        self.assertEqual(plan.returncode, 0, plan.stdout)
        self.assertIn("method: delta_rule; 4 panels of 60 samples", command("plan").stdout)
        run = command("train", "-run_outdir", str(self.folder / "one"))
        self.assertEqual(run.returncode, 0, run.stdout)
        summary = json.loads((self.folder / "one/admmnet.summary.json").read_text())
        self.assertGreater(summary["train_accuracy"], 0.9, run.stdout)
        used = (self.folder / "one/admmnet.used.yaml").read_text()
        self.assertIn("delta:\n  rate: 0.047619047619047616\n  block: 60\n", used)
        self.assertNotIn("admm:", used)
        # Its plan, of which it has no line: a pass computes what was counted in the run, and 24
        # validation samples go through 2-20-3 with biases.
        with (self.folder / "plan.csv").open() as file:
            planned = next(csv.DictReader(file))
        validation = 24 * 2 * (3 * 20 + 21 * 3)
        self.assertEqual(float(planned["flops"]), summary["flops_per_iteration"] + validation)

        # Stopped and continued, it is told the same; keys of others are refused.
        two = ("-run_outdir", str(self.folder / "two"))
        command("train", *two, "-train_iterations", "11")
        command("train", *two)
        rows = [(self.folder / name / "admmnet.metrics.csv").read_text().splitlines()
                for name in ("one", "two")]
        objectives = [[row.split(",")[1] for row in table] for table in rows]
        self.assertEqual(*objectives)
        refused = command("train", "-admm_step", "2")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("-admm_step: belongs to -train_method taylor", refused.stdout)
        refused = command("train", "-net_class_weights", "balanced", "-run_outdir",
                          str(self.folder / "three"))
        self.assertEqual(refused.returncode, 2)
        self.assertIn("-net_class_weights: -train_method delta_rule counts all samples alike; set "
                      "one of ", refused.stdout)
        changed = command("train", *two, "-delta_block", "50", "-train_iterations", "40")
        self.assertIn("-delta_block: 60 -> 50", changed.stdout)
        self.assertEqual(changed.returncode, 2)

    def test_the_help_and_the_messages_name_them(self):
        page = " ".join(admmnet("-help").stdout.split())
        formats = re.search(r"format of the data files \(one of ([a-z0-9, ]+)\)", page).group(1)
        self.assertLessEqual({"csv", "idx", "words"}, set(formats.split(", ")))
        refused = admmnet("train", "-data_format", "words", "-net_loss", "x", "-net_activation", "y")
        self.assertEqual(refused.returncode, 2)
        for part in ("-data_train: missing; name the file of the training samples",
                     "one of squared, hinge, multiclass_hinge, softmax, absolute, huber, pinball, "
                     "epsilon_insensitive, distance",
                     "one of relu, leaky_relu, hard_sigmoid, hard_tanh, tanh, sigmoid, softplus, cos, fold"):
            self.assertIn(part, refused.stdout)

    def test_a_mistake_in_the_file_is_told(self):
        self.file.write_text("north 1 2\neast 1 x\n")
        run = admmnet("train", "-data_format", "words", "-data_train", str(self.file),
                      "-run_outdir", str(self.folder))
        self.assertEqual(run.returncode, 2, run.stdout)
        self.assertIn("'east 1 x' is no label with numbers behind it", run.stdout)


if __name__ == "__main__":
    unittest.main()
