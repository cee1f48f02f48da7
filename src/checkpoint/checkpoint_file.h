/// A checkpoint opened for reading, on any number of ranks and any grid.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

#include "checkpoint/catalogue.h"
#include "checkpoint/contents.h"
#include "runtime/posix_file.h"

namespace admmnet {

class CheckpointFile {
 public:
  /// Opens `path` and checks its header, version, completeness and index, and the checksums of all
  /// but the state's tensors. Whatever is wrong with the file, or with opening it on some rank, is
  /// an IoFailure on every rank: "<path> is not a usable checkpoint: <reason>". Collective on comm.
  static CheckpointFile open(const std::string& path, MPI_Comm comm);

  const std::string& path() const { return file_.path(); }
  const CheckpointContents& contents() const { return contents_; }  ///< without the state
  const Catalogue& catalogue() const { return catalogue_; }

  /// What stands under /state/<path>, for instance its shape (cols, rows); nullptr when nothing
  /// does.
  const DataSet* find_state(const std::string& path) const;

  /// Throws IoFailure naming the data set when the weights under /state are not those of the
  /// network that contents() describes. open() does so for files from format 1.1 on; this is for
  /// the older ones, before a network is made after the description. Not collective: the same on
  /// every rank.
  void require_network() const;

  /// Reads the whole file and compares all checksums; IoFailure naming the first data set that does
  /// not have its own. Collective on comm.
  void verify() const;

  /// Fills the matrices and numbers of `state`, which may be a part of what the file holds, on any
  /// grid over the ranks of comm. Throws BadInput, with nothing changed, when the file lacks one of
  /// them or has it in another shape (both are named); IoFailure when it cannot be read, a checksum
  /// does not hold, or a value is not what `state` allows (`state` is then undefined). Collective
  /// on comm, which must be the one given to open().
  void load_state(const StateView& state) const;

 private:
  CheckpointFile(Catalogue catalogue, PosixFile file, MPI_Comm comm);
  std::vector<std::uint64_t> words(const DataSet& data_set) const;
  const DataSet& required(const std::string& path, const std::vector<Index>& shape,
                          ElementType type) const;
  void compare(const DataSet& data_set, std::uint64_t checksum) const;
  void load_scalar(const StateScalar& scalar) const;

  MPI_Comm comm_;
  Catalogue catalogue_;
  PosixFile file_;
  CheckpointContents contents_;
};

}  // namespace admmnet
