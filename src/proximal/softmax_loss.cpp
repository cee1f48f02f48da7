/// log sum_j exp(z_j) - z_y, the cross-entropy.
#include <cmath>

#include "proximal/log_sum_exp.h"
#include "proximal/loss_parts.h"
#include "proximal/output_step.h"
#include "proximal/softmax_prox.h"

namespace admmnet {
namespace {

double value(Index outputs, const double* z, int label) {
  return log_sum_exp(outputs, z) - z[label];
}

/// s = softmax(z) - e_y
void gradient(Index outputs, const double* z, int label, double* s) {
  const double normaliser = log_sum_exp(outputs, z);
  for (Index j = 0; j < outputs; ++j)
    s[j] = std::exp(z[j] - normaliser) - target(outputs, j, label);
}

void minimise(const OutputStep& step) {
  step.minimise_with(SoftmaxProx(step.outputs, step.beta));
}

/// s = softmax(z) - e_y
bool in_subdifferential(Index outputs, const double* z, int label, const double* s,
                        double tolerance) {
  const double normaliser = log_sum_exp(outputs, z);
  for (Index j = 0; j < outputs; ++j) {
    const double gradient = std::exp(z[j] - normaliser) - target(outputs, j, label);
    if (!near(s[j], gradient, tolerance)) return false;
  }
  return true;
}

}  // namespace

constexpr LossFunctions softmax_loss{"softmax", true,     true,     3e-7,
                                     value,     gradient, minimise, in_subdifferential};

}  // namespace admmnet
