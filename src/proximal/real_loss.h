/// Losses of real targets, entry by entry: l(r; p) of the residual r = z - y, p a parameter.
///
///   squared              r^2/2
///   absolute             |r|
///   huber                r^2/2 where |r| <= p, else p |r| - p^2/2     (Huber, 1964)
///   pinball              p max(-r, 0) + (1 - p) max(r, 0)             (Koenker and Bassett, 1978)
///   epsilon_insensitive  max(|r| - p, 0)                              (Vapnik, 1995)
///
/// A leaf: plain functions of numbers.
#pragma once

namespace admmnet {

/// What the parameter p is. none: there is none, and p is ignored.
enum class LossParameter {
  none,
  threshold,  ///< huber: from where on the loss is linear, > 0
  quantile,   ///< pinball: the share of targets below the prediction, 0 < p < 1
  tube        ///< epsilon_insensitive: half the width of what costs nothing, >= 0
};

struct RealLoss {
  struct Interval {
    double low, high;
  };

  /// Whether few outliers move its minimiser little: targets are then standardised by median and
  /// deviation from it.
  bool robust;
  LossParameter parameter;
  /// l(r; p). NaN in r gives NaN.
  double (*value)(double r, double p);
  /// The subdifferential of l(.; p) at r: one number where l is smooth.
  Interval (*subdifferential)(double r, double p);
  /// argmin_s l(s; p) + beta/2 (s - r)^2, exactly: with z = y + s that of l(z - y; p) +
  /// beta/2 (z - v)^2 where r = v - y. beta > 0. NaN in r gives NaN.
  double (*minimiser)(double r, double p, double beta);
  /// The second derivative c of a parabola that touches l(.; p) at r and lies above it everywhere:
  ///   l(s) <= l(r) + l'(r) (s - r) + c/2 (s - r)^2
  /// 1 for squared and huber, 1/|t| for |t|, and losses with kinks are sums of |t| or |t|/2 and a
  /// line: iteratively reweighted least squares (Holland and Welsch, 1977). Nearer to a kink
  /// than 0.01 it is that of this distance, and lies above l from there on only.
  double (*curvature)(double r, double p);

  /// Whether p is a parameter of this loss.
  bool allows(double p) const {
    switch (parameter) {
      case LossParameter::none:
        return p == 0.0;
      case LossParameter::threshold:
        return p > 0.0 && p < largest;
      case LossParameter::quantile:
        return p > 0.0 && p < 1.0;
      case LossParameter::tube:
        return p >= 0.0 && p < largest;
    }
    return false;
  }
  static constexpr double largest = 1e300;

  /// An element of the subdifferential: the derivative, at a kink the middle.
  double slope(double r, double p) const {
    const Interval s = subdifferential(r, p);
    return 0.5 * (s.low + s.high);
  }
};

extern const RealLoss squared_error, absolute_error, huber_error, pinball_error, tube_error;

}  // namespace admmnet
