/// From one entry to many: makes the row of an activation of an object for single numbers, so that
/// each loop over entries is compiled for one activation alone.
#pragma once

#include <cmath>

#include "proximal/activation.h"

namespace admmnet {

/// The full objective of the hidden z problem, times two, at z with h(z) = h.
inline double hidden_objective(const HiddenPenalties& k, double a, double m, double z, double h) {
  return k.gamma * ((a - h) * (a - h)) + k.beta * ((z - m) * (z - m));
}

/// hidden_z_step for one entry by the definition. An activation with a closed form specialises it.
template <class H>
struct HiddenStepOf {
  H h;
  HiddenPenalties k;
  HiddenStepOf(const H& function, double ratio)
      : h(function), k{1.0 / (1.0 + ratio), ratio / (1.0 + ratio)} {}
  double operator()(double z, double delta) const { return h.minimiser(k, h(z) + delta, z) - z; }
};

namespace activation_loops {

template <auto make>
void activate(double slope, std::size_t n, const double* z, double* a) {
  const auto h = make(slope);
  for (std::size_t i = 0; i < n; ++i) a[i] = h(z[i]);
}

template <auto make>
void backpropagate(double slope, std::size_t n, const double* z, double* delta) {
  const auto h = make(slope);
  for (std::size_t i = 0; i < n; ++i) delta[i] *= h.derivative(z[i]);
}

template <auto make>
void minimise_hidden(double slope, const HiddenPenalties& penalties, std::size_t n, const double* a,
                     const double* m, double* z) {
  const auto h = make(slope);
  const HiddenPenalties k = penalties;
  for (std::size_t i = 0; i < n; ++i) z[i] = h.minimiser(k, a[i], m[i]);
}

template <auto make>
void hidden_step(double slope, double ratio, std::size_t n, const double* z, double* delta) {
  const auto h = make(slope);
  const HiddenStepOf<decltype(make(slope))> step(h, ratio);
  for (std::size_t i = 0; i < n; ++i) delta[i] = step(z[i], delta[i]);
}

}  // namespace activation_loops

/// The row of the activation that `make`, a function, gives for a slope: an object h with
///   double h(double z)
///   double h.minimiser(const HiddenPenalties& k, double a, double m)
///     argmin_z k.gamma (a - h(z))^2 + k.beta (z - m)^2; of equal minima the steepest piece of h.
/// NaN in, NaN out, for both.
template <auto make>
constexpr ActivationFunctions activation_row(const char* name) {
  return {name, activation_loops::activate<make>, activation_loops::backpropagate<make>,
          activation_loops::minimise_hidden<make>, activation_loops::hidden_step<make>};
}

/// The same without a hidden z step: h needs no minimiser.
template <auto make>
constexpr ActivationFunctions fixed_activation_row(const char* name) {
  return {name, activation_loops::activate<make>, activation_loops::backpropagate<make>, nullptr,
          nullptr};
}

}  // namespace admmnet
