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

/// H = diag(p) - p p^T,  p = softmax(z):  v_i := p_i (v_i - sum_j p_j v_j)
void curvature(Index outputs, const double* z, int /*label*/, double* v) {
  const double normaliser = log_sum_exp(outputs, z);
  const auto p = [=](Index i) { return std::exp(z[i] - normaliser); };
  double mean = 0.0;
  for (Index i = 0; i < outputs; ++i) mean += p(i) * v[i];
  for (Index i = 0; i < outputs; ++i) v[i] = p(i) * (v[i] - mean);
}

/// v = p - e_k,  k drawn with the probabilities p: the covariance of e_k is H.
void draw_curvature(Index outputs, const double* z, int /*label*/, double u, double* v) {
  const double normaliser = log_sum_exp(outputs, z);
  Index drawn = outputs - 1;
  double below = 0.0;  // p_0 + ... + p_i
  for (Index i = 0; i < outputs; ++i) {
    v[i] = std::exp(z[i] - normaliser);
    if (below <= u && u < below + v[i]) drawn = i;
    below += v[i];
  }
  v[drawn] -= 1.0;
}

}  // namespace

constexpr LossFunctions softmax_loss{"softmax", true,      true,          3e-7,
                                     value,     gradient,  minimise,      in_subdifferential,
                                     nullptr,   curvature, draw_curvature};

}  // namespace admmnet
