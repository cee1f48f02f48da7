/// An HDF5 file in memory that has holes.
///
/// HDF5 (1.10 at least) does not survive a disk that fills up: after a failed H5Fclose the library
/// keeps a dangling id and crashes the process in MPI_Finalize, and through the parallel driver one
/// rank's failed metadata write leaves the other ranks waiting for ever (both measured). So HDF5
/// never touches the disk when a checkpoint is written: rank 0 lets it write groups, attributes and
/// indices, a few kilobytes, into this memory, where nothing can fail; the elements of the tensors
/// stay holes. The bytes then go to the file by plain writes, whose failure is an errno value
/// (hdf5_image.h).
#pragma once

#include <map>
#include <vector>

#include <hdf5.h>

#include "runtime/types.h"

namespace admmnet {

class MemoryFile {
 public:
  struct Write {
    Index offset;
    std::vector<unsigned char> bytes;
  };

  /// What HDF5 wrote since the last call, in order.
  std::vector<Write> take_writes();
  Index size() const { return size_; }  ///< length of the file

  void write(Index offset, const unsigned char* bytes, Index count);
  void read(Index offset, unsigned char* bytes, Index count) const;  ///< holes read as zeros
  void set_size(Index size) { size_ = size; }

 private:
  static constexpr Index page_bytes = 4096;
  std::map<Index, std::vector<unsigned char>> pages_;
  std::vector<Write> writes_;
  Index size_ = 0;
};

/// Makes the file access list `access` open `file`, whatever name is given. `file` must outlive
/// every HDF5 file opened so. Throws IoFailure when HDF5 refuses the driver.
void set_memory_driver(hid_t access, MemoryFile& file);

}  // namespace admmnet
