/// Combinations of values that cannot work, found without looking at data. Used by parse.cpp only.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/options.h"
#include "config/parse.h"

namespace admmnet {

/// A line "-key: ..." for every contradiction in `options`, every key missing for `command`, and a
/// grid that does not fit `ranks` (0: unknown). A check that looks at a key of `bad_keys`, whose
/// value could not be read, is left out.
std::vector<std::string> contradictions(const Options& options, std::optional<Command> command,
                                        int ranks, const std::set<std::string>& bad_keys);

}  // namespace admmnet
