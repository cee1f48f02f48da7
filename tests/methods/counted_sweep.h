/// What an iteration of a sweep computes and sends, counted while it runs, beside what a run
/// on shapes says: for the test counted_costs and the benchmark bench_communication.
#pragma once

#include <string>
#include <vector>

#include "config/options.h"
#include "linalg/process_grid.h"
#include "linalg/work.h"
#include "network/network.h"

namespace admmnet::test {

struct SweepCase {
  std::string name;
  Options options;
  Loss loss;
};

/// Four blocks, full batch, and printed.
std::vector<SweepCase> sweep_cases();
/// Four blocks whose weight steps and targets are dual, of low rank, and along a ray.
SweepCase wide_case();

struct CaseSize {
  std::vector<Index> widths;  ///< n_0 ... n_L
  Index samples, unit_block;
};

/// Flops of all ranks, messages and bytes of a rank in the mean; no seconds.
struct ComparedPhase {
  std::string name;
  Work counted, predicted;
};

/// One iteration, its phases in the order of the sweep, then what was sent outside of them, then
/// "total". A phase that the run on shapes does not have, or that does not happen, has zeros.
/// Counted in the third iteration, by PETSc's log events and by mpi_counter/mpi_counter.h.
/// Collective on the grid.
std::vector<ComparedPhase> compare_with_model(const SweepCase& sweep, const CaseSize& size,
                                              const ProcessGrid& grid);

}  // namespace admmnet::test
