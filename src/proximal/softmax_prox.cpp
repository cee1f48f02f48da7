#include "proximal/softmax_prox.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "proximal/wright_omega.h"

namespace admmnet {
namespace {

constexpr double newton_from_beta = 1e-2;
constexpr int max_newton_steps = 40;
constexpr int max_halvings = 30;
constexpr int max_root_steps = 200;  // about ln(outputs) + 10 are needed
/// A step this small leaves an error of its square: it is the last.
constexpr double last_step = 1e-8;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

}  // namespace

SoftmaxProx::SoftmaxProx(Index outputs, double beta)
    : outputs_(static_cast<std::size_t>(outputs)),
      beta_(beta),
      d_(outputs_),
      trial_(outputs_),
      step_(outputs_),
      p_(outputs_) {}

void SoftmaxProx::minimise(const double* v, int label, double* z) {
  if (beta_ < newton_from_beta || !minimise_by_newton(v, label, z)) minimise_by_root(v, label, z);
}

/// The objective at z = v + trial_; leaves softmax(z) in p_.
double SoftmaxProx::objective_at_trial(const double* v, int label) {
  double largest = v[0] + trial_[0];
  for (std::size_t i = 1; i < outputs_; ++i) largest = std::max(largest, v[i] + trial_[i]);
  double sum = 0.0, square = 0.0;
  for (std::size_t i = 0; i < outputs_; ++i) {
    p_[i] = std::exp(v[i] + trial_[i] - largest);
    sum += p_[i];
    square += trial_[i] * trial_[i];
  }
  for (std::size_t i = 0; i < outputs_; ++i) p_[i] /= sum;
  return std::log(sum) + largest - (v[label] + trial_[label]) + 0.5 * beta_ * square;
}

/// step_ = -(diag(beta + p) - p p')^-1 g with g = beta d + p - e_y; returns g' step_, negative.
double SoftmaxProx::newton_step(int label) {
  double p_d_g = 0.0, denominator = 0.0;
  for (std::size_t i = 0; i < outputs_; ++i) {
    const double gradient = beta_ * d_[i] + p_[i] - (static_cast<int>(i) == label ? 1.0 : 0.0);
    const double share = p_[i] / (beta_ + p_[i]);
    step_[i] = gradient;
    p_d_g += share * gradient;
    denominator += beta_ * share;  // 1 - sum p^2 / (beta + p), without its cancellation
  }
  const double common = p_d_g / denominator;
  double slope = 0.0;
  for (std::size_t i = 0; i < outputs_; ++i) {
    const double gradient = step_[i];
    step_[i] = -(gradient + p_[i] * common) / (beta_ + p_[i]);
    slope += gradient * step_[i];
  }
  return slope;
}

bool SoftmaxProx::minimise_by_newton(const double* v, int label, double* z) {
  std::fill(d_.begin(), d_.end(), 0.0);
  std::fill(trial_.begin(), trial_.end(), 0.0);
  double value = objective_at_trial(v, label);
  for (int iteration = 0; iteration < max_newton_steps; ++iteration) {
    const double slope = newton_step(label);
    double size = 0.0;
    for (const double x : step_) size = std::max(size, std::abs(x));
    if (size <= last_step) {
      for (std::size_t i = 0; i < outputs_; ++i) z[i] = v[i] + d_[i] + step_[i];
      return true;
    }
    const double rounding = 8.0 * epsilon * (1.0 + std::abs(value) + std::abs(v[label]));
    double fraction = 1.0;
    for (int halving = 0;; ++halving, fraction *= 0.5) {
      if (halving == max_halvings) return false;
      for (std::size_t i = 0; i < outputs_; ++i) trial_[i] = d_[i] + fraction * step_[i];
      const double next = objective_at_trial(v, label);
      if (next <= value + 1e-4 * fraction * slope + rounding) {
        value = next;
        break;
      }
    }
    d_.swap(trial_);
  }
  return false;
}

/// F(s) with the sign and scale of the header's, v measured from its largest entry (in d_); the w_j
/// go to trial_, -F'(s) to *slope.
double SoftmaxProx::root_residual(double s, int label, double* slope) {
  const double log_beta = std::log(beta_);
  double sum = 0.0;
  *slope = 0.0;
  for (std::size_t j = 0; j < outputs_; ++j) {
    if (static_cast<int>(j) == label) continue;
    const double w = wright_omega(d_[j] - s - log_beta);
    trial_[j] = w;
    sum += w;
    *slope += w / (1.0 + w);
  }
  const double distance = s - d_[label];
  const double w_label = wright_omega(1.0 / beta_ - distance - log_beta);
  *slope += w_label / (1.0 + w_label);
  double q = std::max(0.0, 1.0 - beta_ * w_label);
  // 1 - p_y has lost digits where p_y is near 1; one Newton step on its own equation restores them.
  if (q < 0.5) q -= (q / beta_ - std::log1p(-q) - distance) / (1.0 / beta_ + 1.0 / (1.0 - q));
  return sum - q / beta_;
}

void SoftmaxProx::minimise_by_root(const double* v, int label, double* z) {
  const double largest = *std::max_element(v, v + outputs_);
  double s = v[label] - largest;
  for (std::size_t j = 0; j < outputs_; ++j) {
    d_[j] = v[j] - largest;
    if (static_cast<int>(j) != label) s = std::max(s, d_[j] - 1.0 / beta_);
  }

  double step = 0.0;
  for (int iteration = 0; iteration < max_root_steps; ++iteration) {
    double slope = 0.0;
    const double residual = root_residual(s, label, &slope);
    step = residual / slope;
    // A residual that is not positive is rounding: in exact arithmetic s stays left of the root.
    if (!(step > last_step)) break;
    s += step;
  }

  // The last step is taken to first order in w, dw/ds = -w/(1 + w), instead of evaluating again.
  double moved = 0.0;
  for (std::size_t j = 0; j < outputs_; ++j) {
    if (static_cast<int>(j) == label) continue;
    const double w = trial_[j] - step * (trial_[j] / (1.0 + trial_[j]));
    moved += w;
    z[j] = v[j] - w;
  }
  z[label] = v[label] + moved;  // z and v have the same sum, because p and e_y have
}

}  // namespace admmnet
