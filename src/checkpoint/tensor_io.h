/// Moves the state's matrices between memory (any process grid) and their place in the file.
///
/// A tensor goes through panels of whole columns: each panel is redistributed to the sample layout
/// (1 x P, one contiguous slab of columns a rank), and each rank moves its slab by one contiguous
/// read or write. Block-cyclic pieces written directly are ten times slower. Staging takes at most
/// `staging_bytes` a rank, or one column when that is longer, and as much again inside the
/// redistribution.
#pragma once

#include <cstdint>

#include <mpi.h>

#include "checkpoint/catalogue.h"
#include "checkpoint/posix_file.h"
#include "linalg/state_view.h"

namespace admmnet {

/// A rank's part of a panel. Ten times as much is slower: it leaves the caches, and the buffers of
/// the redistribution are mapped anew each time.
constexpr Index staging_bytes = Index{4} << 20;

/// Writes the elements of `tensor` to their place in `file`. Returns this rank's share of the
/// checksum. `data_set`: of shape (tensor.cols, tensor.rows). Throws IoFailure on every rank when a
/// rank cannot write. Collective on the tensor's grid, whose ranks are those of comm.
std::uint64_t write_tensor(const StateTensor& tensor, const DataSet& data_set,
                           const PosixFile& file, MPI_Comm comm);

/// The way back: fills the parts' matrices. Same arguments, result and errors.
std::uint64_t read_tensor(const StateTensor& tensor, const DataSet& data_set, const PosixFile& file,
                          MPI_Comm comm);

/// The checksums of what stands in the file, computed by all ranks together, each reading an equal
/// part of every data set. A rank does not read what it has written itself, so that on a cluster
/// the data come from the file system and not from its own cache. Throws IoFailure on every rank
/// when a rank cannot read. Collective on comm.
std::vector<std::uint64_t> checksums_in_file(const std::vector<DataSet>& data_sets,
                                             const PosixFile& file, MPI_Comm comm);

/// Sums shares of checksums over the ranks, in place. Collective on comm.
void sum_checksums(std::vector<std::uint64_t>& shares, MPI_Comm comm);

}  // namespace admmnet
