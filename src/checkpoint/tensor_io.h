/// Moves the state's matrices between memory (any process grid) and their place in the file.
///
/// Block-cyclic pieces written directly are ten times slower than long runs. So a rank moves runs
/// of whole columns, in panels of bounded size: where it holds long ones itself (grids of one row,
/// with blocks of columns of at least `shortest_run_bytes`), from and to the matrix's own memory;
/// elsewhere each panel is dealt out in contiguous slabs of columns, one a rank (slab_exchange.h).
/// Staging takes at most `staging_bytes` a rank, or one column when that is longer, and as much
/// again inside the exchange.
#pragma once

#include <cstdint>

#include <mpi.h>

#include "checkpoint/catalogue.h"
#include "linalg/state_view.h"
#include "runtime/posix_file.h"

namespace admmnet {

/// A rank's part of a panel. Larger ones leave the caches.
constexpr Index staging_bytes = Index{4} << 20;
constexpr Index shortest_run_bytes = Index{256} << 10;

/// Writes the elements of `tensor` to their place in `file`. Returns this rank's share of the
/// checksum. `data_set`: of shape (tensor.cols, tensor.rows). Throws IoFailure on every rank when a
/// rank cannot write. Collective on comm; the tensor's grid has its ranks, or is a part of them.
std::uint64_t write_tensor(const StateTensor& tensor, const DataSet& data_set,
                           const PosixFile& file, MPI_Comm comm);

/// The way back: fills the parts' matrices. Same arguments, result and errors. `not_finite` becomes
/// the place of a NaN or infinity among the elements that this rank reads, -1 when there is none.
std::uint64_t read_tensor(const StateTensor& tensor, const DataSet& data_set, const PosixFile& file,
                          MPI_Comm comm, Index& not_finite);

/// The checksums of what stands in the file, computed by all ranks together, each reading an equal
/// part of every data set. A rank does not read what it has written itself, so that on a cluster
/// the data come from the file system and not from its own cache. Throws IoFailure on every rank
/// when a rank cannot read. Collective on comm.
std::vector<std::uint64_t> checksums_in_file(const std::vector<DataSet>& data_sets,
                                             const PosixFile& file, MPI_Comm comm);

/// Sums shares of checksums over the ranks, in place. Collective on comm.
void sum_checksums(std::vector<std::uint64_t>& shares, MPI_Comm comm);

}  // namespace admmnet
