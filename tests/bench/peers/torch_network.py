"""The network that PyTorch trains beside ours: ReLU, He start, biases of 0."""
import torch


def network(widths):
    layers = []
    for below, units in zip(widths[:-1], widths[1:]):
        layers += [torch.nn.Linear(below, units), torch.nn.ReLU()]
        torch.nn.init.kaiming_normal_(layers[-2].weight)
        torch.nn.init.zeros_(layers[-2].bias)
    return torch.nn.Sequential(*layers[:-1])
