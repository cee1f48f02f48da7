#include "methods/taylor/taylor.h"

#include "methods/taylor/block_sweep.h"
#include "methods/taylor/full_batch_sweep.h"
#include "methods/taylor/printed_sweep.h"

namespace admmnet {

TaylorMethod make_taylor(const Options& options, const Topology& topology, Index unit_block,
                         const ProcessGrid& grid, const SampleSet& train, Timers& timers) {
  if (options.admm.sweep == Sweep::printed) {
    const PrintedParameters parameters = printed_parameters(options, topology, train.samples);
    return {std::make_unique<PrintedSweep>(topology, unit_block, grid, train, parameters, timers),
            describe(parameters)};
  }
  const ResyncParameters parameters = resync_parameters(options, topology, train.samples);
  if (parameters.blocks == 1)
    return {std::make_unique<FullBatchSweep>(topology, unit_block, grid, train, parameters, timers),
            describe(parameters)};
  return {std::make_unique<BlockSweep>(topology, unit_block, grid, train, parameters, timers),
          describe(parameters)};
}

}  // namespace admmnet
