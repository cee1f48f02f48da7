#include "network/regression.h"

#include <algorithm>
#include <cmath>

#include "linalg/elementwise.h"
#include "network/csv_fields.h"
#include "network/forward.h"
#include "network/prediction.h"
#include "runtime/error.h"

namespace admmnet {

/// Of several quantiles errors are those of the one nearest to the median.
static Index central_output(const Loss& loss, const TargetCoding& coding) {
  if (loss->reals->parameter != LossParameter::quantile) return 0;
  const auto begin = coding.parameters.begin();
  return std::min_element(
             begin, begin + coding.outputs_of_target(),
             [](double p, double q) { return std::abs(p - 0.5) < std::abs(q - 0.5); }) -
         begin;
}

Regression::Regression(Loss loss, TargetCoding coding) : loss_(loss), coding_(std::move(coding)) {
  ADMMNET_REQUIRE(loss_->takes_reals(), "Regression: the loss is of classes");
  ADMMNET_REQUIRE(coding_.targets() > 0 && coding_.outputs_of_target() > 0,
                  "Regression: no targets");
  central_ = central_output(loss_, coding_);
}

double Regression::coded(const double* y, Index output) const {
  const auto t = static_cast<std::size_t>(target_of(output));
  return (y[t] - coding_.centre[t]) / coding_.scale[t];
}

double Regression::error(const double* z, const double* y, Index t) const {
  const Index output = t * coding_.outputs_of_target() + central_;
  return coding_.scale[static_cast<std::size_t>(t)] * (coded(y, output) - z[output]);
}

/// f(z_i, T_i, p_i, w) for the entries of all columns that have a target; the others become 0.
template <class F>
void Regression::for_each_entry(const Targets& targets, OutputColumns& columns, F&& f) const {
  columns.account_for_entries(loss_->seconds);
  for (Index j = 0; j < columns.count(); ++j) {
    double* z = columns.column(j);
    const double w = targets.weight(j);
    for (Index i = 0; i < columns.outputs(); ++i)
      z[i] = targets.given(j) ? f(z[i], coded(targets.reals_of(j), i), parameter(i), w) : 0.0;
  }
}

/// w sum_i l(z_i - T_i; p_i)
double Regression::loss(const OutputColumns& columns, const Targets& targets, Index j) const {
  const double* z = columns.column(j);
  const double* y = targets.reals_of(j);
  double sum = 0.0;
  for (Index i = 0; i < columns.outputs(); ++i)
    sum += loss_->reals->value(z[i] - coded(y, i), parameter(i));
  return targets.weight(j) * sum;
}

/// w l'(z_i - T_i; p_i)
double Regression::to_gradient(const Targets& targets, OutputColumns& columns) const {
  double sum = 0.0;
  const RealLoss& l = *loss_->reals;
  for_each_entry(targets, columns, [&](double z, double goal, double p, double w) {
    sum += w * l.value(z - goal, p);
    return w * l.slope(z - goal, p);
  });
  return sum;
}

/// v_i := w l''(z_i - T_i; p_i) v_i
void Regression::apply_curvature(const OutputColumns& z, const Targets& targets,
                                 OutputColumns& v) const {
  v.account_for_entries(loss_->seconds);
  for (Index j = 0; j < v.count(); ++j)
    for (Index i = 0; i < v.outputs(); ++i)
      v.column(j)[i] *= targets.given(j)
                            ? targets.weight(j) *
                                  loss_->reals->curvature(
                                      z.column(j)[i] - coded(targets.reals_of(j), i), parameter(i))
                            : 0.0;
}

/// z_i = T_i + argmin_s l(s; p_i) + beta/(2 w) (s - r)^2, r = v_i - T_i
void Regression::minimise(const Targets& targets, double beta, OutputColumns& columns) const {
  const RealLoss& l = *loss_->reals;
  for_each_entry(targets, columns, [&](double v, double goal, double p, double w) {
    return too_light_to_move(w, beta) ? v : goal + l.minimiser(v - goal, p, beta / w);
  });
}

void Regression::code_targets(const Targets& targets, double shift, OutputColumns& columns) const {
  for_each_entry(targets, columns,
                 [&](double, double goal, double, double) { return goal - shift; });
}

bool Regression::in_subdifferential(const OutputColumns& columns, const Targets& targets, Index j,
                                    const double* s, double tolerance) const {
  const RealLoss& l = *loss_->reals;
  const double w = targets.weight(j);
  for (Index i = 0; i < columns.outputs(); ++i) {
    const double r = columns.column(j)[i] - coded(targets.reals_of(j), i);
    // Within the tolerance on both sides of r, where a kink may be.
    const double low = w * l.subdifferential(r - tolerance, parameter(i)).low;
    const double high = w * l.subdifferential(r + tolerance, parameter(i)).high;
    if (!(s[i] >= low - tolerance && s[i] <= high + tolerance)) return false;
  }
  return true;
}

void Regression::add(const OutputColumns& columns, const Targets& targets, MetricSums& sums) const {
  ADMMNET_REQUIRE(targets.count() == columns.count(),
                  "Regression: " + std::to_string(targets.count()) + " targets for " +
                      std::to_string(columns.count()) + " columns");
  for (Index j = 0; j < columns.count(); ++j) {
    if (!targets.given(j)) continue;
    sums.loss += loss(columns, targets, j);
    double squares = 0.0;
    for (Index t = 0; t < coding_.targets(); ++t) {
      const double off = error(columns.column(j), targets.reals_of(j), t);
      squares += off * off;
    }
    sums.score += targets.weight(j) * squares / static_cast<double>(coding_.targets());
    sums.samples += targets.weight(j);
  }
}

/// Of each target the sums of w, of w times the squared error, of w (y - centre), and of its
/// square times w.
void Regression::add_errors(const OutputColumns& columns, const Targets& targets,
                            std::vector<double>& sums) const {
  sums.resize(static_cast<std::size_t>(4 * coding_.targets()), 0.0);
  for (Index j = 0; j < columns.count(); ++j) {
    if (!targets.given(j)) continue;
    for (Index t = 0; t < coding_.targets(); ++t) {
      const double* y = targets.reals_of(j);
      const double off = error(columns.column(j), y, t);
      const double from_centre = y[t] - coding_.centre[static_cast<std::size_t>(t)];
      const double w = targets.weight(j);
      double* sum = sums.data() + 4 * t;
      sum[0] += w;
      sum[1] += w * off * off;
      sum[2] += w * from_centre;
      sum[3] += w * from_centre * from_centre;
    }
  }
}

void Regression::to_predictions(OutputColumns& columns) const {
  for (Index j = 0; j < columns.count(); ++j)
    for (Index i = 0; i < columns.outputs(); ++i) {
      const auto t = static_cast<std::size_t>(target_of(i));
      columns.column(j)[i] = coding_.centre[t] + coding_.scale[t] * columns.column(j)[i];
    }
}

std::vector<std::string> Regression::value_names(const std::vector<std::string>&,
                                                 std::size_t outputs) const {
  std::vector<std::string> names;
  for (Index i = 0; i < static_cast<Index>(outputs); ++i) {
    names.push_back(coding_.names[static_cast<std::size_t>(target_of(i))]);
    if (coding_.outputs_of_target() > 1) names.back() += "_q" + short_number(parameter(i));
  }
  return names;
}

std::string Regression::as_csv(const Prediction& prediction, const std::vector<std::string>&,
                               const std::vector<int>& of_file, bool with_labels) const {
  const auto outputs = static_cast<Index>(coding_.parameters.size()), targets = coding_.targets();
  std::string text = "sample";
  for (Index t = 0; with_labels && t < targets; ++t)
    text += "," + csv_field("target_" + coding_.names[static_cast<std::size_t>(t)]);
  for (const std::string& name : value_names({}, coding_.parameters.size()))
    text += "," + csv_field("predicted_" + name);
  text += "\n";
  auto next = prediction.values.begin();
  auto goal = prediction.targets.begin();
  for (std::size_t sample = 0; sample < of_file.size(); ++sample) {
    if (of_file[sample] == kNotSelected) continue;
    text += std::to_string(sample);
    for (Index t = 0; with_labels && t < targets; ++t, ++goal)
      text += of_file[sample] < 0 ? "," : number_field(*goal);
    for (Index i = 0; i < outputs; ++i) text += number_field(*next++);
    text += "\n";
  }
  return text;
}

}  // namespace admmnet
