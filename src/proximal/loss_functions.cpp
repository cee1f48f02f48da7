#include "proximal/loss_functions.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/error.h"

namespace admmnet {
namespace {

/// 1 - [j=y], Crammer and Singer's margin.
double margin(Index j, int label) {
  return j == label ? 0.0 : 1.0;
}

/// The largest of f(0), ..., f(count - 1); NaN if any of them is.
template <class Function>
double largest_of(Index count, Function f) {
  double largest = f(0);
  for (Index j = 1; j < count; ++j) {
    const double value = f(j);
    if (value > largest || std::isnan(value)) largest = value;
  }
  return largest;
}

double log_sum_exp(Index outputs, const double* z) {
  const double largest = largest_of(outputs, [z](Index j) { return z[j]; });
  double sum = 0.0;
  for (Index j = 0; j < outputs; ++j) sum += std::exp(z[j] - largest);
  return largest + std::log(sum);
}

/// A bound and its test, written so that NaN fails.
bool within(double value, double low, double high) {
  return value >= low && value <= high;
}
bool near(double value, double wanted, double tolerance) {
  return std::abs(value - wanted) <= tolerance;
}

/// s in the subdifferential of t -> max(t, 0)?
bool in_ramp_subdifferential(double t, double s, double tolerance) {
  const double low = t > tolerance ? 1.0 : 0.0;
  const double high = t < -tolerance ? 0.0 : 1.0;
  return !std::isnan(t) && within(s, low - tolerance, high + tolerance);
}

bool in_multiclass_subdifferential(Index outputs, const double* z, int label, const double* s,
                                   double tolerance) {
  const double largest = largest_of(outputs, [=](Index j) { return margin(j, label) + z[j]; });
  if (std::isnan(largest)) return false;
  double sum = 0.0;
  for (Index j = 0; j < outputs; ++j) {
    const double p = s[j] + 1.0 - margin(j, label);
    // Both the largest entry and this one may be off by the tolerance.
    const bool active = margin(j, label) + z[j] >= largest - 2.0 * tolerance;
    if (!within(p, -tolerance, (active ? 1.0 : 0.0) + tolerance)) return false;
    sum += p;
  }
  return near(sum, 1.0, static_cast<double>(outputs) * tolerance);
}

bool in_softmax_subdifferential(Index outputs, const double* z, int label, const double* s,
                                double tolerance) {
  const double normaliser = log_sum_exp(outputs, z);
  for (Index j = 0; j < outputs; ++j) {
    const double gradient = std::exp(z[j] - normaliser) - target(outputs, j, label);
    if (!near(s[j], gradient, tolerance)) return false;
  }
  return true;
}

}  // namespace

void check_loss_arguments(Loss loss, Index outputs, int label) {
  const bool couples = loss == Loss::multiclass_hinge || loss == Loss::softmax;
  if (outputs < (couples ? 2 : 1))
    throw InternalError("loss: " + std::to_string(outputs) +
                        " outputs; multiclass_hinge and softmax need 2, the others 1");
  const Index classes = std::max<Index>(outputs, 2);
  if (label < 0 || label >= classes)
    throw InternalError("loss: label " + std::to_string(label) +
                        " is not one of the classes 0 to " + std::to_string(classes - 1));
}

double loss_value(Loss loss, Index outputs, const double* z, int label) {
  check_loss_arguments(loss, outputs, label);
  double sum = 0.0;
  switch (loss) {
    case Loss::squared:
      for (Index i = 0; i < outputs; ++i) {
        const double off = z[i] - target(outputs, i, label);
        sum += 0.5 * off * off;
      }
      return sum;
    case Loss::hinge:
      for (Index i = 0; i < outputs; ++i)
        sum += std::max(target(outputs, i, label) == 1.0 ? 1.0 - z[i] : z[i], 0.0);
      return sum;
    case Loss::multiclass_hinge:
      return largest_of(outputs, [=](Index j) { return margin(j, label) + z[j]; }) - z[label];
    case Loss::softmax:
      return log_sum_exp(outputs, z) - z[label];
  }
  throw InternalError("loss " + std::to_string(static_cast<int>(loss)) + " is unknown");
}

int classify(Loss, Index outputs, const double* z) {
  if (outputs == 1) return z[0] >= 0.5 ? 1 : 0;
  return static_cast<int>(std::max_element(z, z + outputs) - z);
}

bool in_loss_subdifferential(Loss loss, Index outputs, const double* z, int label, const double* s,
                             double tolerance) {
  check_loss_arguments(loss, outputs, label);
  switch (loss) {
    case Loss::squared:
      for (Index i = 0; i < outputs; ++i)
        if (!near(s[i], z[i] - target(outputs, i, label), tolerance)) return false;
      return true;
    case Loss::hinge:
      for (Index i = 0; i < outputs; ++i) {
        const bool wanted = target(outputs, i, label) == 1.0;
        if (!in_ramp_subdifferential(wanted ? 1.0 - z[i] : z[i], wanted ? -s[i] : s[i], tolerance))
          return false;
      }
      return true;
    case Loss::multiclass_hinge:
      return in_multiclass_subdifferential(outputs, z, label, s, tolerance);
    case Loss::softmax:
      return in_softmax_subdifferential(outputs, z, label, s, tolerance);
  }
  throw InternalError("loss " + std::to_string(static_cast<int>(loss)) + " is unknown");
}

}  // namespace admmnet
