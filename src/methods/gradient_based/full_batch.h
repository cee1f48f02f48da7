/// Gradient descent, nonlinear conjugate gradients and L-BFGS over all samples (README.md §2).
#pragma once

#include <limits>
#include <vector>

#include "methods/backpropagation.h"
#include "methods/gradient_based/line_search.h"
#include "methods/gradient_based/options.h"
#include "methods/method.h"
#include "methods/weights.h"

namespace admmnet {

/// W := W + t d, a pass a step; d by the rule, t by a line search or fixed.
class FullBatchGradient : public TrainingMethod {
 public:
  /// References must outlive it. Memory besides backpropagation.h: five times the weights, and
  /// 2 memory times for lbfgs. Collective.
  FullBatchGradient(const Topology& topology, const MethodPlace& place,
                    const GradientOptions& options);

  void start(const Network& initial, bool trained) override;
  void resume() override {}
  StepReport step(Index k) override;
  const Network& network() const override { return network_; }
  StateView state() override;

 private:
  static constexpr double kLargest = std::numeric_limits<double>::max();

  /// A new direction; here: f, and where the slope along it goes.
  void set_direction(LinePoint& here);
  /// Steps along it.
  LinePoint go(const LinePoint& here);
  /// At W + t d.
  LinePoint trial(double t);
  void set_steepest();
  void set_conjugate();
  void set_quasi_newton();
  void keep_pair(double t);
  Network& s(Index pair) { return steps_[static_cast<std::size_t>(pair % options_.memory)]; }
  Network& y(Index pair) { return changes_[static_cast<std::size_t>(pair % options_.memory)]; }

  const SampleSet& train_;
  GradientOptions options_;
  std::vector<const SamplePanel*> panels_;
  Network network_, gradient_, direction_;
  Network there_, gradient_there_;  // of the trial
  std::vector<Network> steps_, changes_;
  Backpropagation backpropagation_;
  Evaluation seen_{};                      // of the trial
  double f_ = 0.0;                         // at the weights
  double slope_ = 0.0, length_ = 0.0;      // of the step before; 0: there is none
  double mixed_ = 0.0, old_square_ = 0.0;  // <g, g'>, |g'|^2 with the gradient before; 0: none
  Index pairs_ = 0;                        // so far, of which the last are kept
  Timers& timers_;
  int gradient_phase_, direction_phase_;
};

}  // namespace admmnet
