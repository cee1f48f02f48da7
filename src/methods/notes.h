/// What an iteration had to work around, as lines for the log.
#pragma once

#include <string>
#include <vector>

#include "linalg/diagonal_shift.h"

namespace admmnet {

using Notes = std::vector<std::string>;

/// A line for each fallback of a solver; none where it went as asked. `system`: what was solved.
void note_fallback(const FactorStatus& status, const std::string& system, Notes& notes);

}  // namespace admmnet
