/// The HDF5 side of a checkpoint being written: everything but the tensors' elements. Rank 0 only,
/// not collective.
#pragma once

#include <vector>

#include "checkpoint/catalogue.h"
#include "checkpoint/contents_codec.h"
#include "checkpoint/hdf5_memory.h"
#include "runtime/posix_file.h"

namespace admmnet {

/// Lays out the file in memory (hdf5_memory.h) and writes it to the disk in two steps, so that what
/// makes the file valid comes last. Metadata is in the format of HDF5 1.8, the oldest whose headers
/// all carry checksums and one that every HDF5 of the last fifteen years reads.
class FileImage {
 public:
  /// Groups, attributes and small data sets; tensors get their place in the file and no elements.
  /// Throws IoFailure with HDF5's reason.
  explicit FileImage(const EncodedContents& contents);

  Index bytes() const { return memory_.size(); }  ///< length of the file
  /// All data sets, the small ones first, then the tensors in order.
  const std::vector<DataSet>& data_sets() const { return data_sets_; }

  /// Fills in the index and marks the file as complete. `checksums`: one a tensor.
  void complete(const std::vector<std::uint64_t>& checksums);

  /// Writes what is new since the last call. Never touches the tensors' elements.
  void write_to(const PosixFile& file);

 private:
  MemoryFile memory_;
  std::vector<DataSet> data_sets_;
  std::size_t tensors_;
};

}  // namespace admmnet
