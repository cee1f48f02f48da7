/// Memory of the Taylor sweeps; a part of the cost model.
#pragma once

#include "methods/taylor/cost_model.h"

namespace admmnet {

/// Bytes of the rank that holds most: samples, state, workspaces, what linalg/ stages, and the
/// program.
double memory_bytes(const ProblemSize& problem, const SweepShape& sweep, GridShape grid,
                    Index unit_block);

/// Elements of the longest array that any rank holds or stages; they must stay below 2^31.
double longest_array(const ProblemSize& problem, const SweepShape& sweep, GridShape grid,
                     Index unit_block);

/// Payload of a checkpoint: the sweep's state and the best network.
double checkpoint_bytes(const ProblemSize& problem, const SweepShape& sweep);

}  // namespace admmnet
