/// A file that several ranks read or write at places of their own. Rank-local, not collective.
#pragma once

#include <string>

#include "runtime/types.h"

namespace admmnet {

/// An open file. Move-only. Every error is an IoFailure with path, place and the system's reason.
class PosixFile {
 public:
  static PosixFile create(const std::string& path);         ///< for writing; must not exist yet
  static PosixFile open_to_write(const std::string& path);  ///< an existing file
  static PosixFile open_to_read(const std::string& path);   ///< refuses all but regular files
  PosixFile(PosixFile&& other) noexcept;
  PosixFile& operator=(PosixFile&& other) noexcept;
  ~PosixFile();

  const std::string& path() const { return path_; }
  Index size() const;

  void write(Index offset, const void* bytes, Index count) const;
  void read(Index offset, void* bytes, Index count) const;  ///< all of it, or IoFailure

  /// Makes the file `bytes` long and takes the disk space for it now, where the file system can: a
  /// full disk is then found before the long write. Contents stay.
  void reserve(Index bytes) const;
  void sync() const;  ///< to the disk itself (fsync)

 private:
  PosixFile(const std::string& path, int flags, const char* action);
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace admmnet
