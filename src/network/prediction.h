/// What a network says of single samples.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "network/metrics.h"

namespace admmnet {

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

/// Of all samples the first part, the same on every rank, and of this rank's samples the second.
struct Prediction {
  Metrics metrics;
  /// Numbers of samples, whatever their weights: classes x classes, row = true class, column =
  /// predicted.
  std::vector<Index> confusion;
  std::optional<double> auc;        ///< of two classes, where both are there (ranking.h)
  std::vector<TargetError> errors;  ///< of each real target, where some are given
  PredictedValues kind = PredictedValues::none;  ///< of the values

  std::vector<Index> samples;  ///< which ones of the set; rising
  std::vector<int> classes;    ///< class index of each; empty with real targets
  /// Outputs x samples, sample after sample; of real targets what is predicted for them, in their
  /// units.
  std::vector<double> values;
  std::vector<double> targets;  ///< the real ones of these samples; NaN: not given
};

/// Mean over the classes that are there of the share of their samples that are found; empty
/// without labels.
std::optional<double> balanced_accuracy(const std::vector<Index>& confusion);

/// Class of every sample; with labels also metrics and confusion. Or of real targets metrics and
/// errors, and with any `kind` what is predicted, and the targets. `progress` hears after each
/// panel how many samples are done. Collective. 12 bytes a sample of the rank, and 8 a value.
Prediction predict(const Network& network, const SampleSet& set, Index classes,
                   const Calibration& calibration = {},
                   PredictedValues kind = PredictedValues::none,
                   const std::function<void(Index)>& progress = {});

/// The same with the samples of all ranks on the first one, and none on the others. Collective;
/// fewer than 2^31 samples.
Prediction on_first_rank(const Prediction& prediction, const ProcessGrid& grid);

}  // namespace admmnet
