#include "data/input_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <zlib.h>

#include "runtime/error.h"
#include "runtime/heartbeat.h"

namespace admmnet {

namespace {

/// The system's answer to open, stat or read as one of our errors.
[[noreturn]] void throw_system_error(const std::string& path, const char* action, int number) {
  const std::string text = path + ": cannot " + action + ": " + std::strerror(number);
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      throw BadInput(path +
                     ": no such file; check the name: of convert its first argument, else "
                     "-data_dir, -data_train or -data_test");
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

/// pread until all is there or the file ends.
std::size_t read_fully(int descriptor, const std::string& path, Index offset, void* buffer,
                       std::size_t bytes) {
  std::size_t got = 0;
  while (got < bytes) {
    const ssize_t n = pread(descriptor, static_cast<char*>(buffer) + got, bytes - got,
                            offset + static_cast<Index>(got));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_system_error(path, "read", errno);
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

}  // namespace

/// Unpacks a gzip file, which may be several one behind the other. Unlike zlib's gzread it takes
/// nothing else for the end.
class GzipStream {
 public:
  GzipStream(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {
    constexpr int gzip_window = 15 + 16;
    if (inflateInit2(&stream_, gzip_window) != Z_OK) throw std::bad_alloc();
  }
  ~GzipStream() { inflateEnd(&stream_); }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  /// Fewer bytes only at the end of the file. Unpacks ahead, so that damage near the beginning
  /// shows at the first look.
  std::size_t read(char* buffer, std::size_t bytes) {
    std::size_t got = 0;
    while (got < bytes) {
      if (taken_ == ahead_) {
        taken_ = 0;
        ahead_ = unpack_all(unpacked_bytes_.data(), unpacked_bytes_.size());
        if (ahead_ == 0) break;
      }
      const std::size_t part = std::min(bytes - got, ahead_ - taken_);
      std::memcpy(buffer + got, unpacked_bytes_.data() + taken_, part);
      taken_ += part;
      got += part;
    }
    return got;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw BadInput(path_ + ": the gzip file " + what + "; fetch it again");
  }

  bool refill() {
    const std::size_t got =
        read_fully(descriptor_, path_, packed_, packed_bytes_.data(), packed_bytes_.size());
    packed_ += static_cast<Index>(got);
    stream_.next_in = packed_bytes_.data();
    stream_.avail_in = static_cast<unsigned>(got);
    return got > 0;
  }

  /// Between two gzip files: steps over a zero, with which tapes are filled up, or begins the next.
  bool begin_member() {
    constexpr unsigned char magic = 0x1f;
    if (*stream_.next_in == 0 && unpacked_members_ > 0) {
      ++stream_.next_in;
      --stream_.avail_in;
      return false;
    }
    if (*stream_.next_in != magic)
      fail("goes on with something else after its end, after " + std::to_string(unpacked_) +
           " unpacked bytes");
    inflateReset(&stream_);
    in_member_ = true;
    return true;
  }

  std::size_t unpack_all(char* buffer, std::size_t bytes) {
    std::size_t got = 0;
    while (got < bytes) {
      if (stream_.avail_in == 0 && !refill()) {
        if (in_member_) fail("is truncated after " + std::to_string(unpacked_) + " unpacked bytes");
        break;
      }
      if (!in_member_ && !begin_member()) continue;
      got += unpack(buffer + got, bytes - got);
    }
    return got;
  }

  std::size_t unpack(char* buffer, std::size_t bytes) {
    const auto wanted = static_cast<unsigned>(bytes);
    stream_.next_out = reinterpret_cast<unsigned char*>(buffer);
    stream_.avail_out = wanted;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    const std::size_t got = wanted - stream_.avail_out;
    unpacked_ += static_cast<Index>(got);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status == Z_STREAM_END) {
      in_member_ = false;
      ++unpacked_members_;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      fail(std::string("is damaged (") + (stream_.msg ? stream_.msg : "no gzip data") + ")");
    }
    return got;
  }

  int descriptor_;
  std::string path_;
  z_stream stream_ = {};
  std::vector<unsigned char> packed_bytes_ = std::vector<unsigned char>(1U << 18);
  std::vector<char> unpacked_bytes_ = std::vector<char>(1U << 19);
  std::size_t ahead_ = 0, taken_ = 0;  // of unpacked_bytes_: filled, and handed on
  Index packed_ = 0, unpacked_ = 0, unpacked_members_ = 0;
  bool in_member_ = false;
};

InputFile::InputFile(std::string path)
    : path_(std::move(path)), sign_(lasting_text("reading " + path_)) {
  beat(sign_);
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
    const bool packed = read_at(0, magic, 2) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
    if (packed) {
      gzip_ = std::make_unique<GzipStream>(descriptor_, path_);
    } else if (ends_with(path_, ".gz")) {
      throw BadInput(path_ + ": is not gzip (it does not begin with the bytes 1f 8b); " +
                     "fetch it again, or rename it if it is not packed");
    }
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

InputFile::~InputFile() {
  close(descriptor_);
}

std::size_t InputFile::read(void* buffer, std::size_t bytes) {
  const std::size_t got = gzip_ ? gzip_->read(static_cast<char*>(buffer), bytes)
                                : read_fully(descriptor_, path_, position_, buffer, bytes);
  position_ += static_cast<Index>(got);
  beat(sign_);
  return got;
}

std::size_t InputFile::read_at(Index offset, void* buffer, std::size_t bytes) {
  ADMMNET_REQUIRE(!gzip_, "InputFile::read_at: " + path_ + " is gzipped");
  const std::size_t got = read_fully(descriptor_, path_, offset, buffer, bytes);
  beat(sign_);
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
