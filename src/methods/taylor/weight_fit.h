/// A layer's weights fitted to targets, by whichever solver of the menu.
#pragma once

#include <memory>
#include <optional>

#include "linalg/dual_fit.h"
#include "linalg/outer_sum.h"
#include "linalg/sample_factor.h"
#include "methods/taylor/weight_system.h"

namespace admmnet {

///   W := argmin sum |t - W a~|^2 + ridge mbar |W I'|^2 + jitter mbar |W|^2
/// with mbar = sum |a~|^2 / n and I' the identity with 0 for the last `biases` inputs (README.md
/// §3.2). cholesky and cg sum up G = a~ a~^T and S = t a~^T, qr and svd fold the samples into a
/// triangle (sample_factor.h), dual keeps them (dual_fit.h), as
/// cg does with sparse ones (sample_gram.h).
class WeightFit {
 public:
  /// Layer l of the network, which must outlive it, `samples` columns in all. Collective.
  WeightFit(const Network& network, int l, WeightSolver solver, Index samples);

  /// The next panel: t of n_l x w, a~ of extended n_{l-1} x w. Collective.
  void add(const BlockCyclicMatrix& t, const SampleOperand& a);

  /// sum |a~|^2 over the panels; not finite when an a~ is not. After the last panel. Collective.
  double trace();

  /// Call it once, at the end. W holds what cg starts from. Throws NumericalBreakdown when the
  /// solver and its fallbacks fail. Collective.
  void solve(double ridge, double jitter, Index biases, const std::string& system,
             BlockCyclicMatrix& W, Notes& notes);

 private:
  /// What G_ and S_ are summed up in, when it is known what the samples are.
  void begin_sums(const SampleOperand& a);

  const Network& network_;
  int layer_;
  WeightSolver solver_;
  BlockCyclicMatrix G_, S_;
  OuterSum gram_{Triangle::lower}, outer_{Triangle::full};
  bool begun_ = false, summed_up_ = false;
  std::optional<SampleGram> samples_;  // in the place of G
  std::unique_ptr<SampleFactor> factor_;
  std::unique_ptr<DualFit> dual_;
};

}  // namespace admmnet
