/// A method of one pass: hidden layers that stay as they are, and an output layer fitted to the
/// coded targets by ridge least squares, exactly.
#pragma once

#include <functional>
#include <string>

#include "methods/method.h"
#include "methods/ridge_fit.h"
#include "methods/ridge_kind.h"
#include "methods/weighted_samples.h"

namespace admmnet {

/// First half of a pass, panel by panel: G and S of the last hidden layer (ridge_fit.h); then one
/// solve, or one for each ridge to choose from (ridge_search.h). Second half: the loss and score of
/// the new network. A second pass does the same again.
class RidgePass : public TrainingMethod {
 public:
  /// What becomes of the hidden layers of a run that begins; returns a line for the log, or none.
  /// Collective.
  using Prepare = std::function<std::string(Network&)>;

  /// `options` resolved; `prepare`: may be empty. References must outlive it. Collective.
  RidgePass(const Topology& topology, const MethodPlace& place, const RidgeOptions& options,
            WeightSolver solver, Prepare prepare = {});

  /// `trained`: the hidden layers are taken as they are.
  void start(const Network& initial, bool trained) override;
  void resume() override {}
  /// A step is a panel, seen twice in a pass; a pass cannot be resumed in its middle.
  StepReport step(Index k) override;
  const Network& network() const override { return network_; }
  StateView state() override;

 private:
  void begin();
  void add(const SamplePanel& panel);
  void fit(StepReport& report);
  void measure(const SamplePanel& panel);

  const SampleSet& train_;
  const SampleSet* validation_;
  RidgeOptions options_;
  Prepare prepare_;
  Network network_;
  ForwardPass forward_;
  OutputColumns output_;
  BlockCyclicMatrix targets_;
  WeightedSamples weighted_;
  RidgeFit fit_;
  MetricSums sums_;        // of this rank, of the pass so far
  std::size_t steps_ = 0;  // done of the pass
  std::string remark_;     // of the start
  Timers& timers_;
  int hidden_phase_, forward_phase_, product_phase_, weight_phase_, search_phase_;
};

}  // namespace admmnet
