/// What an iteration of the Taylor sweeps costs on a process grid: work and traffic by phase,
/// memory, checkpoint. Pure arithmetic, no MPI; see methods/operation_cost.h for what is counted
/// and how.
///
/// Flops are accuracy study Part III (g)'s, with widths that include the biases' ones, plus what
/// the sweeps do besides: the solves of each block, and the formation of the corrections. A panel's
/// width is rounded up, so that uneven panels are counted a little too large. Start and end of a
/// run are not included.
#pragma once

#include <string>
#include <vector>

#include "config/options.h"
#include "methods/operation_cost.h"
#include "network/network.h"

namespace admmnet {

struct ProblemSize {
  Topology topology;
  Index samples = 0;     ///< training
  Index validation = 0;  ///< looked at after every iteration
  Index test = 0;        ///< in memory only
};

/// What of the options the cost depends on.
struct SweepShape {
  Sweep sweep = Sweep::resync;
  bool full_batch = false;   ///< resync with one block
  Index panels = 1;          ///< blocks, or panels of a pass over all samples on one process column
  Index gram_every = 1;      ///< blocks between updates of the hidden Gram matrices
  bool keep_forward = true;  ///< full batch: the hidden z of all samples is kept
  bool clip = false;         ///< the length of weight steps is limited
  bool units_side = false;   ///< activation systems factored on the units' side always
};
SweepShape sweep_shape(const Options& options, const Topology& topology, Index samples);

/// The phases are those that the sweeps time, and the evaluation of the validation samples.
struct PhaseCost {
  std::string name;
  Work work;
};

struct Cost {
  std::vector<PhaseCost> phases;  ///< of one iteration
  Work total;                     ///< their sum
  double memory_bytes = 0.0;      ///< of the rank that needs most, at its peak
  double checkpoint_bytes = 0.0;
  double longest_array = 0.0;  ///< elements of the longest array of any rank
};

/// How many panels a pass has on a grid, and the columns of one, rounded up.
Index panel_count(const SweepShape& sweep, GridShape grid);
Index panel_width(const ProblemSize& problem, const SweepShape& sweep, GridShape grid);

Cost predict(const ProblemSize& problem, const SweepShape& sweep, GridShape grid, Index unit_block,
             const MachineParameters& machine);

}  // namespace admmnet
