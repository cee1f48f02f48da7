/// An HDF5 file of data sets that have one row a sample, written by all ranks together.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

#include "runtime/types.h"

namespace admmnet {

/// One data set, with this rank's rows one after the other.
struct RowSet {
  std::string name;
  /// The first of these that is not null.
  const std::vector<Index>* integers = nullptr;
  const std::vector<double>* reals = nullptr;
  const std::vector<int>* labels = nullptr;  ///< places among the names
  /// Of reals: of the columns, an attribute `names` (then the data set has two dimensions). Of
  /// labels: what they are written as (label_elements.h).
  std::vector<std::string> names = {};
};

/// `own`: which rows of the `rows` are this rank's, rising. Rank 0 lays the file out, and each rank
/// writes its own rows at their places. The file appears when all is in it; before, and when
/// anything fails (IoFailure, on every rank), nothing is left. Collective on comm.
void write_row_file(const std::string& path, Index rows, const std::vector<Index>& own,
                    const std::vector<RowSet>& sets, MPI_Comm comm);

}  // namespace admmnet
