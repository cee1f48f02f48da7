/// Fixed hidden layers and an output layer by ridge least squares, serially
/// (src/methods/linear_regression/README.md §1, src/methods/random_features/README.md §2 and §3).
#pragma once

#include "reference/problem.h"

namespace admmnet::reference {

/// W_l and b_l of each hidden unit so that its z has mean 0 and deviation 1 over the samples of the
/// problem; without biases mean square 1. Layer after layer. Entries from 1 to L-1.
Layers normalised_hidden(const Problem& problem);

/// sigma = sqrt(1/(2 N^2) sum_jk |x_j - x_k|^2), over all pairs.
double mean_distance_sigma(const Matrix& X);
/// [W_1 b_1] of the features cos(W_1 x + b_1) of a Gaussian kernel.
Matrix fourier_weights(const Problem& problem, double sigma);

/// [W b] from centred inputs, the biases afterwards:
///   W = (T - tbar)(A - abar)^T ((A - abar)(A - abar)^T + ridge mbar I)^-1,  b = tbar - W abar
/// with mbar the mean diagonal of that Gram matrix; without biases nothing is centred.
Matrix ridge_weights(const Problem& problem, const Matrix& A, const Matrix& T, double ridge);

/// All layers: `hidden`, and W_L fitted to the targets of the problem on top of them.
Layers fitted(const Problem& problem, const Layers& hidden, double ridge);

}  // namespace admmnet::reference
