/// methods/taylor/: ADMM of Taylor et al. (2016) as printed, and its re-synchronised sweeps that
/// learn.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "methods/method.h"
#include "runtime/timers.h"

namespace admmnet {

struct TaylorMethod {
  std::unique_ptr<TrainingMethod> method;
  std::vector<std::pair<std::string, std::string>> description;  ///< for the log
};

/// The sweep that the options ask for. Throws BadInput for lists of the wrong length. Collective.
TaylorMethod make_taylor(const Options& options, const Topology& topology, Index unit_block,
                         const ProcessGrid& grid, const SampleSet& train, Timers& timers);

}  // namespace admmnet
