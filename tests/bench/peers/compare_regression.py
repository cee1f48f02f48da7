#!/usr/bin/env python3
"""Errors on smooth functions of known form: ours beside scipy's L-BFGS and PyTorch's Adam, which get
the seconds that our training took (L-BFGS three times as many), one core each.

    compare_regression.py ADMMNET [--sets friedman1,mixed,...] [--samples 20000] [--noise 0]
                          [--outliers 0] [--hidden 64,64] [--seeds 0] [--peers lbfgs,adam]
                          [--plot FILE.png] [--mpirun "mpirun --oversubscribe --bind-to none"]
                          [-- KEYS]

A row: 100 x root mean square error / deviation of f over 10 000 test points without noise (of
several outputs the root of the mean square). 2000 samples besides those to train on choose the
iterate for all. tanh, inputs and targets standardised. Adam: batches of 128, cosine decay, the
better of the rates 1e-3 and 3e-3 on the held-out samples. Needs python3-scipy and, for Adam,
python3-torch.

--plot draws the same error, of the iterate that the held-out samples choose up to then, against the
seconds, of the first seed. For that ours runs once more, with a look at the test samples after each
pass; the seconds are those of the run without.
"""
import argparse
import json
import math
import pathlib
import tempfile
import time

import numpy as np

import error_curves
import surrogates
from running import output_of, parse, rows_of

HELD_OUT, TESTS = 2000, 10000


def percent(errors):
    return 100 * math.sqrt(np.mean(np.square(errors)))


def run_ours(given, data, seed, *keys):
    """The summary, and the row of each pass."""
    x, y, x_test, y_test, deviation = data
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/set.npz", x=x, y=y, x_test=x_test, y_test=y_test)
        output_of([*given.mpirun, "-n", "1", given.admmnet, "train", "-data_format", "npz",
                   "-data_task", "regression", "-data_train", f"{folder}/set.npz", "-data_test",
                   f"{folder}/set.npz", "-data_test_path", "x_test", "-data_test_target_path",
                   "y_test", "-data_validation", str(HELD_OUT), "-net_hidden", given.hidden,
                   "-init_seed", str(seed), "-run_outdir", folder, "-run_name", "set",
                   *keys, *given.keys])
        return (json.loads(pathlib.Path(f"{folder}/set.summary.json").read_text("utf-8")),
                rows_of(f"{folder}/set.metrics.csv"))


def ours(given, data, seed, history):
    """The error, and the seconds of the iterations; into `history`, unless it is None, the seconds
    and the error of each pass."""
    y, deviation = data[1], data[4]
    summary, passes = run_ours(given, data, seed)
    if history is not None:
        if y.shape[1] > 1:
            raise SystemExit("--plot: a curve is of one output; leave out the sets with several")
        monitored = run_ours(given, data, seed, "-train_monitor_test", "true")[1]
        best = math.inf
        for timed, row in zip(passes, monitored):
            if row["validation_loss"] <= best:
                best, error = row["validation_loss"], percent(row["test_rmse"] / deviation)
            history.append((timed["elapsed"], error))
    errors = [target["rmse"] for target in summary["test_targets"]] / deviation
    seconds = summary["seconds_per_iteration"] * summary["iterations"]
    return percent(errors), seconds


class Peer:
    """A tanh network on standardised inputs and targets; the best iterate on held-out samples."""

    def __init__(self, given, data, seed):
        x, y, x_test, self.y_test, self.deviation = data
        train = slice(0, len(x) - HELD_OUT)
        mean, scale = x[train].mean(0), x[train].std(0)
        self.centre, self.scale = y[train].mean(0), y[train].std(0)
        self.x, self.x_test = (x - mean) / scale, (x_test - mean) / scale
        self.y = (y - self.centre) / self.scale
        self.train, self.held_out = train, slice(len(x) - HELD_OUT, len(x))
        self.widths = [x.shape[1], *map(int, given.hidden.split(",")), y.shape[1]]
        self.draw = np.random.default_rng(seed)
        self.best = (math.inf, math.inf)
        self.history = []  # seconds, error of the best iterate

    def start(self):
        """He-like weights of deviation 1/sqrt(inputs), biases that bend among the samples."""
        weights = []
        for layer, (n, m) in enumerate(zip(self.widths, self.widths[1:])):
            w = self.draw.standard_normal((n, m)) / math.sqrt(n)
            b = np.zeros(m)
            if layer == 0:
                b = -(w * self.x[self.draw.integers(0, len(self.x) - HELD_OUT, m)].T).sum(0)
            weights += [w, b]
        return weights

    def outputs(self, weights, x):
        for w, b in zip(weights[0:-2:2], weights[1:-2:2]):
            x = np.tanh(x @ w + b)
        return x @ weights[-2] + weights[-1]

    def look(self, weights, seconds):
        held_out = np.square(self.outputs(weights, self.x[self.held_out])
                             - self.y[self.held_out]).mean()
        if held_out < self.best[0]:
            off = self.scale * self.outputs(weights, self.x_test) + self.centre - self.y_test
            self.best = (held_out, percent(np.sqrt(np.square(off).mean(0)) / self.deviation))
        self.history.append((seconds, self.best[1]))


def lbfgs(given, data, seed, seconds):
    from scipy.optimize import minimize
    peer = Peer(given, data, seed)
    start = peer.start()
    shapes = [w.shape for w in start]
    cuts = np.cumsum([w.size for w in start])[:-1]
    x, y = peer.x[peer.train], peer.y[peer.train]
    spent, last = [0.0], [-math.inf]

    def weights_of(flat):
        return [part.reshape(shape) for part, shape in zip(np.split(flat, cuts), shapes)]

    def loss_and_gradient(flat):
        begin = time.process_time()
        weights, activations = weights_of(flat), [x]
        for w, b in zip(weights[0:-2:2], weights[1:-2:2]):
            activations.append(np.tanh(activations[-1] @ w + b))
        r = activations[-1] @ weights[-2] + weights[-1] - y
        loss, gradient = 0.5 * np.square(r).sum() / len(x), []
        r /= len(x)
        for layer in reversed(range(len(activations))):
            gradient = [activations[layer].T @ r, r.sum(0), *gradient]
            if layer:
                r = (r @ weights[2 * layer].T) * (1 - np.square(activations[layer]))
        spent[0] += time.process_time() - begin
        return loss, np.concatenate([g.ravel() for g in gradient])

    def callback(flat):
        if spent[0] - last[0] > 0.2:
            peer.look(weights_of(flat), spent[0])
            last[0] = spent[0]
        if spent[0] > seconds:
            raise TimeoutError

    try:
        minimize(loss_and_gradient, np.concatenate([w.ravel() for w in start]), jac=True,
                 method="L-BFGS-B", callback=callback,
                 options={"maxiter": 10 ** 6, "maxfun": 10 ** 9, "maxcor": 10, "ftol": 0,
                          "gtol": 1e-12})
    except TimeoutError:
        pass
    return peer


def adam_at(given, data, seed, seconds, rate):
    import torch
    torch.set_num_threads(1)
    peer = Peer(given, data, seed)
    weights = [torch.tensor(w, dtype=torch.float32, requires_grad=True) for w in peer.start()]
    x = torch.tensor(peer.x[peer.train], dtype=torch.float32)
    y = torch.tensor(peer.y[peer.train], dtype=torch.float32)
    adam = torch.optim.Adam(weights, lr=rate)
    spent, last, batch = 0.0, -math.inf, 128
    while spent < seconds:
        order = torch.tensor(peer.draw.permutation(len(x)))
        for rows in order.split(batch):
            begin = time.process_time()
            adam.param_groups[0]["lr"] = rate * 0.5 * (1 + math.cos(math.pi * spent / seconds))
            a = x[rows]
            for w, b in zip(weights[0:-2:2], weights[1:-2:2]):
                a = torch.tanh(a @ w + b)
            loss = 0.5 * (a @ weights[-2] + weights[-1] - y[rows]).square().sum() / len(rows)
            adam.zero_grad()
            loss.backward()
            adam.step()
            spent += time.process_time() - begin
            if spent >= seconds:
                break
        if spent - last > seconds / 50 or spent >= seconds:
            peer.look([w.detach().numpy().astype(float) for w in weights], spent)
            last = spent
    return peer


def adam(given, data, seed, seconds):
    return min((adam_at(given, data, seed, seconds, rate) for rate in (1e-3, 3e-3)),
               key=lambda peer: peer.best)


PEERS = {"lbfgs": lambda *a: lbfgs(*a[:-1], 3 * a[-1]), "adam": adam}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("admmnet")
    parser.add_argument("--sets", default=",".join(surrogates.SETS))
    parser.add_argument("--samples", type=int, default=20000)
    parser.add_argument("--noise", type=float, default=0.0)
    parser.add_argument("--outliers", type=float, default=0.0)
    parser.add_argument("--hidden", default="64,64")
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--peers", default="lbfgs,adam")
    parser.add_argument("--plot", metavar="FILE.png")
    given = parse(parser)
    peers = [name for name in given.peers.split(",") if name]
    print(f"{'set':10} {'seed':>4} {'seconds':>8} {'admmnet':>9}"
          + "".join(f"{name:>9}" for name in peers), flush=True)
    curves = {}
    for name in given.sets.split(","):
        for seed in map(int, given.seeds.split(",")):
            data = surrogates.make(name, given.samples, HELD_OUT, TESTS, given.noise,
                                   given.outliers, seed)
            drawn = given.plot and name not in curves
            history = [] if drawn else None
            error, seconds = ours(given, data, seed, history)
            others = {peer: PEERS[peer](given, data, seed, seconds) for peer in peers}
            if drawn:
                curves[name] = {"admmnet": history,
                                **{peer: other.history for peer, other in others.items()}}
            print(f"{name:10} {seed:4} {seconds:8.1f} {error:9.3f}"
                  + "".join(f"{other.best[1]:9.3f}" for other in others.values()), flush=True)
    if curves:
        error_curves.draw(curves, given.plot)


if __name__ == "__main__":
    main()
