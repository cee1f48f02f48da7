#!/usr/bin/env python3
"""Adam and L-BFGS, PyTorch's and ours (-train_method gradient), on the same network, samples and
number of passes in double precision, one core each, one after the other in one run: test accuracy
of the last iterate, and CPU seconds of a pass forth and back over all training samples.

    compare_gradient.py ADMMNET FOLDER [--hidden 256,256] [--passes 10,40] [--seeds 0,1,2]
                        [--mpirun "mpirun --oversubscribe --bind-to none"] [-- KEYS]

--passes: of Adam (batches of 128, rate 0.001) and of L-BFGS (ten pairs, Wolfe's conditions), where
a pass is an evaluation of loss and gradient. ReLU, cross-entropy of the plain labels, He start, the
last 5000 training samples left out, pixels centred with one global deviation on both sides; starts
and batches differ. Needs python3-torch (Debian: apt-get install python3-torch).
"""
import argparse
import json
import pathlib
import tempfile
import time

import one_core  # before numpy and PyTorch: one thread

import torch

import samples as data
from running import output_of, parse
from torch_network import network

HELD_OUT = 5000

ROW = "{:8} {:8} {:>5} {:>7} {:>9} {:>12} {:>10}"


class Peer:
    """PyTorch's side: the samples, and a training by each rule."""

    def __init__(self, folder, hidden):
        pixels, labels = data.mnist(folder)
        test, self.t = data.mnist(folder, "t10k")
        parts = data.centred(pixels[:-HELD_OUT], test)
        self.X, self.T = (torch.tensor(part, dtype=torch.float64) for part in parts)
        self.y = torch.tensor(labels[:-HELD_OUT].astype(int))
        self.widths = [self.X.shape[1], *(int(n) for n in hidden.split(",")), 10]
        self.loss = torch.nn.CrossEntropyLoss()

    def train(self, rule, seed, passes):
        """Accuracy of the test samples, passes, CPU seconds of a pass."""
        torch.manual_seed(seed)
        model = network(self.widths).double()
        start = time.process_time()
        done = {"adam": self.adam, "lbfgs": self.lbfgs}[rule](model, passes)
        seconds = (time.process_time() - start) / done
        with torch.no_grad():
            right = model(self.T).argmax(1).numpy() == self.t
        return float(right.mean()), done, seconds

    def adam(self, model, passes):
        rule = torch.optim.Adam(model.parameters(), lr=1e-3)
        for _ in range(passes):
            for rows in torch.randperm(len(self.X)).split(128):
                rule.zero_grad()
                self.loss(model(self.X[rows]), self.y[rows]).backward()
                rule.step()
        return passes

    def lbfgs(self, model, passes):
        rule = torch.optim.LBFGS(model.parameters(), max_iter=passes, max_eval=passes,
                                 history_size=10, line_search_fn="strong_wolfe",
                                 tolerance_grad=0.0, tolerance_change=0.0)
        done = 0

        def gradient():
            nonlocal done
            done += 1
            rule.zero_grad()
            loss = self.loss(model(self.X), self.y)
            loss.backward()
            return loss

        rule.step(gradient)
        return done


def ours(given, rule, seed, passes):
    """The same of our program. Of `lbfgs` an iteration is a step: one pass, at times more."""
    with tempfile.TemporaryDirectory() as folder:
        output_of([*given.mpirun, "-n", "1", given.admmnet, "train", "-data_format", "idx",
                   "-data_dir", given.folder, "-net_hidden", given.hidden,
                   "-data_validation", str(HELD_OUT), "-data_components", "none",
                   "-net_loss", "softmax", "-net_label_smoothing", "0", "-init_scheme", "he",
                   "-init_seed", str(seed), "-train_method", "gradient", "-gradient_rule", rule,
                   "-train_iterations", str(passes), "-train_keep_best", "false",
                   "-run_outdir", folder, "-run_name", "ours", *given.keys])
        summary = json.loads((pathlib.Path(folder) / "ours.summary.json").read_text())
    phases = summary["phases"]
    seconds = sum(phases[name]["average"] for name in ("gradient", "update", "direction")
                  if name in phases)
    done = passes if rule == "adam" else phases["gradient"]["calls"]
    return summary["test_accuracy"], done, seconds / done


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("admmnet")
    parser.add_argument("folder")
    parser.add_argument("--hidden", default="256,256")
    parser.add_argument("--passes", default="10,40")
    parser.add_argument("--seeds", default="0,1,2")
    given = parse(parser)
    peer = Peer(given.folder, given.hidden)
    print(f"784-{given.hidden.replace(',', '-')}-10, double precision, one core, dgemm "
          f"{one_core.gemm_gflops(float):.1f} GF/s; ratio: our CPU seconds a pass over PyTorch's")
    print(ROW.format("rule", "program", "seed", "passes", "test[%]", "CPU s a pass", "ratio"))
    for rule, passes in zip(("adam", "lbfgs"), given.passes.split(",")):
        for seed in map(int, given.seeds.split(",")):
            sides = {"PyTorch": peer.train(rule, seed, int(passes)),
                     "admmnet": ours(given, rule, seed, int(passes))}
            for program, (accuracy, done, seconds) in sides.items():
                ratio = f"{seconds / sides['PyTorch'][2]:.2f}" if program == "admmnet" else ""
                print(ROW.format(rule, program, seed, done, f"{100 * accuracy:.2f}",
                                 f"{seconds:.3f}", ratio), flush=True)


if __name__ == "__main__":
    main()
