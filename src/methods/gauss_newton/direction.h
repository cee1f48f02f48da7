/// The direction of an outer step, by preconditioned conjugate gradients.
#pragma once

#include "methods/gauss_newton/kronecker.h"
#include "methods/gauss_newton/linearisation.h"

namespace admmnet {

/// About the minimiser of the damped quadratic model
///   phi(D) = <g, D> + 1/2 <D, A D> + lambda/2 sum_l c_l |D_l|^2,   A = J^T H J / N_s
/// by conjugate gradients on (A + lambda C) D = -g, preconditioned by the Kronecker factors
/// (README.md §4). A loop of its own, over the layers: KSPCG would take as many lines to be given
/// matrices for a vector, an operator and a preconditioner, and has not this rule to stop.
class Direction {
 public:
  struct Result {
    Index products = 0;     ///< with A
    double decrease = 0.0;  ///< -<g, D> - 1/2 <D, A D>; 0: D is no direction of descent
  };

  /// For weights of this shape, in at most so many iterations. Memory: four times the weights.
  /// Collective.
  Direction(const Network& network, Index most);

  /// lambda > 0. Collective; an iteration is a product with A, a solve with the factors, and two
  /// sums over the ranks of a few numbers.
  Result find(Linearisation& linear, KroneckerFactors& factors, const Network& g, double lambda,
              Network& D);

 private:
  Index most_;
  Network residual_, preconditioned_, search_, product_;
};

/// Whether an iteration i, from 0, is the last one: from the fourth on (phi_i - phi_{i-k})/phi_i <
/// k 5e-4 with k = max(4, floor(i/10)). `phi`: the values so far, below 0. (Martens 2010, §4.4.)
bool has_settled(const std::vector<double>& phi);

}  // namespace admmnet
