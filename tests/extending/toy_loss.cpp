// A loss and an activation added from outside: src/proximal/README.md walks through this file.
#include <algorithm>
#include <cmath>

#include "proximal/activation_row.h"
#include "proximal/output_step.h"

namespace {

using namespace admmnet;

// ---- the loss: sum_i |z_i - T_i|, T the coded targets ----

double value(Index outputs, const double* z, int label) {
  double sum = 0.0;
  for (Index i = 0; i < outputs; ++i) sum += std::abs(z[i] - target(outputs, i, label));
  return sum;
}

/// s = sign(z - T)
void gradient(Index outputs, const double* z, int label, double* s) {
  for (Index i = 0; i < outputs; ++i) s[i] = std::copysign(1.0, z[i] - target(outputs, i, label));
}

/// z = T + sign(r) max(|r| - 1/beta, 0), r = v - T
struct DistanceProx {
  Index outputs;
  double step;  ///< 1/beta
  void minimise(const double* v, int label, double* z) const {
    for (Index i = 0; i < outputs; ++i) {
      const double goal = target(outputs, i, label), r = v[i] - goal;
      z[i] = goal + std::copysign(std::max(std::abs(r) - step, 0.0), r);
    }
  }
};

void minimise(const OutputStep& step) {
  step.minimise_with(DistanceProx{step.outputs, 1.0 / step.beta});
}

/// s_i = sign(z_i - T_i), anything in [-1, 1] where they are equal.
bool in_subdifferential(Index outputs, const double* z, int label, const double* s,
                        double tolerance) {
  for (Index i = 0; i < outputs; ++i) {
    const double r = z[i] - target(outputs, i, label);
    const double low = r > tolerance ? 1.0 : -1.0, high = r < -tolerance ? -1.0 : 1.0;
    if (!(s[i] >= low - tolerance && s[i] <= high + tolerance)) return false;
  }
  return true;
}

constexpr LossFunctions distance{"distance", false,    false,    5e-8,
                                 value,      gradient, minimise, in_subdifferential};
[[maybe_unused]] const bool loss_added = loss_table().add(distance);

// ---- the activation: |z| ----

struct Fold {
  double operator()(double z) const { return std::abs(z); }
  double derivative(double z) const { return z > 0.0 ? 1.0 : -1.0; }
  double minimiser(const HiddenPenalties& k, double a, double m) const {
    const double right = std::max(k.beta * m + k.gamma * a, 0.0);
    const double left = std::min(k.beta * m - k.gamma * a, 0.0);
    const double cost_right = hidden_objective(k, a, m, right, right);
    const double cost_left = hidden_objective(k, a, m, left, -left);
    return cost_left < cost_right ? left : right;
  }
};

Fold make_fold(double) {
  return {};
}

constexpr ActivationFunctions fold = activation_row<make_fold>("fold");
[[maybe_unused]] const bool activation_added = activation_table().add(fold);

}  // namespace
