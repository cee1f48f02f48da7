/// Stochastic gradients: a step a batch of samples (README.md §3).
#pragma once

#include <optional>
#include <vector>

#include "methods/backpropagation.h"
#include "methods/gradient_based/options.h"
#include "methods/method.h"
#include "methods/weights.h"

namespace admmnet {

/// SGD with momentum, Adagrad, Adadelta and Adam. Batches hold the same samples in every pass, and
/// come in an order of its own in each.
class MiniBatchGradient : public TrainingMethod {
 public:
  /// References must outlive it; `seed` is that of the order. Memory besides backpropagation.h: the
  /// weights, their gradient, and one (sgd, adagrad) or two more of their size. Collective.
  MiniBatchGradient(const Topology& topology, const MethodPlace& place,
                    const GradientOptions& options, Index seed);

  void start(const Network& initial, bool trained) override;
  void resume() override {}
  StepReport step(Index k) override;
  const Network& network() const override { return network_; }
  StateView state() override;

 private:
  /// W from the gradient of the batch.
  void update();
  void update_sgd();
  void update_adagrad();
  void update_adadelta();
  void update_adam();

  const SampleSet& train_;
  GradientOptions options_;
  Index seed_;
  Network network_, gradient_;
  std::optional<Network> first_, second_;  // what the rule keeps from batch to batch
  Backpropagation backpropagation_;
  Index batches_done_ = 0;  // of the run
  MetricSums pass_;         // of the pass so far, over all ranks
  Timers& timers_;
  int gradient_phase_, update_phase_;
};

}  // namespace admmnet
