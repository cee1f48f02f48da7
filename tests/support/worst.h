/// The largest of many deviations, for one check at the end of a loop.
#pragma once

#include <cmath>
#include <ostream>
#include <sstream>
#include <string>

namespace admmnet::test {

/// worst.add(deviation, "a", a, "m", m) in the loop, CHECK(worst <= tolerance) behind it.
///
/// A deviation that is NaN or infinite sticks and fails, where std::max(worst, NaN) would go on
/// with `worst`; and a Worst that was given nothing fails: no loop passes by computing NaN or
/// nothing. A check that fails prints the deviation and where it was. It knows its own rank only:
/// REQUIRE_ALL agrees on all.
class Worst {
 public:
  template <class... Where>
  void add(double deviation, const Where&... where) {
    const bool worse = !std::isfinite(deviation) || deviation > deviation_;
    if (given_++ > 0 && (!std::isfinite(deviation_) || !worse)) return;
    deviation_ = deviation;
    std::ostringstream text;
    ((text << ' ' << where), ...);
    where_ = text.str();
  }

  double value() const { return deviation_; }

  friend bool operator<=(const Worst& worst, double tolerance) {
    return worst.given_ > 0 && std::isfinite(worst.deviation_) && worst.deviation_ <= tolerance;
  }
  friend std::ostream& operator<<(std::ostream& stream, const Worst& worst) {
    if (worst.given_ == 0) return stream << "nothing was compared";
    stream << worst.deviation_;
    return worst.where_.empty() ? stream : stream << " at" << worst.where_;
  }

 private:
  double deviation_ = 0.0;
  long given_ = 0;
  std::string where_;
};

}  // namespace admmnet::test
