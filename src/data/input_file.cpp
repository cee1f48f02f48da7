#include "data/input_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <zlib.h>

#include "runtime/error.h"

namespace admmnet {

namespace {

/// The system's answer to open, stat or read as one of our errors.
[[noreturn]] void throw_system_error(const std::string& path, const char* action, int number) {
  const std::string text = path + ": cannot " + action + ": " + std::strerror(number);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      throw BadInput(path + ": no such file; check -data_dir, -data_train and -data_test");
    case EACCES:
    case EPERM:
      throw BadInput(text + "; give yourself the permission to read it (chmod u+r)");
    case EISDIR:
      throw BadInput(path + ": is a directory, not a file; give the name of a file");
    case ELOOP:
    case ENAMETOOLONG:
      throw BadInput(text);
    default:
      throw IoFailure(text);
  }
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

InputFile::InputFile(std::string path) : path_(std::move(path)) {
  descriptor_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO must not block us
  if (descriptor_ < 0) throw_system_error(path_, "open", errno);
  try {
    struct stat status = {};
    if (fstat(descriptor_, &status) != 0) throw_system_error(path_, "examine", errno);
    if (S_ISDIR(status.st_mode)) throw_system_error(path_, "read", EISDIR);
    if (!S_ISREG(status.st_mode))
      throw BadInput(path_ + ": is not a regular file; copy the data into one");
    size_ = status.st_size;
    unsigned char magic[2] = {};
    compressed_ = read_at(0, magic, 2) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
    if (!compressed_ && ends_with(path_, ".gz"))
      throw BadInput(path_ + ": is not gzip (it does not begin with the bytes 1f 8b); " +
                     "fetch it again, or rename it if it is not packed");
    if (compressed_) {
      gz_ = gzdopen(descriptor_, "rb");
      if (gz_ == nullptr) throw IoFailure(path_ + ": cannot open as gzip: not enough memory");
      gzbuffer(gz_, 1U << 18);
    }
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

InputFile::~InputFile() {
  if (gz_ != nullptr) {
    gzclose_r(gz_);  // closes the descriptor as well
  } else {
    close(descriptor_);
  }
}

std::size_t InputFile::read(void* buffer, std::size_t bytes) {
  const std::size_t got = compressed_ ? read_compressed(static_cast<char*>(buffer), bytes)
                                      : read_at(position_, buffer, bytes);
  position_ += static_cast<Index>(got);
  return got;
}

std::size_t InputFile::read_at(Index offset, void* buffer, std::size_t bytes) {
  require(!compressed_, "InputFile::read_at: " + path_ + " is gzipped");
  std::size_t got = 0;
  while (got < bytes) {
    const ssize_t n = pread(descriptor_, static_cast<char*>(buffer) + got, bytes - got,
                            offset + static_cast<Index>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_system_error(path_, "read", errno);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

std::size_t InputFile::read_compressed(char* buffer, std::size_t bytes) {
  std::size_t got = 0;
  while (got < bytes) {
    const auto wanted = static_cast<unsigned>(std::min<std::size_t>(bytes - got, 1U << 24));
    const int n = gzread(gz_, buffer + got, wanted);
    int status = Z_OK;
    const std::string text = gzerror(gz_, &status);  // "<fd:3>: what"
    if (status == Z_ERRNO) throw_system_error(path_, "read", errno);
    if (status == Z_BUF_ERROR)
      throw BadInput(path_ + ": the gzip file is truncated after " +
                     std::to_string(position_ + static_cast<Index>(got) + std::max(n, 0)) +
                     " unpacked bytes; fetch it again");
    if (status < 0)
      throw BadInput(path_ + ": the gzip file is damaged (" + text.substr(text.find(' ') + 1) +
                     "); fetch it again");
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

std::string first_existing(const std::vector<std::string>& candidates) {
  for (const auto& path : candidates) {
    struct stat status = {};
    if (stat(path.c_str(), &status) == 0) return path;
    if (errno != ENOENT && errno != ENOTDIR) throw_system_error(path, "look for", errno);
  }
  return {};
}

}  // namespace admmnet
