/// How well a network does what it is for, as users read it.
#pragma once

#include <cstdio>
#include <string>

namespace admmnet {

/// What the numbers of a score are called and how they are written. Records hold them as numbers of
/// no unit; `in_unit` times that is what users read.
struct Score {
  const char* name;  ///< "accuracy": the columns train_accuracy, validation_accuracy, ...
  const char* unit;  ///< "%"
  double in_unit;
  bool larger_is_better;

  /// "97.80 %"
  std::string text(double value, int digits = 2) const {
    char buffer[48];
    std::snprintf(buffer, sizeof buffer, "%.*f %s", digits, in_unit * value, unit);
    return buffer;
  }
  /// Larger for the better of two values.
  double rank(double value) const { return larger_is_better ? value : -value; }
};

/// The share of samples whose class is found, 0 to 1.
inline constexpr Score accuracy_score{"accuracy", "%", 100.0, true};

}  // namespace admmnet
