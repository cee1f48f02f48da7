#!/usr/bin/env python3
"""Adam in PyTorch on images: CPU and wall seconds to each of some validation accuracies.

    torch_adam.py FOLDER [--hidden 1000] [--threads 1] [--rate 1e-3] [--batch 128] [--epochs 20]
                         [--goals 0.97,0.98]

Needs python3-torch (Debian: apt-get install python3-torch). The last 5000 training samples are held
out; validation is looked at four times an epoch and its time does not count. ReLU, cross-entropy,
He start, pixels per-pixel centred with one global deviation, as the program has them.
"""
import argparse
import os
import sys
import time


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--hidden", default="1000")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--goals", default="0.97,0.98")
    return parser.parse_args()


given = parse()
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[variable] = str(given.threads)

import torch  # after the number of threads

import samples as data
from torch_network import network

HELD_OUT, LOOKS = 5000, 4


def main():
    torch.manual_seed(given.seed)
    torch.set_num_threads(given.threads)
    pixels, labels = data.mnist(given.folder)
    train, held_out = data.centred(pixels[:-HELD_OUT], pixels[-HELD_OUT:])
    X, V = (torch.tensor(part, dtype=torch.float32) for part in (train, held_out))
    y, v = (torch.tensor(part.astype(int)) for part in (labels[:-HELD_OUT], labels[-HELD_OUT:]))
    model = network([X.shape[1], *(int(n) for n in given.hidden.split(",")), 10])
    adam = torch.optim.Adam(model.parameters(), lr=given.rate)
    loss = torch.nn.CrossEntropyLoss()
    wall = cpu = best = 0.0
    goals = [float(goal) for goal in given.goals.split(",")]
    for epoch in range(given.epochs):
        order = torch.randperm(len(X))
        for part in range(LOOKS):
            start, start_cpu = time.perf_counter(), time.process_time()
            for rows in order[part * len(X) // LOOKS:(part + 1) * len(X) // LOOKS].split(given.batch):
                adam.zero_grad()
                loss(model(X[rows]), y[rows]).backward()
                adam.step()
            wall += time.perf_counter() - start
            cpu += time.process_time() - start_cpu
            with torch.no_grad():
                accuracy = (model(V).argmax(1) == v).float().mean().item()
            best = max(best, accuracy)
            while goals and accuracy >= goals[0]:
                passes = epoch + (part + 1) / LOOKS
                print(f"goal {goals.pop(0):g} wall {wall:.3f} cpu {cpu:.3f} passes {passes}",
                      flush=True)
        if not goals:
            break
    print(f"end best {best:.4f} wall {wall:.3f} cpu {cpu:.3f} passes {epoch + 1}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
