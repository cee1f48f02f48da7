#include "runtime/clock.h"

#include <chrono>

namespace admmnet {

// Initialised before main.
static const std::chrono::steady_clock::time_point program_start = std::chrono::steady_clock::now();

double seconds_since_start() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - program_start).count();
}

}  // namespace admmnet
