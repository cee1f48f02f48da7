"""Smooth functions in closed form as regression sets: x uniform in a box, y = f(x) with noise in the
samples to train on, none in those to test with.

friedman1 to 3: Friedman (Ann. Statist. 19, 1991). borehole: Harper and Gupta (1983); piston: Kenett
and Zacks (1998); otl: Ben-Ari and Steinberg (2007); wing: Forrester, Sobester and Keane (2008), all
four as in the Virtual Library of Simulation Experiments. mixed, two and ten are of our making, with
1, 2 and 10 outputs.
"""
import numpy as np

PI = np.pi


def friedman1(x):
    return (10 * np.sin(PI * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3]
            + 5 * x[:, 4])


def impedance(x):
    return x[:, 1] * x[:, 2] - 1 / (x[:, 1] * x[:, 3])


def friedman2(x):
    return np.sqrt(x[:, 0] ** 2 + impedance(x) ** 2)


def friedman3(x):
    return np.arctan(impedance(x) / x[:, 0])


def mixed(x):
    return (np.sin(PI * x[:, 0]) * x[:, 1] + 0.5 * np.exp(x[:, 2] + 0.5 * x[:, 3])
            + x[:, 4] * x[:, 5] * x[:, 6] + np.cos(2 * x[:, 7] + x[:, 0]))


def two(x):
    first = np.exp(-x[:, 0] ** 2 - x[:, 1] ** 2) * np.sin(2 * x[:, 2]) + x[:, 3] * x[:, 4]
    second = np.tanh(x[:, 0] + 2 * x[:, 1] * x[:, 5]) + 0.5 * x[:, 6] ** 2 - 0.3 * x[:, 7]
    return np.stack([first, second], axis=1)


def ten(x):
    output, column = np.arange(1, 11)[:, None], np.arange(1, 13)[None, :]
    waves = x @ (0.6 * np.cos(output * column)).T
    bowls = x @ (0.4 * np.sin(output * column + 0.5)).T
    return np.sin(waves) + 0.5 * bowls ** 2


def borehole(x):
    rw, r, tu, hu, tl, hl, length, k = x.T
    log = np.log(r / rw)
    return 2 * PI * tu * (hu - hl) / (log * (1 + 2 * length * tu / (log * rw ** 2 * k) + tu / tl))


def piston(x):
    mass, area, v0, k, p0, ta, t0 = x.T
    a = p0 * area + 19.62 * mass - k * v0 / area
    v = area / (2 * k) * (np.sqrt(a * a + 4 * k * p0 * v0 / t0 * ta) - a)
    return 2 * PI * np.sqrt(mass / (k + area ** 2 * p0 * v0 / t0 * ta / v ** 2))


def otl(x):
    rb1, rb2, rf, rc1, rc2, beta = x.T
    vb1, q = 12 * rb2 / (rb1 + rb2), beta * (rc2 + 9)
    return (vb1 + 0.74) * q / (q + rf) + 11.35 * rf / (q + rf) + 0.74 * rf * q / ((q + rf) * rc1)


def wing(x):
    sw, wfw, a, sweep, q, taper, tc, nz, wdg, wp = x.T
    cosine = np.cos(sweep * PI / 180)
    return (0.036 * sw ** 0.758 * wfw ** 0.0035 * (a / cosine ** 2) ** 0.6 * q ** 0.006
            * taper ** 0.04 * (100 * tc / cosine) ** -0.3 * (nz * wdg) ** 0.49 + sw * wp)


CIRCUIT = [(0, 100), (40 * PI, 560 * PI), (0, 1), (1, 11)]
SETS = {
    "friedman1": (friedman1, [(0, 1)] * 10),
    "friedman2": (friedman2, CIRCUIT),
    "friedman3": (friedman3, CIRCUIT),
    "mixed": (mixed, [(-1, 1)] * 8),
    "two": (two, [(-1, 1)] * 8),
    "ten": (ten, [(-1, 1)] * 12),
    "borehole": (borehole, [(0.05, 0.15), (100, 50000), (63070, 115600), (990, 1110), (63.1, 116),
                            (700, 820), (1120, 1680), (9855, 12045)]),
    "piston": (piston, [(30, 60), (0.005, 0.020), (0.002, 0.010), (1000, 5000), (90000, 110000),
                        (290, 296), (340, 360)]),
    "otl": (otl, [(50, 150), (25, 70), (0.5, 3), (1.2, 2.5), (0.25, 1.2), (50, 300)]),
    "wing": (wing, [(150, 200), (220, 300), (6, 10), (-10, 10), (16, 45), (0.5, 1), (0.08, 0.18),
                    (2.5, 6), (1700, 2500), (0.025, 0.08)]),
}


def make(name, samples, held_out, tests, noise=0.0, outliers=0.0, seed=0):
    """x, y of the samples to train on and to hold out, x, y of the tests, and the deviation of each
    output of f. `noise`: in units of it. `outliers`: a share of the training targets is moved by ten
    deviations, to either side."""
    function, box = SETS[name]
    low, high = np.array(box, dtype=float).T
    draw = np.random.default_rng(1000 + seed)
    total = samples + held_out
    x = low + (high - low) * draw.random((total + tests, len(low)))
    clean = function(x).reshape(len(x), -1)
    deviation = clean[:samples].std(axis=0)
    y = clean + noise * deviation * draw.standard_normal(clean.shape)
    wild = draw.random(y.shape) < outliers
    y += 10 * deviation * wild * np.sign(draw.standard_normal(y.shape))
    return x[:total], y[:total], x[total:], clean[total:], deviation
