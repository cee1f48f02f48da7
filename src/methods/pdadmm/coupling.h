/// What stands between a layer and the next one that takes part.
#pragma once

#include <cmath>

#include "network/network.h"

namespace admmnet {

/// The uniform grid of 2^bits numbers on [0, high] that p and q are rounded to (README.md §5).
struct Quantiser {
  Index bits = 0;     ///< 0: nothing is rounded
  double high = 0.0;  ///< > 0 where bits > 0

  double top() const { return std::ldexp(1.0, static_cast<int>(bits)) - 1.0; }  ///< largest code
  double step() const { return high / top(); }
  /// The integer nearest to x/step in [0, 2^bits - 1]. Halves are no rare accident (README.md §5):
  /// what is one to rounding goes to the even code, so that all grids of processes decide alike.
  /// NaN stays NaN.
  double code(double x) const {
    const double place = x / step(), below = std::floor(place);
    const bool half = std::abs(place - below - 0.5) < kSameNumber;
    const double nearest = half ? 2.0 * std::ceil(0.5 * below) : std::rint(place);
    return nearest < 0.0 ? 0.0 : nearest > top() ? top() : nearest;
  }
  double value(double code) const { return step() * code; }
  double operator()(double x) const { return bits == 0 ? x : value(code(x)); }
  static constexpr double kSameNumber = 1e-9;  ///< in steps
};

/// The split p = q behind hidden layer l, with its multiplier: q is the output of layer l, p the
/// input of the next layer, u the multiplier of p - q. Both layers see the three of them; only p
/// (forward) and q (back) would have to travel where they lie on different ranks, since each side
/// can update u by itself.
struct Coupling {
  /// All zero but the ones of p~. Collective.
  Coupling(const Network& network, int l, Index samples);

  BlockCyclicMatrix q;  ///< n_l x N
  BlockCyclicMatrix p;  ///< p~ = [p; 1], (n_l + 1) x N; without biases p
  BlockCyclicMatrix u;  ///< n_l x N
};

/// target := source in the leading rows that both have; layouts as those of samples. Not
/// collective.
void copy_leading_rows(const BlockCyclicMatrix& source, BlockCyclicMatrix& target);

}  // namespace admmnet
