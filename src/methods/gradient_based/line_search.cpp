#include "methods/gradient_based/line_search.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace admmnet {

static constexpr int kMostTrials = 20;
static constexpr double kDecrease = 1e-4, kExpand = 3.0;
static constexpr double kMargin = 0.1;  // of the bracket, which a trial keeps from its ends

/// The minimiser of the cubic through both points, within the bracket; its middle where there is
/// none.
static double interpolate(const LinePoint& low, const LinePoint& high) {
  const double width = high.t - low.t;
  const double d1 = low.slope + high.slope - 3.0 * (high.f - low.f) / width;
  const double root = d1 * d1 - low.slope * high.slope;
  const double d2 = std::copysign(std::sqrt(std::max(root, 0.0)), width);
  double share = 1.0 - (high.slope + d2 - d1) / (high.slope - low.slope + 2.0 * d2);
  if (!(root >= 0.0) || !std::isfinite(share)) share = 0.5;
  return low.t + width * std::clamp(share, kMargin, 1.0 - kMargin);
}

LinePoint search_line(const LinePoint& start, double first, double curvature,
                      const std::function<LinePoint(double t)>& trial) {
  LinePoint low = start;          // the lowest with the first condition
  std::optional<LinePoint> high;  // a minimum lies between low and high
  double t = first, last = 0.0;
  for (int i = 0; i < kMostTrials; ++i) {
    const LinePoint point = trial(t);
    last = t;
    if (!(point.f <= start.f + kDecrease * t * start.slope) || !(point.f < low.f)) {
      high = point;
    } else {
      if (std::abs(point.slope) <= curvature * std::abs(start.slope)) return point;
      // Beyond a minimum: it lies back towards the point before.
      if (high ? point.slope * (high->t - low.t) >= 0.0 : point.slope >= 0.0) high = low;
      low = point;
    }
    t = high ? interpolate(low, *high) : kExpand * t;
  }
  return last == low.t ? low : trial(low.t);
}

}  // namespace admmnet
