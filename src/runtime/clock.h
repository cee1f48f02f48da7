/// The program's clock.
#pragma once

#include <functional>

namespace admmnet {

/// Seconds by any clock: seconds_since_start, or one that a test sets.
using SecondsClock = std::function<double()>;

/// Seconds since this process started, by a clock that nobody sets back. The wall-clock limit
/// counts from here, so that loading, reading and initialising are part of it.
double seconds_since_start();

}  // namespace admmnet
