/// A file opened for reading, plain or gzipped, with every failure told in a sentence.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runtime/types.h"

struct gzFile_s;

namespace admmnet {

/// Sequential reads of what is in the file after unpacking, and positioned reads of a plain one.
/// A file is gzipped when it begins with gzip's magic bytes; a name in .gz without them is an
/// error. Rank-local; move is not needed, so neither copyable nor movable. Throws BadInput
/// (missing, a directory, no permission, damaged) or IoFailure (the system's errors).
class InputFile {
 public:
  explicit InputFile(std::string path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }
  bool compressed() const { return compressed_; }
  Index size_on_disk() const { return size_; }

  /// Reads up to `bytes` bytes from the current position; fewer only at the end of the file.
  std::size_t read(void* buffer, std::size_t bytes);
  /// The same from position `offset` of a plain file; the current position stays. Plain files only.
  std::size_t read_at(Index offset, void* buffer, std::size_t bytes);

 private:
  std::size_t read_compressed(char* buffer, std::size_t bytes);
  std::string path_;
  int descriptor_ = -1;
  gzFile_s* gz_ = nullptr;
  Index size_ = 0, position_ = 0;
  bool compressed_ = false;
};

/// The first of the candidates that exists, or an empty string. Throws BadInput or IoFailure when
/// one cannot even be looked for.
std::string first_existing(const std::vector<std::string>& candidates);

}  // namespace admmnet
