/// Before a run: which process grid, and what the run will need.
#pragma once

#include <string>

#include "methods/taylor/grid_choice.h"

namespace admmnet {

struct Plan {
  int rows = 1,
      cols = 1;  ///< of the process grid; ranks beyond rows * cols have no part in the run
  Index unit_block = 64;
  std::string text;  ///< one line: the grid and why, memory and work of a pass
  ProblemSize problem;
  SweepShape sweep;
  MachineParameters machine;
  GridChoice choice;
  int ranks = 1;         ///< that were there to use
  std::string refusal;   ///< why no grid will do, and the remedy; empty: one does
  Index iterations = 0;  ///< asked for
};

std::string sweep_name(const SweepShape& sweep);

/// The cheapest grid that fits, or the one that the options fix. memory: bytes that a rank may use,
/// 0: unknown; -plan_memory goes before. Throws BadInput with the remedy when -grid_rows does not
/// fit the ranks, when no grid fits the memory, or when one rank would hold an array of more than
/// 2^31 - 1 elements. Not collective: the same arguments give the same plan on every rank.
Plan make_plan(const Options& options, const Topology& topology, Index train, Index validation,
               Index test, int ranks, double memory);

/// The same, but a problem that does not fit is no error: it is what Plan::refusal says. Throws
/// BadInput for -grid_rows only.
Plan consider_plan(const Options& options, const Topology& topology, Index train, Index validation,
                   Index test, int ranks, double memory);

/// What `admmnet plan` prints.
std::string plan_report(const Plan& plan);

/// Bytes that each rank may use where it runs now; 0: unknown. Collective on comm.
double free_memory_per_rank(MPI_Comm comm);

}  // namespace admmnet
