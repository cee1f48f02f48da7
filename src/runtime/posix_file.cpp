#include "runtime/posix_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "runtime/error.h"
#include "runtime/files.h"
#include "runtime/heartbeat.h"

namespace admmnet {

// Linux moves at most about 2 GiB a call.
static constexpr Index largest_call = Index{1} << 30;

PosixFile::PosixFile(const std::string& path, int flags, const char* action)
    : path_(path), descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) throw_io_failure(action, path, errno);
}

PosixFile::PosixFile(PosixFile&& other) noexcept {
  *this = std::move(other);
}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

PosixFile::~PosixFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

PosixFile PosixFile::create(const std::string& path) {
  return PosixFile(path, O_WRONLY | O_CREAT | O_EXCL, "create");
}

PosixFile PosixFile::open_to_write(const std::string& path) {
  return PosixFile(path, O_WRONLY, "write");
}

PosixFile PosixFile::open_to_read(const std::string& path) {
  PosixFile file(path, O_RDONLY | O_NONBLOCK, "read");  // O_NONBLOCK: a pipe must not hold us up
  struct stat info = {};
  if (::fstat(file.descriptor_, &info) != 0) throw_io_failure("read", path, errno);
  if (!S_ISREG(info.st_mode)) throw IoFailure("cannot read " + path + ": it is not a file");
  return file;
}

Index PosixFile::size() const {
  struct stat info = {};
  if (::fstat(descriptor_, &info) != 0) throw_io_failure("read", path_, errno);
  return static_cast<Index>(info.st_size);
}

void PosixFile::write(Index offset, const void* bytes, Index count) const {
  const char* from = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t done = ::pwrite(descriptor_, from, std::min(count, largest_call), offset);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0)
      throw_io_failure(
          "write " + std::to_string(count) + " bytes at " + std::to_string(offset) + " of", path_,
          done < 0 ? errno : EIO);
    from += done;
    offset += done;
    count -= done;
    beat("writing a checkpoint");
  }
}

void PosixFile::read(Index offset, void* bytes, Index count) const {
  char* to = static_cast<char*>(bytes);
  while (count > 0) {
    const ssize_t done = ::pread(descriptor_, to, std::min(count, largest_call), offset);
    if (done < 0 && errno == EINTR) continue;
    const std::string place = std::to_string(count) + " bytes at " + std::to_string(offset) + " of";
    if (done < 0) throw_io_failure("read " + place, path_, errno);
    if (done == 0) throw IoFailure("cannot read " + place + " " + path_ + ": the file ends before");
    to += done;
    offset += done;
    count -= done;
    beat("reading a checkpoint");
  }
}

void PosixFile::reserve(Index bytes) const {
  const std::string action = "reserve " + std::to_string(bytes) + " bytes for";
  if (::fallocate(descriptor_, 0, 0, bytes) == 0) return;
  if (errno != EOPNOTSUPP && errno != ENOSYS) throw_io_failure(action, path_, errno);
  if (::ftruncate(descriptor_, bytes) != 0) throw_io_failure(action, path_, errno);
}

void PosixFile::sync() const {
  beat("bringing a checkpoint to the disk");
  if (::fsync(descriptor_) != 0) throw_io_failure("write", path_, errno);
}

}  // namespace admmnet
