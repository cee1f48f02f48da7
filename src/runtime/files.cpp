#include "runtime/files.h"

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <random>
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

const char* kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a link";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

[[noreturn]] void refuse_kind(const std::string& action, const std::string& path, mode_t mode) {
  throw IoFailure("cannot " + action + " " + path + ": it is " + kind_of(mode) +
                  " and not a regular file (move it away, or choose another -run_name)");
}

/// Opens a regular file of this very name, for a descriptor that the caller closes. O_NONBLOCK: a
/// pipe must not hold us up.
int open_regular(const std::string& path, int flags, const std::string& action) {
  const int descriptor =
      ::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0666);
  const int error = errno;
  struct stat info = {};
  if (descriptor < 0) {
    if (::lstat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
      refuse_kind(action, path, info.st_mode);
    throw_io_failure(action, path, error);
  }
  if (::fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode)) return descriptor;
  ::close(descriptor);
  refuse_kind(action, path, info.st_mode);
}

/// An open file descriptor, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() { ::close(value_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

constexpr char temporary_ending[] = ".tmp";
constexpr std::size_t temporary_digits = 12;

/// ".0f3a...tmp", of hexadecimal digits.
std::string temporary_suffix() {
  static const char* const digits = "0123456789abcdef";
  std::random_device random;
  std::string suffix = ".";
  for (std::size_t i = 0; i < temporary_digits; ++i) suffix += digits[random() % 16];
  return suffix + temporary_ending;
}

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

std::string read_text(const std::string& path, std::size_t largest) {
  const Descriptor file(open_regular(path, O_RDONLY, "read"));
  std::string text;
  char part[65536];
  for (;;) {
    const ssize_t count = ::read(file.get(), part, sizeof part);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_io_failure("read", path, errno);
    if (count == 0) return text;
    text.append(part, static_cast<std::size_t>(count));
    if (text.size() > largest)
      throw IoFailure("cannot read " + path + ": it has more than " + std::to_string(largest) +
                      " bytes, so it is not what its name says (move it away, or choose another " +
                      "-run_name)");
  }
}

std::string write_temporary(const std::string& path, const std::string& text) {
  std::string temporary;
  int descriptor = -1;
  for (int attempt = 0; descriptor < 0; ++attempt) {
    temporary = path + temporary_suffix();
    descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0 && (errno != EEXIST || attempt == 10))
      throw_io_failure("write", temporary, errno);
  }
  const Descriptor file(descriptor);
  std::size_t written = 0;
  int error = write_all(file.get(), text, written);
  if (error == 0 && ::fsync(file.get()) != 0) error = errno;
  if (error == 0) return temporary;
  ::unlink(temporary.c_str());
  throw_io_failure("write", temporary, error);
}

bool is_temporary_name(const std::string& name, const std::string& path) {
  const std::size_t digits = path.size() + 1, ending = digits + temporary_digits;
  if (name.size() != ending + sizeof temporary_ending - 1 || name.rfind(path + ".", 0) != 0 ||
      name.substr(ending) != temporary_ending)
    return false;
  for (std::size_t i = digits; i < ending; ++i)
    if (!std::isxdigit(static_cast<unsigned char>(name[i]))) return false;
  return true;
}

static void rename_durably(const std::string& temporary, const std::string& path) {
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    throw_io_failure("rename " + temporary + " to", path, errno);
  sync_directory(directory_of(path));
}

void write_text_atomically(const std::string& path, const std::string& text) {
  const std::string temporary = write_temporary(path, text);
  try {
    rename_durably(temporary, path);
  } catch (const IoFailure&) {
    ::unlink(temporary.c_str());
    throw;
  }
}

void publish_file(const std::string& temporary, const std::string& path) {
  {
    const Descriptor file(open_regular(temporary, O_RDONLY, "open"));
    if (::fsync(file.get()) != 0) throw_io_failure("write", temporary, errno);
  }
  rename_durably(temporary, path);
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) throw_io_failure("list the folder", directory, error.value());
  return names;
}

void sync_directory(const std::string& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw_io_failure("open the folder", directory, errno);
  const Descriptor folder(descriptor);
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
  const int extra = mode == Mode::append ? O_APPEND : 0;
  descriptor_ = open_regular(path, O_RDWR | O_CREAT | extra, "write");
  if (mode == Mode::truncate && ::ftruncate(descriptor_, 0) != 0) {
    const int error = errno;
    ::close(descriptor_);
    throw_io_failure("write", path, error);
  }
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
