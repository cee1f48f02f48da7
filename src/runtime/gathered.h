/// The numbers of all ranks in one place.
#pragma once

#include <vector>

#include <mpi.h>

#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/types.h"

namespace admmnet {

template <class T>
MPI_Datatype datatype_of();
template <>
inline MPI_Datatype datatype_of<double>() {
  return MPI_DOUBLE;
}
template <>
inline MPI_Datatype datatype_of<int>() {
  return MPI_INT;
}
template <>
inline MPI_Datatype datatype_of<Index>() {
  return MPI_INT64_T;
}

/// Those of every rank, `width` at a time, in the order of the ranks, on the first one; empty on
/// the others. All together fewer than 2^31 times the width, which is the same on all ranks.
/// Collective on comm.
template <class T>
std::vector<T> gathered(const std::vector<T>& own, MPI_Comm comm, int width = 1) {
  const auto count = static_cast<int>(own.size() / static_cast<std::size_t>(width));
  std::vector<int> counts(static_cast<std::size_t>(size_of(comm))), begins(counts.size(), 0);
  ADMMNET_MPI(MPI_Gather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, 0, comm));
  for (std::size_t r = 1; r < counts.size(); ++r) begins[r] = begins[r - 1] + counts[r - 1];
  const auto rows = static_cast<std::size_t>(begins.back() + counts.back());
  std::vector<T> all(rank_of(comm) == 0 ? rows * static_cast<std::size_t>(width) : 0);
  MPI_Datatype row = MPI_DATATYPE_NULL;
  ADMMNET_MPI(MPI_Type_contiguous(width, datatype_of<T>(), &row));
  ADMMNET_MPI(MPI_Type_commit(&row));
  ADMMNET_MPI(
      MPI_Gatherv(own.data(), count, row, all.data(), counts.data(), begins.data(), row, 0, comm));
  ADMMNET_MPI(MPI_Type_free(&row));
  return all;
}

}  // namespace admmnet
