/// Wright's omega function of a real number, for the scalar-root form of the softmax step.
#pragma once

namespace admmnet {

/// The w > 0 with w + ln w = x, within 10 units in the last place; 0 where w underflows, NaN for
/// NaN and for x = infinity. A starting value by range and two steps of the fourth-order iteration
/// of Fritsch, Shafer and Crowley (CACM 16 (1973) 123), as in Lawrence, Corless and Jeffrey, ACM
/// TOMS 38 (2012), algorithm 917. At most three logarithms or one exponential and two logarithms.
double wright_omega(double x);

}  // namespace admmnet
