#include "network/classification.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "linalg/elementwise.h"
#include "network/csv_fields.h"
#include "network/prediction.h"
#include "network/regression.h"
#include "proximal/loss_functions.h"
#include "proximal/output_z.h"
#include "runtime/error.h"

namespace admmnet {

std::unique_ptr<const Objective> make_objective(const Topology& topology) {
  if (topology.is_regression()) return std::make_unique<Regression>(topology.loss, topology.coding);
  return std::make_unique<Classification>(topology.loss, topology.label_smoothing,
                                          topology.class_weights);
}

double Classification::weight(const Targets& targets, Index j) const {
  const int label = targets.class_of(j);
  if (label < 0 || class_weights_.empty()) return targets.weight(j);
  return targets.weight(j) * class_weights_[static_cast<std::size_t>(label)];
}

double Classification::moved(Index outputs, Index i, int label) const {
  return smoothing_ * (target(outputs, i, label) - 1.0 / static_cast<double>(outputs));
}

double Classification::loss(const OutputColumns& columns, const Targets& targets, Index j) const {
  return weight(targets, j) *
         loss_value(loss_, columns.outputs(), columns.column(j), targets.class_of(j));
}

/// Column j := by times itself.
static void scale_column(double by, Index j, OutputColumns& columns) {
  double* v = columns.column(j);
  std::for_each(v, v + columns.outputs(), [by](double& entry) { entry *= by; });
}

double Classification::to_gradient(const Targets& targets, OutputColumns& columns) const {
  const Index outputs = columns.outputs();
  columns.account_for_entries(loss_->seconds);
  double sum = 0.0;
  for (Index j = 0; j < columns.count(); ++j) {
    double* z = columns.column(j);
    const int label = targets.class_of(j);
    if (label < 0) {
      std::fill_n(z, outputs, 0.0);
      continue;
    }
    // w (l(z, y) + <e_y - T, z>), T the smoothed target: of softmax that is -w <T, log softmax(z)>
    const double w = weight(targets, j);
    sum += loss(columns, targets, j);
    for (Index i = 0; i < outputs && smoothing_ > 0.0; ++i)
      sum += w * moved(outputs, i, label) * z[i];
    loss_gradient(loss_, outputs, z, label, z);
    for (Index i = 0; i < outputs && smoothing_ > 0.0; ++i) z[i] += moved(outputs, i, label);
    scale_column(w, j, columns);
  }
  return sum;
}

void Classification::apply_curvature(const OutputColumns& z, const Targets& targets,
                                     OutputColumns& v) const {
  // Smoothed targets add a linear term to the loss, and nothing here.
  v.account_for_entries(loss_->seconds);
  for (Index j = 0; j < v.count(); ++j) {
    if (targets.class_of(j) < 0) {
      std::fill_n(v.column(j), v.outputs(), 0.0);
      continue;
    }
    loss_->curvature(v.outputs(), z.column(j), targets.class_of(j), v.column(j));
    scale_column(weight(targets, j), j, v);
  }
}

void Classification::draw_curvature(const OutputColumns& z, const Targets& targets,
                                    const CounterRandom& random, Index first,
                                    OutputColumns& v) const {
  if (loss_->draw_curvature == nullptr)
    return Objective::draw_curvature(z, targets, random, first, v);
  v.account_for_entries(loss_->seconds);
  for (Index j = 0; j < v.count(); ++j) {
    if (targets.class_of(j) < 0) {
      std::fill_n(v.column(j), v.outputs(), 0.0);
      continue;
    }
    loss_->draw_curvature(v.outputs(), z.column(j), targets.class_of(j),
                          random.uniform(0, first + v.global_column(j)), v.column(j));
    scale_column(std::sqrt(weight(targets, j)), j, v);
  }
}

void Classification::minimise_alike(const Targets& targets, double beta, Index first, Index last,
                                    OutputColumns& columns) const {
  double* z = columns.column(first);
  for (Index j = first; smoothing_ > 0.0 && j < last; ++j)
    for (Index i = 0; i < columns.outputs(); ++i)
      columns.column(j)[i] -= moved(columns.outputs(), i, targets.class_of(j)) / beta;
  minimise_output_z(loss_, columns.outputs(), last - first, z, columns.stride(),
                    targets.classes.data() + first, beta, z, columns.stride());
}

void Classification::minimise(const Targets& targets, double beta, OutputColumns& columns) const {
  constexpr Index kWorkAnEntry = 32;  // for softmax, the default
  columns.account_for_entries(loss_->seconds);
  in_parts(columns.count(), kWorkAnEntry * columns.count() * columns.outputs(),
           [&](Index first, Index last) {
             for (Index begin = first, end = first; begin < last; begin = end) {
               const double w = weight(targets, begin);
               while (end < last && weight(targets, end) == w) ++end;
               // argmin w l(z) + beta/2 |z - v|^2 = argmin l(z) + beta/(2 w) |z - v|^2
               if (!too_light_to_move(w, beta))
                 minimise_alike(targets, beta / w, begin, end, columns);
             }
           });
}

void Classification::code_targets(const Targets& targets, double shift,
                                  OutputColumns& columns) const {
  for (Index j = 0; j < columns.count(); ++j)
    for (Index i = 0; i < columns.outputs(); ++i)
      columns.column(j)[i] = target(columns.outputs(), i, targets.class_of(j)) -
                             moved(columns.outputs(), i, targets.class_of(j)) - shift;
}

bool Classification::in_subdifferential(const OutputColumns& columns, const Targets& targets,
                                        Index j, const double* s, double tolerance) const {
  const double w = weight(targets, j);
  if (w == 0.0)
    return std::all_of(s, s + columns.outputs(),
                       [=](double entry) { return std::abs(entry) <= tolerance; });
  std::vector<double> plain;  // s/w - (e_y - T)
  for (Index i = 0; i < columns.outputs(); ++i)
    plain.push_back(s[i] / w - moved(columns.outputs(), i, targets.class_of(j)));
  return in_loss_subdifferential(loss_, columns.outputs(), columns.column(j), targets.class_of(j),
                                 plain.data(), tolerance);
}

void Classification::add(const OutputColumns& columns, const Targets& targets,
                         MetricSums& sums) const {
  ADMMNET_REQUIRE(targets.count() == columns.count(),
                  "Classification: " + std::to_string(targets.count()) + " labels for " +
                      std::to_string(columns.count()) + " columns");
  for (Index j = 0; j < columns.count(); ++j) {
    const int label = targets.class_of(j);
    if (label < 0) continue;
    sums.loss += loss(columns, targets, j);
    const bool right = classify(columns.outputs(), columns.column(j)) == label;
    sums.score += right ? targets.weight(j) : 0.0;
    sums.samples += targets.weight(j);
  }
}

std::vector<std::string> Classification::value_names(const std::vector<std::string>& class_labels,
                                                     std::size_t outputs) const {
  if (outputs == 1) return {class_labels[1]};
  return outputs == 0 ? std::vector<std::string>() : class_labels;
}

std::string Classification::as_csv(const Prediction& prediction,
                                   const std::vector<std::string>& class_labels,
                                   const std::vector<int>& of_file, bool with_labels) const {
  std::vector<std::string> fields;
  for (const std::string& label : class_labels) fields.push_back(csv_field(label));
  const std::vector<double>& values = prediction.values;
  const std::size_t samples = prediction.classes.size();
  const std::size_t outputs = samples > 0 ? values.size() / samples : 0;
  const char* prefix = prediction.kind == PredictedValues::scores ? "s_" : "p_";
  std::string text = with_labels ? "sample,label,predicted" : "sample,predicted";
  for (const std::string& name : value_names(class_labels, outputs))
    text += "," + csv_field(prefix + name);
  text += "\n";
  std::size_t place = 0;
  for (std::size_t sample = 0; sample < samples; ++sample, ++place) {
    while (of_file[place] == kNotSelected) ++place;
    const int label = of_file[place];
    text += std::to_string(place) + ",";
    if (with_labels) text += (label < 0 ? "" : fields[static_cast<std::size_t>(label)]) + ",";
    text += fields[static_cast<std::size_t>(prediction.classes[sample])];
    for (std::size_t i = 0; i < outputs; ++i) text += number_field(values[sample * outputs + i]);
    text += "\n";
  }
  return text;
}

}  // namespace admmnet
