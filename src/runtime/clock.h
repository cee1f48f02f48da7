/// The program's clock.
#pragma once

namespace admmnet {

/// Seconds since this process started, by a clock that nobody sets back. The wall-clock limit
/// counts from here, so that loading, reading and initialising are part of it.
double seconds_since_start();

}  // namespace admmnet
