/// The reports of `admmnet inspect`.
#pragma once

#include <string>

#include <mpi.h>

namespace admmnet {

struct Inspection {
  bool valid = false;  ///< of a file: it can be used; of a folder: each run in it can go on
  std::string text;    ///< a page for people
  std::string json;    ///< the same for programs
};

/// What is in a checkpoint, from what run, and whether it is valid (all checksums compared); or,
/// for a folder, which checkpoint each run in it would take, and why not another. A damaged file is
/// a report and no error. Throws BadInput when `path` does not exist. Collective on comm; the same
/// on every rank.
Inspection inspect(const std::string& path, MPI_Comm comm);

}  // namespace admmnet
