/// Whole output columns against targets: loss, score, confusion matrix.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "data/dataset.h"
#include "network/calibration.h"
#include "network/forward.h"
#include "proximal/loss.h"

namespace admmnet {

struct Metrics {
  Index samples = 0;   ///< samples with a target
  double loss = 0.0;   ///< mean over them
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

/// Mean loss, of calibrated outputs, and score by a forward pass over all panels. Collective on the
/// network's grid.
Metrics evaluate(const Network& network, const SampleSet& set, const Calibration& calibration = {});

/// output := T - shift for the whole columns of a panel, T its coded targets. Not collective.
void fill_coded_targets(const Objective& objective, const SamplePanel& panel, double shift,
                        OutputColumns& output);

/// How well a real target is met.
struct TargetError {
  double rmse = 0.0;  ///< root of the mean square error, in the units of the target
  double r2 = 0.0;    ///< 1 - sum of squared errors / sum of squared deviations from the mean
};
/// What a prediction says of a sample beside its class, a number an output: softmax of the
/// calibrated outputs, or the outputs as they are.
enum class PredictedValues { none, probabilities, scores };

/// Probabilities where the loss gives some.
inline PredictedValues values_of(Loss loss) {
  return loss == Loss::softmax ? PredictedValues::probabilities : PredictedValues::scores;
}

struct Prediction {
  Metrics metrics;
  std::vector<int> classes;         ///< class index of every sample of the set, on every rank
  std::vector<Index> confusion;     ///< classes x classes, row = true class, column = predicted
  std::optional<double> auc;        ///< of two classes, where both are there (ranking.h)
  std::vector<TargetError> errors;  ///< of each real target, where some are given
  PredictedValues kind = PredictedValues::none;  ///< of the values
  /// Outputs x samples, sample after sample, on the first rank; of real targets what is predicted
  /// for them, in their units.
  std::vector<double> values;
  std::vector<double> targets;  ///< the real ones of these samples; NaN: not given
};

/// Mean over the classes that are there of the share of their samples that are found; empty
/// without labels.
std::optional<double> balanced_accuracy(const std::vector<Index>& confusion);

/// Class of every sample; with labels also metrics and confusion. Or of real targets metrics and
/// errors, and with any `kind` what is predicted, and the targets. `progress` hears after each
/// panel how many samples are done. Collective. 4 bytes a sample on every rank, and 8 a value on
/// the first one.
Prediction predict(const Network& network, const SampleSet& set, Index classes,
                   const Calibration& calibration = {},
                   PredictedValues kind = PredictedValues::none,
                   const std::function<void(Index)>& progress = {});

}  // namespace admmnet
