/// What several losses are made of.
#pragma once

#include <cmath>

#include "runtime/types.h"

namespace admmnet {

/// 1 - [j=y], Crammer and Singer's margin.
inline double margin(Index j, int label) {
  return j == label ? 0.0 : 1.0;
}

/// The largest of f(0), ..., f(count - 1); NaN if any of them is.
template <class Function>
double largest_of(Index count, Function f) {
  double largest = f(0);
  for (Index j = 1; j < count; ++j) {
    const double value = f(j);
    if (value > largest || std::isnan(value)) largest = value;
  }
  return largest;
}

/// A bound and its test, written so that NaN fails.
inline bool within(double value, double low, double high) {
  return value >= low && value <= high;
}
inline bool near(double value, double wanted, double tolerance) {
  return std::abs(value - wanted) <= tolerance;
}

}  // namespace admmnet
