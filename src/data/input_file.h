/// A file opened for reading, plain or gzipped, with every failure told in a sentence.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "runtime/types.h"

namespace admmnet {

class GzipStream;

/// Sequential reads of what is in the file after unpacking, and positioned reads of a plain one.
/// A file is gzipped when it begins with gzip's magic bytes; a name in .gz without them is an
/// error, and so is a gzip file whose end does not hold what it must (size, checksum) or that goes
/// on with anything but another gzip file or zeros: whoever reads to the end has read all of it.
/// Rank-local; move is not needed, so neither copyable nor movable. Throws BadInput
/// (missing, a directory, no permission, damaged) or IoFailure (the system's errors).
class InputFile {
 public:
  explicit InputFile(std::string path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }
  bool compressed() const { return gzip_ != nullptr; }
  Index size_on_disk() const { return size_; }

  /// Reads up to `bytes` bytes from the current position; fewer only at the end of the file.
  std::size_t read(void* buffer, std::size_t bytes);
  /// The same from position `offset` of a plain file; the current position stays. Plain files only.
  std::size_t read_at(Index offset, void* buffer, std::size_t bytes);

 private:
  std::string path_;
  const char* sign_;  // for heartbeats
  int descriptor_ = -1;
  std::unique_ptr<GzipStream> gzip_;  // none for a plain file
  Index size_ = 0, position_ = 0;
};

/// The first of the candidates that exists, or an empty string. Throws BadInput or IoFailure when
/// one cannot even be looked for.
std::string first_existing(const std::vector<std::string>& candidates);

}  // namespace admmnet
