/// sum_i max(1 - z_i, 0) where the target is 1, max(z_i, 0) where it is 0.
#include <algorithm>

#include "proximal/loss_parts.h"
#include "proximal/output_step.h"

namespace admmnet {
namespace {

double value(Index outputs, const double* z, int label) {
  double sum = 0.0;
  for (Index i = 0; i < outputs; ++i)
    sum += std::max(target(outputs, i, label) == 1.0 ? 1.0 - z[i] : z[i], 0.0);
  return sum;
}

/// -1 where the target is 1 and z < 1, 1 where it is 0 and z > 0, else 0
void gradient(Index outputs, const double* z, int label, double* s) {
  for (Index i = 0; i < outputs; ++i) {
    const double wanted = target(outputs, i, label), off = wanted == 1.0 ? 1.0 - z[i] : z[i];
    s[i] = off > 0.0 ? 1.0 - 2.0 * wanted : 0.0 * off;  // NaN stays
  }
}

/// Target 1: max(v, min(1, v + 1/beta)); target 0: min(v, max(0, v - 1/beta)).
struct HingeProx {
  Index outputs;
  double step;  ///< 1/beta
  void minimise(const double* v, int label, double* z) const {
    for (Index i = 0; i < outputs; ++i)
      z[i] = target(outputs, i, label) == 1.0 ? towards_one(v[i]) : towards_zero(v[i]);
  }
  // The operand order of min and max lets NaN through.
  double towards_one(double v) const { return std::max(v, std::min(1.0, v + step)); }
  double towards_zero(double v) const { return std::min(v, std::max(0.0, v - step)); }
};

void minimise(const OutputStep& step) {
  step.minimise_with(HingeProx{step.outputs, 1.0 / step.beta});
}

/// s in the subdifferential of t -> max(t, 0)?
bool in_ramp_subdifferential(double t, double s, double tolerance) {
  const double low = t > tolerance ? 1.0 : 0.0;
  const double high = t < -tolerance ? 0.0 : 1.0;
  return !std::isnan(t) && within(s, low - tolerance, high + tolerance);
}

bool in_subdifferential(Index outputs, const double* z, int label, const double* s,
                        double tolerance) {
  for (Index i = 0; i < outputs; ++i) {
    const bool wanted = target(outputs, i, label) == 1.0;
    if (!in_ramp_subdifferential(wanted ? 1.0 - z[i] : z[i], wanted ? -s[i] : s[i], tolerance))
      return false;
  }
  return true;
}

}  // namespace

constexpr LossFunctions hinge_loss{"hinge", false,    false,    5e-8,
                                   value,   gradient, minimise, in_subdifferential};

}  // namespace admmnet
