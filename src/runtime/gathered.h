/// The numbers of all ranks in one place.
#pragma once

#include <vector>

#include <mpi.h>

#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

/// Those of every rank in the order of the ranks, on the first one; empty on the others. All
/// together fewer than 2^31. Collective on comm.
inline std::vector<double> gathered(const std::vector<double>& own, MPI_Comm comm) {
  const auto count = static_cast<int>(own.size());
  std::vector<int> counts(static_cast<std::size_t>(size_of(comm))), begins(counts.size(), 0);
  ADMMNET_MPI(MPI_Gather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, comm));
  for (std::size_t r = 1; r < counts.size(); ++r) begins[r] = begins[r - 1] + counts[r - 1];
  std::vector<double> all(
      rank_of(comm) == 0 ? static_cast<std::size_t>(begins.back() + counts.back()) : 0);
  ADMMNET_MPI(MPI_Gatherv(own.data(), count, MPI_DOUBLE, all.data(), counts.data(), begins.data(),
                          MPI_DOUBLE, 0, comm));
  return all;
}

}  // namespace admmnet
