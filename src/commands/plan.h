/// Before a run: which process grid, and what the run will need.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "methods/grid_choice.h"
#include "methods/method.h"

namespace admmnet {

struct Plan {
  int rows = 1,
      cols = 1;  ///< of the process grid; ranks beyond rows * cols have no part in the run
  Index unit_block = 64;
  std::string text;  ///< one line: the grid and why, memory and work of a pass
  std::vector<std::shared_ptr<const MethodCost>> ways;  ///< of the method (MethodKind::ways)
  std::size_t way = 0;                                  ///< the first one that fits
  MachineParameters machine;
  GridChoice choice;
  int ranks = 1;         ///< that were there to use
  std::string refusal;   ///< why no grid will do, and the remedy; empty: one does
  Index iterations = 0;  ///< asked for

  const MethodCost& costs() const { return *ways[way]; }
  const ProblemSize& problem() const { return costs().problem(); }
};

/// The cheapest grid that fits, or the one that the options fix; options are resolved (topology.h).
/// memory: bytes that a rank may use, 0: unknown; -plan_memory goes before. Throws BadInput with
/// the remedy when -grid_rows does not fit the ranks, when no grid fits the memory, or when one
/// rank would hold an array of more than 2^31 - 1 elements. Not collective: the same arguments give
/// the same plan on every rank.
Plan make_plan(const Options& options, const ProblemSize& problem, int ranks, double memory);

/// The same, but a problem that does not fit is no error: it is what Plan::refusal says. Throws
/// BadInput for -grid_rows only.
Plan consider_plan(const Options& options, const ProblemSize& problem, int ranks, double memory);

/// Behind auto in the used deck: what it stands for on this machine and these ranks, by key.
std::map<std::string, std::string> choices_here(const Options& options, const Plan& plan);

/// What `admmnet plan` prints.
std::string plan_report(const Plan& plan);

/// Bytes that each rank may use where it runs now; 0: unknown. Collective on comm.
double free_memory_per_rank(MPI_Comm comm);

}  // namespace admmnet
