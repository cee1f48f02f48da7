/// The bytes of one array's file (npy), which may stand alone, be packed by gzip, or be a member of
/// a zip archive (npz). Rank-local.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "runtime/types.h"

namespace admmnet {

class ArrayBytes {
 public:
  virtual ~ArrayBytes() = default;
  /// Whether `read` may begin anywhere; else each call must go on where the last one ended.
  virtual bool random_access() const = 0;
  /// How many there are; -1: known only at their end.
  virtual Index size() const = 0;
  /// Fewer only at the end. Throws BadInput for what is damaged, IoFailure when the system fails.
  virtual std::size_t read(Index offset, void* buffer, std::size_t bytes) = 0;
};

/// A file of its own, plain or gzipped.
std::unique_ptr<ArrayBytes> open_file_bytes(const std::string& path);

/// The member `name` of a zip archive ("/" in front and ".npy" at the end may be left out), stored
/// or deflated; sizes beyond 4 GiB too. Throws BadInput with the members that there are. Null
/// when it is missing and not `needed`.
std::unique_ptr<ArrayBytes> open_zip_member(const std::string& path, const std::string& name,
                                            bool needed = true);

}  // namespace admmnet
