/// Training by gradients, serially (src/methods/gradient_based/README.md).
#pragma once

#include "methods/gradient_based/options.h"
#include "reference/problem.h"

namespace admmnet::reference {

/// h'(z), at a kink that from the left.
double derivative(const Activation& h, double z);

/// g_l of f(W) = 1/n sum l(z_L, t) over the columns of X, back through the layers; smooth
/// activations and losses, or points that are no kinks.
Layers gradient(const Problem& problem, const Layers& W, const Matrix& X, const Matrix& targets);

/// A rule that takes a step a batch, or descent of fixed length: all columns are the batch.
struct GradientRun {
  GradientRun(const Problem& the_problem, const GradientOptions& the_options);
  /// From the samples [begin, end).
  void step(Index begin, Index end);

  Problem problem;
  GradientOptions options;
  Layers W, first, second;  ///< first: velocity, mean or squared steps; second: squares of g
  Index steps = 0;
};

/// All weights, layer by layer and column by column, as one column.
Matrix as_vector(const Layers& layers);

/// The inverse BFGS matrix of the pairs (columns of S and Y, the newest last), from gamma I on,
/// gamma = <s, y>/<y, y> of the newest: H := (I - s y^T/<s,y>) H (I - y s^T/<s,y>) + s s^T/<s,y>.
Matrix inverse_bfgs(const Layers& S, const Layers& Y);

}  // namespace admmnet::reference
