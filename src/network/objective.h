/// What a network is trained for, as one thing: a loss, the targets that it takes, a score, and how
/// a prediction is written. Methods, the loop around them, stop rules, metrics and checkpoints know
/// an objective by its loss and its score, and leave the rest to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/targets.h"
#include "runtime/random.h"
#include "runtime/score.h"
#include "runtime/types.h"

namespace admmnet {

class OutputColumns;  // network/forward.h
struct MetricSums;    // network/metrics.h
struct Prediction;    // network/prediction.h
struct Topology;      // network/network.h

/// Columns are whole output columns of this rank, with the targets of the same columns. Nothing
/// here is collective.
///
/// A column counts w_j >= 0 in the loss: the weight of the sample, times that of its class where
/// classes have some. Trained is sum_j w_j l(z_j, y_j), so w_j is a factor of loss, gradient and
/// Hessian, and the minimiser with penalty beta is the plain one with beta/w_j. Scores count a
/// sample by its own weight alone.
class Objective {
 public:
  virtual ~Objective() = default;

  // ---- the loss ----

  /// w_j of column j.
  virtual double weight(const Targets& targets, Index j) const { return targets.weight(j); }
  /// w_j l(z, y) of column j, which has a target.
  virtual double loss(const OutputColumns& columns, const Targets& targets, Index j) const = 0;
  /// Columns z := the gradient of what is trained (w l, with smoothed targets where those are
  /// taken) by z, 0 where there is no target; its sum over the columns before.
  virtual double to_gradient(const Targets& targets, OutputColumns& columns) const = 0;
  /// Whether the loss has the Hessians H of the next two.
  virtual bool has_curvature() const = 0;
  /// Columns v := H v, H the Hessian of the trained loss by z at column z, or a positive
  /// semidefinite matrix in its place; 0 in columns without a target.
  virtual void apply_curvature(const OutputColumns& z, const Targets& targets,
                               OutputColumns& v) const = 0;
  /// Columns v := random ones of mean 0 and E v v^T = H, keyed by row and position, `first` being
  /// that of column 0 of the panel. Here: H^(1/2) s with random signs s, of a diagonal H.
  virtual void draw_curvature(const OutputColumns& z, const Targets& targets,
                              const CounterRandom& random, Index first, OutputColumns& v) const;
  /// Columns v := argmin_z w l(z, y) + beta/2 |z - v|^2. beta > 0.
  virtual void minimise(const Targets& targets, double beta, OutputColumns& columns) const = 0;
  /// columns := T - shift, T the targets as numbers: what a first output layer is fitted to.
  virtual void code_targets(const Targets& targets, double shift, OutputColumns& columns) const = 0;
  /// Whether s (one entry an output) lies in the subdifferential of w l(., y) at column j, within
  /// an absolute tolerance: what a minimiser leaves behind, for tests.
  virtual bool in_subdifferential(const OutputColumns& columns, const Targets& targets, Index j,
                                  const double* s, double tolerance) const = 0;

  // ---- the score ----

  virtual const Score& score() const = 0;
  /// Adds loss and score of all columns that have a target.
  virtual void add(const OutputColumns& columns, const Targets& targets,
                   MetricSums& sums) const = 0;

  // ---- predictions ----

  /// Of real targets: adds to 4 numbers a target, the sums of the weights, of the squared errors,
  /// and with d = y - centre of d and d^2, each times the weight. Nothing for classes.
  virtual void add_errors(const OutputColumns&, const Targets&, std::vector<double>&) const {}
  /// Columns := what is predicted, in the units of the targets. Nothing for classes.
  virtual void to_predictions(OutputColumns&) const {}

  /// Of the values of a prediction, of `outputs` a sample: their classes, or with real targets
  /// their targets, and of which quantile they are.
  virtual std::vector<std::string> value_names(const std::vector<std::string>& class_labels,
                                               std::size_t outputs) const = 0;
  /// NAME.predictions.csv and, with the true labels or targets, NAME.test.csv, of all samples in
  /// order. Samples that are left out (-data_classes, -data_missing) have no line. `of_file`: the
  /// class of each sample of the file, kNotSelected for those.
  virtual std::string as_csv(const Prediction& prediction,
                             const std::vector<std::string>& class_labels,
                             const std::vector<int>& of_file, bool with_labels) const = 0;
};

/// Whether the minimiser of w l(z) + beta/2 |z - v|^2 is v to rounding: |z - v| <= w/beta |dl|.
inline bool too_light_to_move(double w, double beta) {
  constexpr double kLargestRatio = 1e100;
  return !(w * kLargestRatio > beta);
}

/// The objective of a network: classification or regression with its loss.
std::unique_ptr<const Objective> make_objective(const Topology& topology);

}  // namespace admmnet
