/// Writes one checkpoint so that, whatever happens on the way, a complete one is left.
#pragma once

#include <string>

#include <mpi.h>

#include "checkpoint/contents.h"

namespace admmnet {

/// What became of a checkpoint; the same on every rank.
struct WriteStatus {
  bool ok = false;
  std::string path;
  std::string message;          ///< why it failed; when ok, what went wrong besides; else empty
  Index bytes = 0;              ///< length of the file
  double seconds = 0.0;         ///< all of it, on the slowest rank
  double data_seconds = 0.0;    ///< of these, moving and writing the state's tensors
  double verify_seconds = 0.0;  ///< of these, reading back and comparing
};

/// Writes `path`, which appears when all is in it and verified, or not at all:
///   1. rank 0 lays out the file in memory, checks the free space, creates <path>.tmp at its full
///      length;
///   2. every rank writes its slabs of the tensors (tensor_io.h);
///   3. rank 0 writes the index with the checksums and marks the file complete; all force it to the
///      disk;
///   4. all ranks open it anew, read it back and compare the checksums;
///   5. rank 0 renames it to `path` and forces the folder to the disk.
/// A file of that name stays as it is until step 5 replaces it. On failure <path>.tmp is removed
/// and an IoFailure thrown on every rank. `status` gets path, bytes and times. Collective on comm.
void write_checkpoint(const std::string& path, CheckpointContents contents, MPI_Comm comm,
                      WriteStatus& status);

}  // namespace admmnet
