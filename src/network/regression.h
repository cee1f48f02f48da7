/// The objective of predicting real numbers.
#pragma once

#include <vector>

#include "network/objective.h"
#include "proximal/loss.h"

namespace admmnet {

/// How real targets are coded, so that the network's outputs are of size 1: T = (y - centre)/scale.
struct TargetCoding {
  std::vector<std::string> names;
  std::vector<double> centre, scale;
  /// Of each output the parameter of the loss (proximal/real_loss.h), in units of T. There may be
  /// several outputs for a target (quantiles), beside each other.
  std::vector<double> parameters;

  Index targets() const { return static_cast<Index>(names.size()); }
  Index outputs_of_target() const {
    return static_cast<Index>(parameters.size()) / std::max<Index>(targets(), 1);
  }
};

/// Targets are real numbers T, the loss is l(z, T) = sum_i l(z_i - T_i; p_i) over the outputs
/// (proximal/real_loss.h). The score is the root of the mean square error in the units of the
/// targets, over samples by their weights and, where there are several, targets; the loss, whose
/// kind may be a robust one, decides which iterate is kept. A prediction is y = centre + scale z.
class Regression final : public Objective {
 public:
  Regression(Loss loss, TargetCoding coding);

  double loss(const OutputColumns& columns, const Targets& targets, Index j) const override;
  double to_gradient(const Targets& targets, OutputColumns& columns) const override;
  bool has_curvature() const override { return true; }
  void apply_curvature(const OutputColumns& z, const Targets& targets,
                       OutputColumns& v) const override;
  void minimise(const Targets& targets, double beta, OutputColumns& columns) const override;
  void code_targets(const Targets& targets, double shift, OutputColumns& columns) const override;
  bool in_subdifferential(const OutputColumns& columns, const Targets& targets, Index j,
                          const double* s, double tolerance) const override;
  const Score& score() const override { return rmse_score; }
  void add(const OutputColumns& columns, const Targets& targets, MetricSums& sums) const override;
  void add_errors(const OutputColumns& columns, const Targets& targets,
                  std::vector<double>& sums) const override;
  void to_predictions(OutputColumns& columns) const override;
  std::vector<std::string> value_names(const std::vector<std::string>& class_labels,
                                       std::size_t outputs) const override;
  /// sample,predicted_<name>, or with several quantiles predicted_<name>_q<quantile> each; with the
  /// targets target_<name> before them.
  std::string as_csv(const Prediction& prediction, const std::vector<std::string>& class_labels,
                     const std::vector<int>& of_file, bool with_labels) const override;

 private:
  Index target_of(Index output) const { return output / coding_.outputs_of_target(); }
  /// (T - the output) of the target of an output.
  double coded(const double* y, Index output) const;
  double parameter(Index output) const {
    return coding_.parameters[static_cast<std::size_t>(output)];
  }
  /// y - what is predicted for target t, in its units.
  double error(const double* z, const double* y, Index t) const;
  template <class F>
  void for_each_entry(const Targets& targets, OutputColumns& columns, F&& f) const;

  Loss loss_;
  TargetCoding coding_;
  Index central_ = 0;  ///< of the outputs of a target that which errors are counted for
};

}  // namespace admmnet
