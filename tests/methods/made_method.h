/// A training method as the program makes it: options resolved, then made on a grid.
#pragma once

#include <memory>

#include "methods/taylor/options.h"
#include "methods/taylor/taylor.h"
#include "runtime/timers.h"

namespace admmnet::test {

/// Made of resolved options.
inline std::unique_ptr<TrainingMethod> made(const Options& options, const Topology& topology,
                                            Index unit_block, const ProcessGrid& grid,
                                            const SampleSet& train, Timers& timers) {
  return taylor_method().make({topology, train.samples, 0, 0}, options,
                              {grid, unit_block, train, 0, timers});
}

inline Options resolved(Options options, const Topology& topology, Index samples) {
  taylor_method().resolve({topology, samples, 0, 0}, options);
  return options;
}

}  // namespace admmnet::test
