/// What an operation of linalg/ sends, counted while it runs, beside what its layout says, by a run
/// on shapes: for the test counted_costs and the benchmark bench_communication.
#pragma once

#include <string>
#include <vector>

#include "linalg/process_grid.h"
#include "linalg/work.h"

namespace admmnet::test {

struct OperationSize {
  Index m, n;     ///< units of a layer, and of the layer below
  Index samples;  ///< of a panel
  Index unit_block;
};

/// Flops of all ranks, messages and bytes of a rank in the mean; no seconds.
struct ComparedOperation {
  std::string name;
  Work counted, predicted;
};

/// Every verb of a layout, with W of m x n. Collective on the grid.
std::vector<ComparedOperation> compare_operations(const OperationSize& size,
                                                  const ProcessGrid& grid);
/// Of these the factor of order n and its solves with m right-hand sides. Collective on the grid.
std::vector<ComparedOperation> compare_systems(const OperationSize& size, const ProcessGrid& grid);

}  // namespace admmnet::test
