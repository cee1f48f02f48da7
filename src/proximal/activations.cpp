/// The table of activations, and those made of straight pieces: one object for single numbers and
/// one row each. The others: smooth_activations.cpp.
///
/// The minimisers have one candidate a piece of h. The steepest piece comes first and is left only
/// for a smaller objective: it decides ties, and it is the one that is NaN whenever a or m is.
#include <algorithm>
#include <cmath>
#include <string>

#include "proximal/activation_row.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// max(z, 0)
struct Relu {
  double operator()(double z) const { return std::max(z, 0.0); }
  double derivative(double z) const { return z > 0.0 ? 1.0 : 0.0; }
  double minimiser(const HiddenPenalties& k, double a, double m) const {
    const double active = std::max(k.gamma * a + k.beta * m, 0.0);
    const double inactive = std::min(m, 0.0);
    const double cost_active = hidden_objective(k, a, m, active, active);
    const double cost_inactive = hidden_objective(k, a, m, inactive, 0.0);
    return cost_inactive < cost_active ? inactive : active;
  }
};

/// max(z, slope z), 0 < slope < 1
struct LeakyRelu {
  double slope;
  double operator()(double z) const {
    const double scaled = slope * z;
    return z < 0.0 ? scaled : z;
  }
  double derivative(double z) const { return z > 0.0 ? 1.0 : slope; }
  double minimiser(const HiddenPenalties& k, double a, double m) const {
    const double scale = 1.0 / (k.gamma * slope * slope + k.beta);
    const double steep = std::max(k.gamma * a + k.beta * m, 0.0);
    const double shallow = std::min((k.gamma * slope * a + k.beta * m) * scale, 0.0);
    const double cost_steep = hidden_objective(k, a, m, steep, steep);
    const double cost_shallow = hidden_objective(k, a, m, shallow, slope * shallow);
    return cost_shallow < cost_steep ? shallow : steep;
  }
};

/// clip(z, low, high)
struct Clip {
  double low, high;
  double operator()(double z) const { return std::min(std::max(z, low), high); }
  double derivative(double z) const { return z > low && z <= high ? 1.0 : 0.0; }
  double minimiser(const HiddenPenalties& k, double a, double m) const {
    const double middle = (*this)(k.gamma * a + k.beta * m);
    const double below = std::min(m, low);
    const double above = std::max(m, high);
    const double cost_middle = hidden_objective(k, a, m, middle, middle);
    const double cost_below = hidden_objective(k, a, m, below, low);
    const double cost_above = hidden_objective(k, a, m, above, high);
    const double inner = cost_below < cost_middle ? below : middle;
    const double cost_inner = cost_below < cost_middle ? cost_below : cost_middle;
    return cost_above < cost_inner ? above : inner;
  }
};

Relu relu(double) {
  return {};
}

LeakyRelu leaky_relu(double slope) {
  if (!(slope > 0.0 && slope < 1.0))
    throw InternalError("leaky_relu: slope " + std::to_string(slope) + " is not in (0, 1)");
  return {slope};
}

Clip hard_sigmoid(double) {
  return {0.0, 1.0};
}

Clip hard_tanh(double) {
  return {-1.0, 1.0};
}

}  // namespace

/// In closed form (hidden_z.h).
template <>
struct HiddenStepOf<Relu> {
  double c, r;
  HiddenStepOf(const Relu&, double ratio)
      : c(1.0 / (1.0 + ratio)), r(ratio * (1.0 + std::sqrt(1.0 + 1.0 / ratio))) {}
  double operator()(double z, double delta) const {
    const double active = std::max(c * delta, -z);
    const double crossing = c * (delta - z);
    const double inactive = delta <= -r * z ? 0.0 : crossing;  // NaN falls to `crossing`
    return z > 0.0 ? active : inactive;
  }
};

constexpr ActivationFunctions relu_activation = activation_row<relu>("relu");
constexpr ActivationFunctions leaky_relu_activation = activation_row<leaky_relu>("leaky_relu");
constexpr ActivationFunctions hard_sigmoid_activation =
    activation_row<hard_sigmoid>("hard_sigmoid");
constexpr ActivationFunctions hard_tanh_activation = activation_row<hard_tanh>("hard_tanh");

Table<ActivationFunctions>& activation_table() {
  static Table<ActivationFunctions> table{
      &relu_activation, &leaky_relu_activation, &hard_sigmoid_activation, &hard_tanh_activation,
      &tanh_activation, &sigmoid_activation,    &softplus_activation,     &cos_activation};
  return table;
}

}  // namespace admmnet
