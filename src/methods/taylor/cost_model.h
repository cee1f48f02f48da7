/// What an iteration of the Taylor sweeps costs on a process grid: work and traffic by phase,
/// memory, checkpoint. Pure arithmetic, no MPI; see methods/operation_cost.h for what is counted
/// and how.
///
/// Flops are those of README.md §9, with widths that include the biases' ones, plus what the sweeps
/// do besides: the solves of each block, and the formation of the corrections. A panel's width is
/// rounded up, so that uneven panels are counted a little too large. Start and end of a run are not
/// included.
#pragma once

#include <string>
#include <vector>

#include "config/options.h"
#include "methods/operation_cost.h"
#include "network/network.h"

namespace admmnet {

struct ResyncParameters;

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
  CorrectionSide side = CorrectionSide::smaller;  ///< of the activation systems
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
/// Columns that meet the same weights: those of a block, or all.
Index columns_per_step(const ProblemSize& problem, const SweepShape& sweep);

/// Blocks between updates of the hidden layers' Gram matrices where the deck leaves it open: 2; on
/// layers of 1500 units and more 4 or 8 as long as forming and factoring these matrices takes more
/// than a fifth of an iteration, but two updates a pass at least. By flops, so that it is the same
/// on any machine and grid; 2, 4 and 8 learn alike (README.md §6.3). Takes blocks,
/// activation_solver and step_clip of the parameters.
Index economical_gram_every(const ProblemSize& problem, const ResyncParameters& parameters);

Cost predict(const ProblemSize& problem, const SweepShape& sweep, GridShape grid, Index unit_block,
             const MachineParameters& machine);

}  // namespace admmnet
