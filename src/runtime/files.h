/// Small helpers for files. All of them act on this rank only and none is collective: call them on
/// one rank, inside collectively() (communicator.h) when the others must hear of a failure. Errors
/// are IoFailure with the path, the system's reason and a remedy.
///
/// The files beside a run have names that anybody may have used before: what is opened here is a
/// regular file of this very name, never what a link of that name points to, never a pipe or a
/// device, and no more of it is read than such a file can hold.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace admmnet {

/// Throws IoFailure: "cannot <action> <path>: <reason of the errno value `error`> (<remedy>)".
[[noreturn]] void throw_io_failure(const std::string& action, const std::string& path, int error);

bool file_exists(const std::string& path);

constexpr std::size_t largest_text = std::size_t{1} << 20;

/// The whole file. Throws IoFailure for a link, for what is no regular file, and for more than
/// `largest` bytes.
std::string read_text(const std::string& path, std::size_t largest = largest_text);

/// Writes `text` under a temporary name and publishes it: a reader, also one after a power failure,
/// sees the old content or the new, never a part.
void write_text_atomically(const std::string& path, const std::string& text);

/// Writes `text` into a file that is made for it beside `path`, and returns its name: one that
/// nobody can foresee and that was not there before. It is on the disk. The caller renames or
/// removes it.
std::string write_temporary(const std::string& path, const std::string& text);

/// Whether `name` is one that write_temporary gives for `path`; both without their folders.
bool is_temporary_name(const std::string& name, const std::string& path);

/// The names in a folder, in no order.
std::vector<std::string> names_in(const std::string& directory);

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
  /// Throws IoFailure when the file cannot be opened, or is no regular file. Appending to a file
  /// whose last line a killed run left incomplete starts on a line of its own.
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
