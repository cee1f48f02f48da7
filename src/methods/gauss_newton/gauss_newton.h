/// Damped Gauss-Newton steps in all weights at once (README.md of this folder).
#pragma once

#include <limits>
#include <vector>

#include "methods/backpropagation.h"
#include "methods/gauss_newton/direction.h"
#include "methods/gauss_newton/options.h"
#include "methods/gauss_newton/stages.h"
#include "methods/gauss_newton/threshold.h"
#include "methods/method.h"

namespace admmnet {

/// lambda for the next direction, from the gain of this one, which is the decrease of f over that
/// of its model: > 3/4 .4 lambda, but 1e-12 at least; < 1/4 or NaN 3 lambda; rejected twice as much
/// besides (Levenberg, Marquardt; Nocedal and Wright, §10.3).
double next_damping(double lambda, double gain, bool accepted);

/// Ridge of the first output layer, relative to the mean diagonal: so small that it decides
/// nothing, but where few columns for each input would be learnt by heart before the first step.
double first_ridge(Index columns, Index inputs);

class GaussNewton : public TrainingMethod {
 public:
  /// References must outlive it; resolved options. Memory: backpropagation.h, linearisation.h,
  /// kronecker.h, direction.h, and five times the weights. Collective.
  GaussNewton(const Topology& topology, const MethodPlace& place, const Options& options);

  void start(const Network& initial, bool trained) override;
  void resume() override;
  StepReport step(Index k) override;
  const Network& network() const override { return network_; }
  StateView state() override;

 private:
  void fit_output_layer();
  /// f and g := its gradient, over the columns of the stage.
  Evaluation evaluate(const Network& at, Network& g);
  void enter_stage();
  /// An outer step: directions until one lowers f.
  void outer_step(Index k, StepReport& report);
  void linearise();
  bool try_direction();
  const Stage& stage() const { return stages_[static_cast<std::size_t>(stage_)]; }
  double share(Index columns) const;

  const SampleSet& train_;
  GaussNewtonOptions options_;
  Index passes_, seed_;
  std::vector<Stage> stages_;
  Network network_, gradient_;
  Network there_, gradient_there_;  // of a trial
  Network step_;                    // D
  Backpropagation backpropagation_;
  Linearisation linear_;
  KroneckerFactors factors_;
  Direction direction_;
  TrainedObjective trained_;
  Evaluation seen_{};  // at the weights
  double lambda_;
  double work_ = 0.0;  // so far, in passes
  Index outer_steps_ = 0, steps_of_pass_ = 0, stage_ = 0;
  Timers& timers_;
  int gradient_phase_, curvature_phase_, factor_phase_, direction_phase_;
};

}  // namespace admmnet
