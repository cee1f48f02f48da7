/// Small helpers for files. All of them act on this rank only and none is collective: call them on
/// one rank, inside collectively() (communicator.h) when the others must hear of a failure. Errors
/// are IoFailure with the path, the system's reason and a remedy.
#pragma once

#include <string>

namespace admmnet {

/// Throws IoFailure: "cannot <action> <path>: <reason of the errno value `error`> (<remedy>)".
[[noreturn]] void throw_io_failure(const std::string& action, const std::string& path, int error);

bool file_exists(const std::string& path);

/// The whole file.
std::string read_text(const std::string& path);

/// Writes `text` under the name path + ".tmp" and publishes it: a reader, also one after a power
/// failure, sees the old content or the new, never a part.
void write_text_atomically(const std::string& path, const std::string& text);

/// fsync `temporary`, rename it to `path`, fsync the folder. Both must be in the same folder.
void publish_file(const std::string& temporary, const std::string& path);

/// Makes the creation, renaming and removal of entries of this folder durable.
void sync_directory(const std::string& directory);

/// Makes the folder and its parents; nothing happens when it exists.
void make_directory(const std::string& directory);

/// The folder part of a path; "." when it has none.
std::string directory_of(const std::string& path);

/// Bytes that this user may still write on the file system of an existing file or folder.
double free_bytes(const std::string& path);

/// A text file that grows line by line and never ends a run: each line is handed to the system at
/// once, and when that fails later on (disk full) there is one warning on stderr and the run goes
/// on without the line.
class LineWriter {
 public:
  enum class Mode { truncate, append };
  LineWriter() = default;  ///< no file: write() does nothing
  /// Throws IoFailure when the file cannot be opened. Appending to a file whose last line a killed
  /// run left incomplete starts on a line of its own.
  LineWriter(const std::string& path, Mode mode);
  LineWriter(LineWriter&& other) noexcept;
  LineWriter& operator=(LineWriter&& other) noexcept;
  ~LineWriter();

  void write(const std::string& line);

 private:
  std::string path_;
  int descriptor_ = -1;
  bool torn_ = false;  // the file does not end with a newline
  bool warned_ = false;
};

}  // namespace admmnet
