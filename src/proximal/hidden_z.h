/// Room `proximal`: the exact scalar and per-column minimisers of the method, and the activations
/// and losses they belong to. Pure functions of numbers in plain arrays: nothing here may know of
/// MPI, PETSc, files, process grids or the network, nor keep state between calls.
///   activation.h, loss.h      the tables of activations and losses
///   activation_functions.h    h(z)
///   loss_functions.h          l(z, y), its subdifferential, targets, classification
///   hidden_z.h                the z problem of a hidden layer (this file)
///   output_z.h                the z problem of the output layer
///
/// The hidden problem (Taylor et al., ICML 2016, in the half convention) is separable; for every
/// entry
///
///     z = argmin_z  (gamma/2) (a - h(z))^2 + (beta/2) (z - m)^2
///
/// with a = the activation wanted by the layer above, m = the entry of W_l a_{l-1}. Only the ratio
/// beta/gamma matters. Where h is piecewise linear, the problem has one local minimiser a piece, a
/// clipped weighted mean; tanh and sigmoid have one or two, found by Newton's method from m and
/// from h^-1(a) (smooth_activations.cpp). The one with the smallest full objective is the global
/// minimiser. Among equal objectives the steepest piece wins (relu: the active one), hence the
/// result is deterministic. NaN in a or m gives NaN. Errors: InternalError for an activation
/// without a hidden z step (cos).
#pragma once

#include <cstddef>

#include "proximal/activation.h"

namespace admmnet {

/// The minimiser for one entry. gamma > 0, beta > 0, else InternalError.
double minimise_hidden_z(const Activation& h, double a, double m, double gamma, double beta);

/// z[i] = the minimiser for (a[i], m[i]), i < n. z may be a or m; no other overlap. About 15 flops
/// an entry for relu, 30 for other pieces, without branches; tanh and sigmoid take some ten
/// exponentials. gamma > 0, beta > 0, else InternalError.
void minimise_hidden_z(const Activation& h, std::size_t n, const double* a, const double* m,
                       double gamma, double beta, double* z);

/// The same in residual form around m = z, the step of the resynchronised sweep:
///   entry  delta[i] = a_i - h(z_i)
///   exit   delta[i] = argmin(a = h(z_i) + delta_i, m = z_i, beta/gamma = ratio) - z_i
/// For relu in closed form, with c = 1/(1 + ratio) and r = ratio (1 + sqrt(1 + 1/ratio)):
///   z > 0:  D = max(c delta, -z);      z <= 0:  D = c (delta - z) if delta > r |z|, else 0,
/// about 6 flops an entry. delta and z do not overlap. ratio > 0, else InternalError.
void hidden_z_step(const Activation& h, std::size_t n, const double* z, double ratio,
                   double* delta);

}  // namespace admmnet
