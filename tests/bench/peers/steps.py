"""The steps of the re-synchronised sweeps for one panel, in numpy with in-place ufuncs and BLAS.

Rows are samples: a panel of z_l is samples x n_l, of h~ = [h 1] samples x (n_l + 1), both in C
order, so that their transposes are what Fortran's routines want and nothing is copied.
"""
import numpy as np
from scipy.linalg.blas import dgemm, dsyrk, dtrsm
from scipy.linalg.lapack import dpotrf, dpotrs

CHUNK = 1 << 15  # entries that an element-wise step works on at a time: they stay in cache


def accumulate_outer(alpha, D, H, beta, R):
    """R := alpha D^T H + beta R in place."""
    dgemm(alpha, H.T, D.T, trans_b=1, beta=beta, c=R.T, overwrite_c=1)


def accumulate_gram(alpha, H, beta, G):
    """G := alpha H^T H + beta G in place, lower triangle of the Fortran-ordered G."""
    dsyrk(alpha, H.T, beta=beta, c=G, lower=1, overwrite_c=1)


def new_gram(n):
    return np.zeros((n, n), order="F")


def factor(G, ridge, proximal):
    """Cholesky factor of G + ridge mbar I' + proximal mbar I, I' without the bias; and mbar."""
    mean = np.trace(G) / len(G)
    shifted = G.copy(order="F")
    diagonal = shifted.ravel(order="K")[::len(G) + 1]
    diagonal += proximal * mean
    diagonal[:-1] += ridge * mean
    L, info = dpotrf(shifted, lower=1, overwrite_a=1, clean=0)
    if info != 0:
        raise SystemExit(f"Gram matrix not positive definite (minor {info})")
    return L, mean


def solve_right(B, L):
    """B := B (L L^T)^-1 in place."""
    dpotrs(L, B.T, lower=1, overwrite_b=1)


def correction(W, damping):
    """X = (W' W'^T + kappa s I)^-1 W' (n_{l+1} x n_l), W' without bias, by the smaller side."""
    W = np.ascontiguousarray(W[:, :-1])
    eps = damping * np.vdot(W, W) / len(W)
    wide = W.shape[0] <= W.shape[1]
    S = dsyrk(1.0, W.T, trans=1 if wide else 0, lower=1)
    S.ravel(order="K")[::len(S) + 1] += eps
    L, info = dpotrf(S, lower=1, overwrite_a=1, clean=0)
    if info != 0:
        raise SystemExit(f"correction not positive definite (minor {info})")
    if wide:
        # (X^T = W^T S^-1 is W.T in Fortran order, times S^-1 from the right.)
        XT = dtrsm(1.0, L, W.T, side=1, lower=1, trans_a=1)
        return dtrsm(1.0, L, XT, side=1, lower=1, overwrite_b=1).T
    solve_right(W, L)
    return W


def activate(z, H):
    np.maximum(z, 0.0, out=H[:len(z), :-1])
    return H[:len(z)]


class HiddenStep:
    """delta -> D of the hidden z problem for relu (src/proximal/hidden_z.h), in place, by chunks."""

    def __init__(self, ratio):
        self.c = 1.0 / (1.0 + ratio)
        root = np.sqrt(ratio / (1.0 + ratio))
        self.r = root / (1.0 - root)
        self.work = np.empty((2, CHUNK))
        self.mask = np.empty(CHUNK, bool)

    def run(self, delta, z):
        """Returns sum of squares of D and of z."""
        delta, z = delta.reshape(-1), z.reshape(-1)
        change = size = 0.0
        for first in range(0, delta.size, CHUNK):
            d, zi = delta[first:first + CHUNK], z[first:first + CHUNK]
            a, b, mask = self.work[0, :d.size], self.work[1, :d.size], self.mask[:d.size]
            np.multiply(zi, -self.r, out=a)
            np.greater(d, a, out=mask)  # the positive branch is the better one, where z <= 0
            d *= self.c
            np.multiply(zi, -self.c, out=a)
            a += d
            a *= mask
            np.negative(zi, out=b)
            np.maximum(d, b, out=d)
            np.less_equal(zi, 0.0, out=mask)
            np.copyto(d, a, where=mask)
            change += np.dot(d, d)
            size += np.dot(zi, zi)
        return change, size


def one_hot(labels, outputs):
    return np.eye(outputs)[labels]


def prox_multiclass_hinge(v, labels, beta):
    """Crammer and Singer: z = v + e_y/beta - P(beta (v + 1 - e_y) + e_y)/beta, P onto the simplex."""
    e = one_hot(labels, v.shape[1])
    u = beta * (v + 1.0 - e) + e
    s = -np.sort(-u, axis=1)
    levels = (np.cumsum(s, axis=1) - 1.0) / np.arange(1, v.shape[1] + 1)
    count = (s > levels).sum(axis=1)
    level = np.take_along_axis(levels, count[:, None] - 1, axis=1)
    return v + (e - np.maximum(u - level, 0.0)) / beta


def prox_softmax(v, labels, beta):
    """Newton in d = z - v with the Hessian inverted by Sherman and Morrison, steps halved where the
    objective would not fall; columns that have arrived are left out."""
    z, rows = v.copy(), np.arange(len(v))
    for _ in range(40):
        vr, zr, yr = v[rows], z[rows], labels[rows]
        e, p = one_hot(yr, v.shape[1]), softmax(zr)
        g = beta * (zr - vr) + p - e
        share = p / (beta + p)
        common = (share * g).sum(1) / (beta * share).sum(1)
        step = -(g + p * common[:, None]) / (beta + p)
        value, slope = softmax_objective(zr, vr, yr, beta), (g * step).sum(1)
        fraction = np.ones(len(rows))
        for _ in range(30):
            trial = softmax_objective(zr + fraction[:, None] * step, vr, yr, beta)
            rises = trial > value + 1e-4 * fraction * slope + 1e-14 * (1.0 + np.abs(value))
            if not rises.any():
                break
            fraction[rises] *= 0.5
        z[rows] = zr + fraction[:, None] * step
        rows = rows[np.abs(step).max(1) > 1e-8]
        if len(rows) == 0:
            break
    return z


def softmax(z):
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return p


def softmax_losses(m, labels):
    top = m.max(axis=1)
    return np.log(np.exp(m - top[:, None]).sum(1)) + top - m[np.arange(len(m)), labels]


def softmax_objective(z, v, labels, beta):
    return softmax_losses(z, labels) + 0.5 * beta * ((z - v)**2).sum(1)


def multiclass_hinge_losses(m, labels):
    own = m[np.arange(len(m)), labels]
    return (m + 1.0 - one_hot(labels, m.shape[1])).max(axis=1) - own


LOSSES = {"softmax": (softmax_losses, prox_softmax),
          "multiclass_hinge": (multiclass_hinge_losses, prox_multiclass_hinge)}
