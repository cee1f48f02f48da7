/// 1/2 |z - T|^2, T the coded targets.
#include "proximal/loss_parts.h"
#include "proximal/output_step.h"

namespace admmnet {
namespace {

double value(Index outputs, const double* z, int label) {
  double sum = 0.0;
  for (Index i = 0; i < outputs; ++i) {
    const double off = z[i] - target(outputs, i, label);
    sum += 0.5 * off * off;
  }
  return sum;
}

/// s = z - T
void gradient(Index outputs, const double* z, int label, double* s) {
  for (Index i = 0; i < outputs; ++i) s[i] = z[i] - target(outputs, i, label);
}

/// z = (T + beta v) / (1 + beta)
struct SquaredProx {
  Index outputs;
  double beta;
  void minimise(const double* v, int label, double* z) const {
    for (Index i = 0; i < outputs; ++i)
      z[i] = (target(outputs, i, label) + beta * v[i]) / (1.0 + beta);
  }
};

void minimise(const OutputStep& step) {
  step.minimise_with(SquaredProx{step.outputs, step.beta});
}

/// s = z - T
bool in_subdifferential(Index outputs, const double* z, int label, const double* s,
                        double tolerance) {
  for (Index i = 0; i < outputs; ++i)
    if (!near(s[i], z[i] - target(outputs, i, label), tolerance)) return false;
  return true;
}

/// H = I
void curvature(Index, const double*, int, double*) {}

}  // namespace

constexpr LossFunctions squared_loss{"squared",      false,    false,    5e-8,
                                     value,          gradient, minimise, in_subdifferential,
                                     &squared_error, curvature};

}  // namespace admmnet
