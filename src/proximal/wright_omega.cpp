#include "proximal/wright_omega.h"

#include <cmath>

namespace admmnet {
namespace {

/// Series at -infinity in e^x: relative error 125/24 e^4x.
double series_below(double x) {
  const double t = std::exp(x);
  return t * (1.0 - t * (1.0 - t * (1.5 - t * (8.0 / 3.0))));
}

double starting_value(double x) {
  if (x < -1.5) return series_below(x);
  if (x < 4.0) {  // Taylor series at x = 1, where omega = 1
    const double t = x - 1.0;
    return 1.0 + t * (1.0 / 2.0 + t * (1.0 / 16.0 + t * (-1.0 / 192.0 + t * (-1.0 / 3072.0))));
  }
  const double log_x = std::log(x);  // series at +infinity
  return x - log_x + log_x / x * (1.0 + (0.5 * log_x - 1.0) / x);
}

}  // namespace

double wright_omega(double x) {
  if (x < -10.0) return series_below(x);  // exact to rounding, which the iteration would not be
  double w = starting_value(x);
  for (int step = 0; step < 2; ++step) {
    const double residual = x - w - std::log(w);
    const double newton = residual / (1.0 + w);
    const double t = 1.0 + w + residual * (2.0 / 3.0);
    w *= 1.0 + newton * (t - 0.5 * newton) / (t - newton);
  }
  return w;
}

}  // namespace admmnet
