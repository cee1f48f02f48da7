/// Whole output columns against targets: loss and score.
#pragma once

#include <functional>

#include "data/dataset.h"
#include "network/calibration.h"
#include "network/forward.h"
#include "proximal/loss.h"

namespace admmnet {

struct Metrics {
  double samples = 0.0;  ///< those with a target, each as often as its weight says
  double loss = 0.0;     ///< mean over them, of weighted classes w_y l
  double score = 0.0;  ///< of the network's objective: accuracy, 0 to 1, or root mean square error
};

/// Sums over samples, of a rank or over all of them. An objective adds to them.
struct MetricSums {
  double loss = 0.0, score = 0.0, samples = 0.0;

  /// Collective on the grid.
  MetricSums over_ranks(const ProcessGrid& grid) const;
  MetricSums& operator+=(const MetricSums& other);
  /// Of sums over all ranks.
  Metrics means(const Score& score) const;
  Metrics reduce(const Network& network) const {
    return over_ranks(network.grid()).means(network.objective().score());
  }
};

/// Runs the network over all panels and hands the whole output columns of each to `use`, which may
/// change them. Collective on the network's grid.
void for_each_output(const Network& network, const SampleSet& set,
                     const std::function<void(const SamplePanel&, OutputColumns&)>& use);

/// Adds the columns of a panel: the score of the outputs as they are, and the loss of the
/// calibrated ones, which they are from here on. Not collective.
void add_calibrated(const Objective& objective, const Calibration& calibration,
                    const Targets& targets, OutputColumns& columns, MetricSums& sums);

/// Mean loss, of calibrated outputs, and score by a forward pass over all panels. Collective on the
/// network's grid.
Metrics evaluate(const Network& network, const SampleSet& set, const Calibration& calibration = {});

/// output := T - shift for the whole columns of a panel, T its coded targets. Not collective.
void fill_coded_targets(const Objective& objective, const SamplePanel& panel, double shift,
                        OutputColumns& output);

}  // namespace admmnet
