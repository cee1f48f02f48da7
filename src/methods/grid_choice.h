/// The process grid and the blocks of units, chosen by what the method costs on each. Pure
/// arithmetic, no MPI.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "methods/method_cost.h"

namespace admmnet {

struct GridRequest {
  int ranks = 1;
  std::optional<int> rows;          ///< wished process rows; must not exceed the ranks
  std::optional<Index> unit_block;  ///< wished block
};

struct GridCandidate {
  GridShape grid;
  Index unit_block = 64;
  Cost cost;
};

struct GridChoice {
  GridCandidate best;
  std::vector<GridCandidate> others;  ///< the next best ones that fit, at most kListed
  bool runs = false;                  ///< some grid is possible at all
  bool fits = false;                  ///< memory and 32-bit indices; else `best` needs least memory
  std::string reason;                 ///< "1 x 2: pure data parallelism, ..."
};
constexpr std::size_t kListed = 4;

/// Of several blocks a layer matrix: 64, or 128 from a narrowest hidden layer of 2048 units on,
/// halved while some process row would hold none of its units (down to 8) or some process column
/// (down to 32).
Index choose_unit_block(const Topology& topology, GridShape grid);

/// Whether a rank's share stays within the machine's memory, and its arrays within 2^31 - 1
/// elements.
bool fits(const Cost& cost, const MachineParameters& machine);

/// The grid of least predicted time among those that fit: r rows with ranks/r columns, that halved,
/// halved again, and so on. Ranks are left over only where that saves more than 5 %; among grids
/// within 1 % the one with fewest rows is taken. On one row of narrow layers (up to
/// kReplicatedOrder) the block of units is that of the widest layer where that saves 3 %.
GridChoice choose_grid(const MethodCost& costs, const GridRequest& request,
                       const MachineParameters& machine);

/// The least number of ranks, a power of two times `ranks`, on which the problem fits; 0: not even
/// on 2^20.
int ranks_that_fit(const MethodCost& costs, const GridRequest& request,
                   const MachineParameters& machine);

std::string text(GridShape grid);  ///< "2 x 3"

}  // namespace admmnet
