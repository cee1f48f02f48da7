/// Activations, losses and their minimisers for the reference implementation.
///
/// Where the program has a closed decision, this takes another road to the same minimum: it lists
/// every candidate, or runs a plain Newton or bisection, and keeps what is best.
#pragma once

#include "proximal/activation.h"
#include "proximal/loss.h"
#include "reference/dense.h"

namespace admmnet::reference {

/// h(z).
double activate(const Activation& h, double z);
Matrix activate(const Activation& h, const Matrix& z);

/// argmin_z gamma/2 (a - h(z))^2 + beta/2 (z - m)^2: the clipped stationary point of every linear
/// piece of h, the smallest objective wins (of equals the piece further left). tanh and sigmoid:
/// the best of a grid around m, and the zero of the derivative beside it.
double hidden_z(const Activation& h, double a, double m, double gamma, double beta);

/// sum over columns of l(z, t). `targets` has the shape of z and holds the 0/1 coding.
double total_loss(Loss loss, const Matrix& z, const Matrix& targets);

/// argmin_z l(z, t) + beta/2 |z - v|^2, column by column.
/// squared: derivative zero. hinge: every candidate. multiclass_hinge: bisection for the level tau
/// with sum_j max(u_j - tau, 0) = 1/beta, u = v + t/beta + 1 - t. softmax: Newton with a dense
/// solve.
Matrix prox_loss(Loss loss, double beta, const Matrix& v, const Matrix& targets);

}  // namespace admmnet::reference
