/// Singular values of a network's activations and weights, to see how well posed its least-squares
/// problems are.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "network/network.h"

namespace admmnet {

/// Of a matrix A of rows x cols.
struct MatrixSpectrum {
  std::string name;  ///< "a_1", "W_2"
  Index rows = 0, cols = 0;
  /// sigma_1 and sigma_min(rows, cols).
  double largest = 0.0, smallest = 0.0;
  /// How many sigma_i are above sqrt(n eps) sigma_1, n = min(rows, cols).
  Index rank = 0;

  /// sigma_1 / sigma_n; infinity where the rank is below n.
  double condition() const;
};

/// Where the Gram matrix A A^T of activations has a larger condition number, the square of A's, a
/// solve with it and without a ridge keeps fewer than half of the digits: 1 / sqrt(eps).
constexpr double kLargestGramCondition = 67108864.0;

/// Of a~_{l-1} and of W~_l, l = 1 ... L, in this order: the training samples' activations with
/// their row of ones, and the weights with their biases. Sparse inputs are left out: their Gram
/// matrix need not fit.
///
/// By the eigenvalues lambda of the Gram matrix of the smaller side, sigma = sqrt(lambda), so that
/// sigma has the error eps sigma_1^2 / (2 sigma), and what is below sqrt(n eps) sigma_1 is
/// rounding; activations by that of their rows. In double whatever precision products have. One
/// forward pass, N n^2 flops for each activation and 9 n^3 for each matrix; the Gram matrices of
/// all activations, n^2/P doubles each, and six times that of the largest. Throws
/// NumericalBreakdown as symmetric_eigen does. Collective.
std::vector<MatrixSpectrum> layer_spectra(const Network& network, const SampleSet& train);

}  // namespace admmnet
