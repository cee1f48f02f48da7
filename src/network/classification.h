/// The objective of telling classes apart.
#pragma once

#include <utility>
#include <vector>

#include "network/objective.h"
#include "proximal/loss.h"

namespace admmnet {

/// Targets are class indices, coded 0/1 with one row a class, or the index itself with one output;
/// the score is accuracy; a prediction is the class of the largest output.
///
/// Label smoothing s (softmax only; Szegedy et al., 2016) trains for T = (1 - s) e_y + s/C in the
/// place of e_y. As log sum exp z - T' z = log sum exp z - z_y + (e_y - T)' z, the minimiser is
/// that of the plain loss at v - (e_y - T)/beta. The loss that is reported is the plain one. The
/// outputs are then too flat to be logits of probabilities: calibration.h.
class Classification final : public Objective {
 public:
  /// `class_weights`: of each class (sample_weights.h); empty: 1 each. They are a part of the loss,
  /// not of the score.
  explicit Classification(Loss loss, double smoothing = 0.0, std::vector<double> class_weights = {})
      : loss_(loss), smoothing_(smoothing), class_weights_(std::move(class_weights)) {}

  double weight(const Targets& targets, Index j) const override;
  double loss(const OutputColumns& columns, const Targets& targets, Index j) const override;
  double to_gradient(const Targets& targets, OutputColumns& columns) const override;
  bool has_curvature() const override { return loss_->curvature != nullptr; }
  void apply_curvature(const OutputColumns& z, const Targets& targets,
                       OutputColumns& v) const override;
  void draw_curvature(const OutputColumns& z, const Targets& targets, const CounterRandom& random,
                      Index first, OutputColumns& v) const override;
  void minimise(const Targets& targets, double beta, OutputColumns& columns) const override;
  void code_targets(const Targets& targets, double shift, OutputColumns& columns) const override;
  bool in_subdifferential(const OutputColumns& columns, const Targets& targets, Index j,
                          const double* s, double tolerance) const override;
  const Score& score() const override { return accuracy_score; }
  void add(const OutputColumns& columns, const Targets& targets, MetricSums& sums) const override;
  std::vector<std::string> value_names(const std::vector<std::string>& class_labels,
                                       std::size_t outputs) const override;
  /// sample,predicted or sample,label,predicted: the sample's place in its file, from 0, and labels
  /// as they stand in the data, empty where there is none. With probabilities a column p_<label>
  /// for each class, with scores s_<label>; a single output is that of the second class.
  std::string as_csv(const Prediction& prediction, const std::vector<std::string>& class_labels,
                     const std::vector<int>& of_file, bool with_labels) const override;

 private:
  /// (e_y - T)_i
  double moved(Index outputs, Index i, int label) const;
  /// The minimisers of the columns first ... last - 1, which have one weight, with beta/w.
  void minimise_alike(const Targets& targets, double beta, Index first, Index last,
                      OutputColumns& columns) const;

  Loss loss_;
  double smoothing_;
  std::vector<double> class_weights_;
};

}  // namespace admmnet
