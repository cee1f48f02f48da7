#include "proximal/hidden_z.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "proximal/activation_functions.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// gamma and beta scaled to gamma + beta = 1, which leaves the minimiser as it is.
struct Penalties {
  double gamma, beta;
};

Penalties checked_penalties(double gamma, double beta) {
  const double sum = gamma + beta;
  if (!(gamma > 0.0 && beta > 0.0 && std::isfinite(sum)))
    throw InternalError("hidden z: gamma " + std::to_string(gamma) + " and beta " +
                        std::to_string(beta) + " must be positive");
  return {gamma / sum, beta / sum};
}

/// The full objective, times two, at z with h(z) = h.
inline double objective(const Penalties& k, double a, double m, double z, double h) {
  return k.gamma * ((a - h) * (a - h)) + k.beta * ((z - m) * (z - m));
}

// One candidate a piece of h. The steepest piece comes first and is left only for a smaller
// objective: it decides ties, and it is the one that is NaN whenever a or m is.

inline double minimiser(const Relu&, const Penalties& k, double a, double m) {
  const double active = std::max(k.gamma * a + k.beta * m, 0.0);
  const double inactive = std::min(m, 0.0);
  const double cost_active = objective(k, a, m, active, active);
  const double cost_inactive = objective(k, a, m, inactive, 0.0);
  return cost_inactive < cost_active ? inactive : active;
}

inline double minimiser(const LeakyRelu& h, const Penalties& k, double a, double m) {
  const double scale = 1.0 / (k.gamma * h.slope * h.slope + k.beta);
  const double steep = std::max(k.gamma * a + k.beta * m, 0.0);
  const double shallow = std::min((k.gamma * h.slope * a + k.beta * m) * scale, 0.0);
  const double cost_steep = objective(k, a, m, steep, steep);
  const double cost_shallow = objective(k, a, m, shallow, h.slope * shallow);
  return cost_shallow < cost_steep ? shallow : steep;
}

inline double minimiser(const Clip& h, const Penalties& k, double a, double m) {
  const double middle = h(k.gamma * a + k.beta * m);
  const double below = std::min(m, h.low);
  const double above = std::max(m, h.high);
  const double cost_middle = objective(k, a, m, middle, middle);
  const double cost_below = objective(k, a, m, below, h.low);
  const double cost_above = objective(k, a, m, above, h.high);
  const double inner = cost_below < cost_middle ? below : middle;
  const double cost_inner = cost_below < cost_middle ? cost_below : cost_middle;
  return cost_above < cost_inner ? above : inner;
}

/// hidden_z_step for one entry by the definition; relu has the closed form below.
template <class H>
struct Step {
  H h;
  Penalties k;
  Step(const H& function, double ratio)
      : h(function), k{1.0 / (1.0 + ratio), ratio / (1.0 + ratio)} {}
  double operator()(double z, double delta) const { return minimiser(h, k, h(z) + delta, z) - z; }
};

template <>
struct Step<Relu> {
  double c, r;
  Step(const Relu&, double ratio)
      : c(1.0 / (1.0 + ratio)), r(ratio * (1.0 + std::sqrt(1.0 + 1.0 / ratio))) {}
  double operator()(double z, double delta) const {
    const double active = std::max(c * delta, -z);
    const double crossing = c * (delta - z);
    const double inactive = delta <= -r * z ? 0.0 : crossing;  // NaN falls to `crossing`
    return z > 0.0 ? active : inactive;
  }
};

}  // namespace

double minimise_hidden_z(const Activation& h, double a, double m, double gamma, double beta) {
  const Penalties k = checked_penalties(gamma, beta);
  return with_activation(h, [=](auto function) { return minimiser(function, k, a, m); });
}

void minimise_hidden_z(const Activation& h, std::size_t n, const double* a, const double* m,
                       double gamma, double beta, double* z) {
  const Penalties k = checked_penalties(gamma, beta);
  with_activation(h, [=](auto function) {
    for (std::size_t i = 0; i < n; ++i) z[i] = minimiser(function, k, a[i], m[i]);
  });
}

void hidden_z_step(const Activation& h, std::size_t n, const double* z, double ratio,
                   double* delta) {
  if (!(ratio > 0.0 && std::isfinite(ratio)))
    throw InternalError("hidden z step: beta/gamma " + std::to_string(ratio) + " must be positive");
  with_activation(h, [=](auto function) {
    const Step<decltype(function)> step(function, ratio);
    for (std::size_t i = 0; i < n; ++i) delta[i] = step(z[i], delta[i]);
  });
}

}  // namespace admmnet
