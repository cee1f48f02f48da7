/// How far to go along a direction of descent.
#pragma once

#include <functional>

namespace admmnet {

/// f(W + t d) and its derivative by t.
struct LinePoint {
  double t, f, slope;
};

/// A t with
///   f(t) <= f(0) + 1e-4 t f'(0),   |f'(t)| <= curvature |f'(0)|          (strong Wolfe conditions)
/// by bracketing and cubic interpolation from `first` on (README.md §2). Where 20 trials find none,
/// as at kinks, the lowest point with the first condition; start itself (t = 0) where there is no
/// such point. The last trial is the point that is returned, so that what `trial` leaves behind
/// belongs to it. start.slope < 0.
LinePoint search_line(const LinePoint& start, double first, double curvature,
                      const std::function<LinePoint(double t)>& trial);

}  // namespace admmnet
