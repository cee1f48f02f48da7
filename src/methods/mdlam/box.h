/// The box between activations and what they are made of: h(z) - eps <= a <= h(z) + eps.
#pragma once

#include <string>

#include "proximal/activation.h"

namespace admmnet {

/// Of a monotone h and a half width eps > 0. Which z are in the box of an a:
///   {z: |h(z) - a| <= eps} = [lower(a), upper(a)]
/// Where it is empty, since a is farther than eps outside of the range of h, the bounds are those
/// of a neighbour (README.md §3.3).
class Box {
 public:
  /// Throws BadInput for an activation whose inverse is not known here.
  Box(const Activation& h, double epsilon);

  static bool knows(const ActivationKind& kind);
  static std::string known();  ///< "relu, leaky_relu, ..."

  double lower(double a) const {
    const double t = a - epsilon_;
    return t <= low_ + rounding_ ? -infinite_ : inverse_(slope_, t < high_edge_ ? t : high_edge_);
  }
  double upper(double a) const {
    const double t = a + epsilon_;
    return t >= high_ - rounding_ ? infinite_ : inverse_(slope_, t > low_edge_ ? t : low_edge_);
  }
  double epsilon() const { return epsilon_; }

 private:
  double epsilon_, slope_, infinite_;
  /// An activation at the edge of the box of a flat piece of h has no bound of z on that side, and
  /// must not get one by rounding.
  double rounding_;
  double low_, high_;            // the range of h
  double low_edge_, high_edge_;  // of what is inverted
  double (*inverse_)(double slope, double t);
};

/// x clipped to [low, high], low <= high; NaN stays NaN.
inline double clipped(double x, double low, double high) {
  return x < low ? low : (x > high ? high : x);
}

}  // namespace admmnet
