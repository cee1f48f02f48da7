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
  /// Whether not the score but the loss says which iterate is better.
  bool ranked_by_loss = false;
  bool is_root = false;  ///< of the mean over samples, of squares

  /// "97.80 %", or without a unit "0.0123457"
  std::string text(double value, int digits = 2) const {
    char buffer[48];
    if (*unit == '\0')
      std::snprintf(buffer, sizeof buffer, "%.6g", in_unit * value);
    else
      std::snprintf(buffer, sizeof buffer, "%.*f %s", digits, in_unit * value, unit);
    return buffer;
  }
  /// Larger for the better of two results.
  double rank(double value, double loss) const {
    return ranked_by_loss ? -loss : larger_is_better ? value : -value;
  }
};

/// The share of samples whose class is found, 0 to 1.
inline constexpr Score accuracy_score{"accuracy", "%", 100.0, true};
/// The root of the mean square error of real targets, in their units.
inline constexpr Score rmse_score{"rmse", "", 1.0, false, true, true};

}  // namespace admmnet
