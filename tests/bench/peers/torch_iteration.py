#!/usr/bin/env python3
"""Taylor's printed iteration as public toys write it in PyTorch: pinv, inverse, candidates of z
compared one by one, whole matrices, float32.

    torch_iteration.py [--hidden 256,256] [--samples 60000] [--repeats 3] [--float64]

Needs python3-torch (Debian: apt-get install python3-torch; large, and nothing else here wants it).
Samples are synthetic. One core. To be compared with
    bench_iteration -bench_sweeps printed -bench_hidden 256,256 -bench_samples 60000
"""
import one_core  # before torch

import argparse
import time

import torch

import samples as data


def weight_update(z, a):
    return z @ a.T @ torch.pinverse(a @ a.T)


def activation_update(W_next, z_next, z, beta, gamma):
    inverse = torch.inverse(beta * W_next.T @ W_next + gamma * torch.eye(W_next.shape[1],
                                                                         dtype=z.dtype))
    return inverse @ (beta * W_next.T @ z_next + gamma * torch.relu(z))


def hidden_z_update(a, W, a_below, beta, gamma):
    """Two candidates, their objectives, and the smaller of them entry by entry."""
    m = W @ a_below
    positive = torch.clamp((gamma * a + beta * m) / (gamma + beta), min=0.0)
    negative = torch.clamp(m, max=0.0)
    at_positive = gamma * (a - torch.relu(positive))**2 + beta * (positive - m)**2
    at_negative = gamma * (a - torch.relu(negative))**2 + beta * (negative - m)**2
    return torch.where(at_positive <= at_negative, positive, negative)


def output_z_update(y, multiplier, W, a_below, beta):
    m = W @ a_below
    return (y + beta * m - multiplier) / (1.0 + beta), m


class Toy:
    def __init__(self, X, labels, hidden, dtype, beta=1.0, gamma=1.0):
        torch.manual_seed(0)
        self.beta, self.gamma = beta, gamma
        self.a = [torch.tensor(X.T, dtype=dtype)]
        self.y = torch.tensor(data_one_hot(labels).T, dtype=dtype)
        widths = [*hidden, self.y.shape[0]]
        self.z = [torch.rand(n, X.shape[0], dtype=dtype) for n in widths]
        self.a += [torch.rand(n, X.shape[0], dtype=dtype) for n in hidden]
        self.W = [None] * len(widths)
        self.multiplier = torch.zeros_like(self.y)

    def iterate(self):
        L = len(self.W)
        for l in range(L - 1):
            self.W[l] = weight_update(self.z[l], self.a[l])
            if self.W[l + 1] is None:
                self.W[l + 1] = weight_update(self.z[l + 1], self.a[l + 1])
            self.a[l + 1] = activation_update(self.W[l + 1], self.z[l + 1], self.z[l], self.beta,
                                              self.gamma)
            self.z[l] = hidden_z_update(self.a[l + 1], self.W[l], self.a[l], self.beta, self.gamma)
        self.W[-1] = weight_update(self.z[-1], self.a[-1])
        self.z[-1], m = output_z_update(self.y, self.multiplier, self.W[-1], self.a[-1], self.beta)
        self.multiplier += self.beta * (self.z[-1] - m)

    def accuracy(self):
        h = self.a[0]
        for W in self.W[:-1]:
            h = torch.relu(W @ h)
        return ((self.W[-1] @ h).argmax(0) == self.y.argmax(0)).float().mean().item()


def data_one_hot(labels):
    return torch.eye(10)[torch.tensor(labels)].numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--hidden", default="256,256")
    parser.add_argument("--samples", type=int, default=60000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--float64", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    dtype = torch.float64 if given.float64 else torch.float32
    X, labels = data.synthetic(given.samples, 784, 10)
    hidden = [int(units) for units in given.hidden.split(",")]
    toy = Toy(X[:, :-1], labels, hidden, dtype)
    wall, cpu = [], []
    for k in range(given.repeats + 1):
        start, start_cpu = time.perf_counter(), time.process_time()
        toy.iterate()
        if k > 0:
            wall.append(time.perf_counter() - start)
            cpu.append(time.process_time() - start_cpu)
    middle = len(wall) // 2
    print(f"torch {torch.__version__}, {str(dtype)[6:]}, 784-{given.hidden.replace(',', '-')}-10, "
          f"{given.samples} samples: {sorted(wall)[middle]:.3f} s an iteration, "
          f"{sorted(cpu)[middle]:.3f} CPU s; training accuracy {toy.accuracy():.3f}")


if __name__ == "__main__":
    main()
