#!/usr/bin/env python3
"""The same iteration written well in numpy and scipy: float64, one core.

    numpy_iteration.py [--kind full|blocks] [--hidden 1024,1024] [--samples 20000] [--repeats 3]
                       [--mnist FOLDER] [--csv FILE]

Needs python3-numpy and python3-scipy (Debian's call the same OpenBLAS as the program;
python3-threadpoolctl says so). With --mnist the samples, their order and the first weights are
those of `admmnet train -data_dir FOLDER -data_validation 0`, and the losses printed are to be its
train_loss; else the samples are synthetic. A pass costs the least number of flops of
tests/bench/minimal_flops.h: pre-activations are kept, symmetric products formed by half.
"""
import one_core  # before numpy

import argparse
import csv
import os
import time

import numpy as np

import samples as data
import steps

PANEL = 2500


class Network:
    """Weights [W_l b_l], and buffers for `rows` samples of one panel."""

    def __init__(self, weights, rows):
        self.W = weights
        self.L = len(weights)
        self.h = [np.ones((rows, W.shape[0] + 1)) for W in weights[:-1]]
        self.m = np.empty((rows, weights[-1].shape[0]))
        self.D = [np.empty((rows, W.shape[0])) for W in weights[:-1]]

    def forward_layer(self, l, below, out):
        """z_l (l = 1 .. L) of the panel into out."""
        return np.dot(below, self.W[l - 1].T, out=out)

    def activations(self, X, z):
        """[h~_0 .. h~_{L-1}] of a panel from its z_1 .. z_{L-1}."""
        return [X] + [steps.activate(zl, H) for zl, H in zip(z, self.h)]

    def backward(self, D_output, z, corrections, hidden_step):
        """D_1 .. D_L."""
        D = [D_output]
        for l in range(self.L - 1, 0, -1):
            delta = np.dot(D[0], corrections[l - 1], out=self.D[l - 1][:len(D_output)])
            hidden_step.run(delta, z[l - 1])
            D.insert(0, delta)
        return D


class Weights:
    """R, G and V of one layer and its step (src/methods/taylor/README.md §5.3)."""

    def __init__(self, W):
        self.R, self.V = np.zeros_like(W), np.zeros_like(W)
        self.G, self.L = steps.new_gram(W.shape[1]), None

    def step(self, W, ridge, proximal, length, momentum):
        if self.L is None:
            self.L, self.mean = steps.factor(self.G, ridge, proximal)
        delta = self.R.copy()
        delta[:, :-1] -= ridge * self.mean * W[:, :-1]
        steps.solve_right(delta, self.L)
        self.V *= momentum
        delta *= length
        self.V += delta
        W += self.V


def fit(S, G, ridge):
    L, _ = steps.factor(G, ridge, 1e-7)
    W = S.copy()
    steps.solve_right(W, L)
    return W


class FullBatch:
    """The full batch of src/methods/taylor/README.md §7 with the program's defaults."""

    loss, beta = "multiclass_hinge", 1.0

    def __init__(self, X, labels, weights, bounds):
        self.X, self.labels, self.bounds = X, labels, bounds
        self.net = Network(weights, max(np.diff(bounds)))
        self.layers = [Weights(W) for W in weights[:-1]]
        self.z = [np.empty((len(X), W.shape[0])) for W in weights[:-1]]
        self.target = steps.one_hot(labels, weights[-1].shape[0])
        self.hidden_step = steps.HiddenStep(0.1)
        self.eta, self.accepted, self.k = 2.0, np.inf, 0
        self.trial_G, self.trial_R = None, None
        for rows in self.panels():
            steps.accumulate_gram(1.0, X[rows], 1.0, self.layers[0].G)

    def panels(self):
        return [slice(a, b) for a, b in zip(self.bounds[:-1], self.bounds[1:])]

    def forward_and_refit(self):
        """Keeps z_l of all samples and the Gram matrices of every h~_l."""
        net, L = self.net, self.net.L
        grams = [steps.new_gram(W.shape[1]) for W in net.W[1:]]
        S = np.zeros_like(net.W[-1])
        for rows in self.panels():
            below = self.X[rows]
            for l in range(1, L):
                z = net.forward_layer(l, below, self.z[l - 1][rows])
                below = steps.activate(z, net.h[l - 1])
                steps.accumulate_gram(1.0, below, 1.0, grams[l - 1])
            steps.accumulate_outer(1.0, self.target[rows], below, 1.0, S)
        net.W[-1][:] = fit(S, grams[-1], 1e-3)
        return grams

    def pass_over_targets(self):
        """Mean loss, the new z_L and R of the hidden layers."""
        net, L = self.net, self.net.L
        losses, prox = steps.LOSSES[self.loss]
        X2 = [steps.correction(W, 0.01) for W in net.W[1:]]
        R = [np.zeros_like(W) for W in net.W[:-1]]
        target, total, correct = np.empty_like(self.target), 0.0, 0
        for rows in self.panels():
            z = [zl[rows] for zl in self.z]
            h = net.activations(self.X[rows], z)
            m = net.forward_layer(L, h[-1], net.m[:len(h[-1])])
            total += losses(m, self.labels[rows]).sum()
            correct += (m.argmax(axis=1) == self.labels[rows]).sum()
            target[rows] = prox(m, self.labels[rows], self.beta)
            D = net.backward(target[rows] - m, z, X2, self.hidden_step)
            for l in range(1, L):
                steps.accumulate_outer(1.0, D[l - 1], h[l - 1], 1.0, R[l - 1])
        return total / len(self.X), correct / len(self.X), target, R

    def iterate(self):
        self.k += 1
        if self.k > 1:
            for i, layer in enumerate(self.layers):
                layer.L = None
                layer.step(self.net.W[i], (0.3 if i == 0 else 0.01) * 0.75**(self.k - 1), 1.0,
                           self.eta, 0.5)
        grams = self.forward_and_refit()
        loss, accuracy, target, R = self.pass_over_targets()
        if self.k > 1 and loss > 1.001 * self.accepted and self.eta > 0.5:
            for W, kept in zip(self.net.W, self.kept):
                W[:] = kept
            for layer in self.layers:
                layer.V[:] = 0.0
            self.eta *= 0.4
            return loss, accuracy
        self.kept = [W.copy() for W in self.net.W]
        self.target = target
        for i, layer in enumerate(self.layers):
            layer.R = R[i]
            if i > 0:
                layer.G = grams[i - 1]
        self.accepted = loss
        if self.k > 1:
            self.eta = min(1.2 * self.eta, 2000.0)
        return loss, accuracy


class Blocks:
    """The block sweep of src/methods/taylor/README.md §6 with the program's defaults."""

    loss, beta = "softmax", 0.3

    def __init__(self, X, labels, weights, bounds, passes=10):
        self.X, self.labels, self.bounds, self.passes = X, labels, bounds, passes
        self.net = Network(weights, max(np.diff(bounds)))
        self.layers = [Weights(W) for W in weights]
        self.z = [np.empty((max(np.diff(bounds)), W.shape[0])) for W in weights[:-1]]
        self.hidden_step = steps.HiddenStep(0.1)
        self.k = self.block = self.gram_updates = 0
        self.running, self.largest, self.factor = np.inf, 0.0, 1.0
        for rows in self.panels():
            steps.accumulate_gram(1.0, X[rows], 1.0, self.layers[0].G)
        self.fit_output()
        self.safe = [W.copy() for W in weights]

    panels = FullBatch.panels

    def forward(self, X):
        """z_1 .. z_{L-1}, h~_0 .. h~_{L-1} and the output of a panel."""
        z, h = [], [X]
        for l in range(1, self.net.L):
            z.append(self.net.forward_layer(l, h[-1], self.z[l - 1][:len(X)]))
            h.append(steps.activate(z[-1], self.net.h[l - 1]))
        return z, h, self.net.forward_layer(self.net.L, h[-1], self.net.m[:len(X)])

    def fit_output(self):
        W = self.net.W[-1]
        S, G, columns = np.zeros_like(W), steps.new_gram(W.shape[1]), 0
        for rows in self.panels():
            _, h, _ = self.forward(self.X[rows])
            target = steps.one_hot(self.labels[rows], len(W)) - 1.0 / len(W)
            steps.accumulate_gram(1.0, h[-1], 1.0, G)
            steps.accumulate_outer(1.0, target, h[-1], 1.0, S)
            columns += len(target)
            if columns >= min(5000, len(self.X)):
                break
        W[:] = 4.0 * fit(S, G, 1e-2)

    def good(self, loss):
        if not np.isfinite(self.running):
            self.running = self.first = loss
        if np.isfinite(loss):
            self.running = 0.8 * self.running + 0.2 * min(loss, 2.0 * self.running)
        late = self.largest * 0.75 ** (1.0 / (len(self.bounds) - 1))
        if np.isfinite(loss):
            self.largest = max(late, min(loss, 2.0 * late)) if late > 0.0 else loss
        if np.isfinite(loss) and (loss <= 1.5 * self.running + 0.1 * self.first
                                  or loss <= 1.5 * late):
            if self.block % 2 == 0 and loss <= 1.1 * self.running:
                for safe, W in zip(self.safe, self.net.W):
                    safe[:] = W
            return True
        if np.isfinite(loss):
            self.running = 0.5 * self.running + 0.5 * min(loss, 3.0 * self.running)
        for W, safe, layer in zip(self.net.W, self.safe, self.layers):
            W[:] = safe
            layer.V[:] = 0.0
        self.factor *= 0.5
        return False

    def update(self, labels, z, h, m, schedule):
        prox = steps.LOSSES[self.loss][1]
        X2 = [steps.correction(W, 0.1) for W in self.net.W[1:]]
        D = self.net.backward(prox(m, labels, self.beta) - m, z, X2, self.hidden_step)
        scale, refresh = len(self.X) / len(m), self.block % 2 == 0
        keep = 0.0 if self.gram_updates == 0 else 0.9
        for l, layer in enumerate(self.layers):
            steps.accumulate_outer(scale, D[l], h[l], 0.0, layer.R)
            if refresh and l > 0:
                steps.accumulate_gram((1.0 - keep) * scale, h[l], keep, layer.G)
                layer.L = None
        self.gram_updates += refresh
        for l, layer in enumerate(self.layers):
            output = l == self.net.L - 1
            layer.step(self.net.W[l], 3e-4, 0.1 if output else 10.0,
                       schedule * self.factor * (0.2 if output else 25.0), 0.8)

    def iterate(self):
        self.k += 1
        half, total, correct, seen = 0.5 * self.passes, 0.0, 0, 0
        schedule = 1.0 if self.k <= half else max(0.05, 1.0 - (self.k - half) / (half + 0.5))
        for rows in self.panels():
            z, h, m = self.forward(self.X[rows])
            losses = steps.LOSSES[self.loss][0](m, self.labels[rows])
            if np.isfinite(losses.mean()):
                total += losses.sum()
                correct += (m.argmax(axis=1) == self.labels[rows]).sum()
                seen += len(m)
            if self.good(losses.mean()):
                self.update(self.labels[rows], z, h, m, schedule)
            self.block += 1
        return total / seen, correct / seen


def panel_bounds(kind, count):
    """As src/methods/taylor/parameters.cpp cuts the samples."""
    panels = -(-count // PANEL) if kind == "full" else max(8, (count + PANEL // 2) // PANEL)
    return [p * count // panels for p in range(panels + 1)]


def make_sweep(kind, hidden, count, mnist):
    if mnist:
        X, labels = data.mnist(mnist, limit=count)
        order = data.shuffled(len(X))
        X, labels = data.with_ones(data.centred(X)[0][order]), labels[order].astype(int)
    else:
        X, labels = data.synthetic(count, 784, 10)
    weights = data.he_weights([X.shape[1] - 1, *hidden, 10])
    return (FullBatch if kind == "full" else Blocks)(X, labels, weights,
                                                     panel_bounds(kind, len(X)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kind", choices=["full", "blocks"], default="full")
    parser.add_argument("--hidden", default="1024")
    parser.add_argument("--samples", type=int, default=20000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--mnist")
    parser.add_argument("--csv")
    given = parser.parse_args()
    hidden = [int(units) for units in given.hidden.split(",")]
    print("BLAS:", one_core.blas_name())
    dgemm = one_core.gemm_gflops(np.float64)
    sweep = make_sweep(given.kind, hidden, given.samples, given.mnist)
    wall, cpu = [], []
    warm_up = 0 if given.mnist else 2 if given.kind == "full" else 1
    for k in range(1, warm_up + given.repeats + 1):
        start, start_cpu = time.perf_counter(), time.process_time()
        loss, accuracy = sweep.iterate()
        if k > warm_up:
            wall.append(time.perf_counter() - start)
            cpu.append(time.process_time() - start_cpu)
        print(f"{k:3d}  loss {loss:.10g}  accuracy {accuracy:.6f}", flush=True)
    dgemm = max(dgemm, one_core.gemm_gflops(np.float64))
    row = {"kind": given.kind, "hidden": given.hidden.replace(",", "-"),
           "samples": given.samples, "seconds_median": f"{sorted(wall)[len(wall) // 2]:.4f}",
           "cpu_seconds": f"{sorted(cpu)[len(cpu) // 2]:.4f}", "dgemm_gflops": f"{dgemm:.2f}",
           "sgemm_gflops": f"{one_core.gemm_gflops(np.float32):.2f}"}
    print("  ".join(f"{key} {value}" for key, value in row.items()))
    if given.csv:
        fresh = not os.path.exists(given.csv)
        with open(given.csv, "a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, row)
            if fresh:
                writer.writeheader()
            writer.writerow(row)


if __name__ == "__main__":
    main()
