#include "runtime/files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/error.h"

namespace admmnet {

static std::string remedy(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return " (free some space, raise the limit, or write elsewhere with -run_outdir)";
    case EACCES:
    case EPERM:
    case EROFS:
      return " (check the permissions, or write elsewhere with -run_outdir)";
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
      return " (check the path)";
    default:
      return "";
  }
}

void throw_io_failure(const std::string& action, const std::string& path, int error) {
  throw IoFailure("cannot " + action + " " + path + ": " + std::strerror(error) + remedy(error));
}

namespace {

/// An open file descriptor, closed at the end of its scope.
class Descriptor {
 public:
  Descriptor(const std::string& path, int flags, const char* action)
      : value_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
    if (value_ < 0) throw_io_failure(action, path, errno);
  }
  ~Descriptor() { ::close(value_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

/// Writes all of `text` and returns 0, or the errno value with `written` telling how far it came.
int write_all(int descriptor, const std::string& text, std::size_t& written) {
  written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    written += static_cast<std::size_t>(count);
  }
  return 0;
}

}  // namespace

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::string read_text(const std::string& path) {
  const Descriptor file(path, O_RDONLY, "read");
  std::string text;
  char part[65536];
  for (;;) {
    const ssize_t count = ::read(file.get(), part, sizeof part);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_io_failure("read", path, errno);
    if (count == 0) return text;
    text.append(part, static_cast<std::size_t>(count));
  }
}

void write_text_atomically(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".tmp";
  try {
    {
      const Descriptor file(temporary, O_WRONLY | O_CREAT | O_TRUNC, "write");
      std::size_t written = 0;
      if (const int error = write_all(file.get(), text, written))
        throw_io_failure("write", temporary, error);
    }
    publish_file(temporary, path);
  } catch (const IoFailure&) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void publish_file(const std::string& temporary, const std::string& path) {
  {
    const Descriptor file(temporary, O_RDONLY, "open");
    if (::fsync(file.get()) != 0) throw_io_failure("write", temporary, errno);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    throw_io_failure("rename " + temporary + " to", path, errno);
  sync_directory(directory_of(path));
}

void sync_directory(const std::string& directory) {
  const Descriptor folder(directory, O_RDONLY | O_DIRECTORY, "open the folder");
  // Some network file systems cannot sync folders and say EINVAL; they order renames themselves.
  if (::fsync(folder.get()) != 0 && errno != EINVAL)
    throw_io_failure("write the folder", directory, errno);
}

void make_directory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) throw_io_failure("make the folder", directory, error.value());
  if (!std::filesystem::is_directory(directory, error))
    throw_io_failure("make the folder", directory, ENOTDIR);
}

std::string directory_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

double free_bytes(const std::string& path) {
  struct statvfs info = {};
  if (::statvfs(path.c_str(), &info) != 0) throw_io_failure("ask for free space at", path, errno);
  return static_cast<double>(info.f_bavail) * static_cast<double>(info.f_frsize);
}

LineWriter::LineWriter(const std::string& path, Mode mode) : path_(path) {
  const int extra = mode == Mode::truncate ? O_TRUNC : O_APPEND;
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | extra, 0666);
  if (descriptor_ < 0) throw_io_failure("write", path, errno);
  const off_t size = ::lseek(descriptor_, 0, SEEK_END);
  char last = '\n';
  torn_ = size > 0 && ::pread(descriptor_, &last, 1, size - 1) == 1 && last != '\n';
}

LineWriter::LineWriter(LineWriter&& other) noexcept {
  *this = std::move(other);
}

LineWriter& LineWriter::operator=(LineWriter&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(torn_, other.torn_);
  std::swap(warned_, other.warned_);
  return *this;
}

LineWriter::~LineWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void LineWriter::write(const std::string& line) {
  if (descriptor_ < 0) return;
  const std::string text = (torn_ ? "\n" : "") + line + "\n";
  std::size_t written = 0;
  const int error = write_all(descriptor_, text, written);
  if (written > 0) torn_ = text[written - 1] != '\n';
  if (error == 0 || warned_) return;
  warned_ = true;
  std::fprintf(stderr,
               "admmnet: warning: cannot write %s: %s%s; the run goes on without its lines\n",
               path_.c_str(), std::strerror(error), remedy(error).c_str());
}

}  // namespace admmnet
