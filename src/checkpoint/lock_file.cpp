#include "checkpoint/lock_file.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <sstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/error.h"
#include "runtime/files.h"

namespace admmnet {

namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

constexpr std::size_t largest_lock = 1 << 14;

std::string in_seconds(double seconds) {
  std::ostringstream text;
  text << seconds << " s";
  return text.str();
}

/// To the one who waits for the program, which has no log yet.
void say(const std::string& text) {
  std::fprintf(stderr, "admmnet: %s\n", text.c_str());
  std::fflush(stderr);
}

/// What a lock looks like from outside; it changes whenever the owner shows a sign of life. Read
/// through an open file, because network file systems look at the server only then. Empty without
/// the file.
std::string appearance(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return "";
  struct stat info = {};
  ::fstat(descriptor, &info);
  ::close(descriptor);
  return std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + " " +
         std::to_string(info.st_ino) + " " + std::to_string(info.st_size);
}

bool is_there(const std::string& path) {
  struct stat info = {};
  return ::lstat(path.c_str(), &info) == 0;
}

/// Whether it can be a lock by its kind and size.
bool may_be_lock(const std::string& path) {
  struct stat info = {};
  return ::lstat(path.c_str(), &info) != 0 ||
         (S_ISREG(info.st_mode) && info.st_size <= static_cast<off_t>(largest_lock));
}

/// The file's text; nothing when there is no such file.
std::optional<std::string> text_of(const std::string& path) {
  if (!is_there(path)) return std::nullopt;
  try {
    return read_text(path, largest_lock);
  } catch (const IoFailure&) {
    if (!is_there(path)) return std::nullopt;
    throw;
  }
}

[[noreturn]] void refuse_foreign(const std::string& path) {
  throw BadInput(path +
                 " is there, but is not a lock of this program, and stays as it is; choose "
                 "another -run_name or -run_outdir, or move it away");
}

}  // namespace

LockFile::LockFile(const std::string& path, LockTiming timing)
    : me_(LockOwner::this_process()), path_(path), text_(me_.text()), timing_(timing) {
  // A lock may vanish or change hands while we look at it; then we look again.
  bool taken = false;
  for (int attempt = 0; attempt < 3 && !taken; ++attempt) taken = try_to_take();
  if (!taken)
    throw BadInput("other runs are taking the lock " + path_ + " just now; try again later");
  heart_ = std::thread([this] { beat_until_stopped(); });
}

LockFile::~LockFile() {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  heart_.join();
  if (held()) ::unlink(path_.c_str());
}

/// Makes the lock; false when there is a file of its name.
bool LockFile::make() const {
  std::string temporary;
  try {
    temporary = write_temporary(path_, text_);
  } catch (const IoFailure& error) {
    throw IoFailure("cannot create the lock " + path_ + ": " + error.what());
  }
  const bool linked = ::link(temporary.c_str(), path_.c_str()) == 0;
  const int error = errno;
  struct stat info = {};  // over a network, the answer "is there" may come after the success
  const bool both = ::lstat(temporary.c_str(), &info) == 0 && info.st_nlink == 2;
  ::unlink(temporary.c_str());
  if (linked || both) return true;
  if (error == EEXIST) return false;
  if (error != EPERM && error != EOPNOTSUPP && error != ENOSYS && error != EMLINK)
    throw_io_failure("create the lock", path_, error);
  return make_in_place();
}

/// The same on file systems without hard links.
bool LockFile::make_in_place() const {
  const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0 && errno == EEXIST) return false;
  if (descriptor < 0) throw_io_failure("create the lock", path_, errno);
  const bool written =
      ::write(descriptor, text_.data(), text_.size()) == static_cast<ssize_t>(text_.size());
  const int error = errno;
  ::close(descriptor);
  if (written) return true;
  ::unlink(path_.c_str());
  throw_io_failure("write the lock", path_, error);
}

/// False when the lock changed while we looked at it.
bool LockFile::try_to_take() {
  if (make()) return true;
  if (!may_be_lock(path_)) refuse_foreign(path_);
  const std::optional<std::string> seen = text_of(path_);
  if (!seen) return false;
  const std::optional<LockOwner> owner = LockOwner::parse(*seen);
  if (!owner) refuse_foreign(path_);
  std::string reason = owner->why_dead(me_);
  if (reason.empty())
    reason = owner->is_visible_to(me_) ? wait_for_end(*owner) : wait_for_life(*owner);
  if (!is_there(path_)) return false;
  if (reason.empty())
    throw BadInput("another run holds " + path_ + ": " + owner->description() +
                   "; wait for it, or choose another -run_name or -run_outdir");
  if (!take_over(*seen)) return false;
  taken_over_ = "took over " + path_ + " of " + owner->description() + ": " + reason;
  return true;
}

/// Why the owner, whose process is there, has ended; empty when it goes on.
std::string LockFile::wait_for_end(const LockOwner& owner) const {
  const bool orphan = owner.is_orphan();
  const double patience = orphan ? timing_.patience : timing_.leave;
  const auto begin = steady_clock::now();
  say("waiting up to " + in_seconds(patience) + " for " + owner.description() + ", which holds " +
      path_ + (orphan ? " though its launcher is gone" : ""));
  while (duration<double>(steady_clock::now() - begin).count() < patience) {
    std::this_thread::sleep_for(duration<double>(timing_.beat / 40));
    if (!is_there(path_)) return "";
    const std::string reason = owner.why_dead(me_);
    if (!reason.empty()) return reason;
  }
  return "";
}

/// Why the owner counts as dead; empty as soon as it shows a sign of life.
std::string LockFile::wait_for_life(const LockOwner& owner) const {
  say("waiting up to " + in_seconds(timing_.patience) + " for a sign of life of " +
      owner.description() + ", which holds " + path_);
  const std::string seen = appearance(path_);
  const auto deadline = steady_clock::now() + duration<double>(timing_.patience);
  while (steady_clock::now() < deadline) {
    std::this_thread::sleep_for(duration<double>(timing_.beat / 4));
    if (appearance(path_) != seen) return "";
  }
  return "it has shown no sign of life for " + in_seconds(timing_.patience);
}

/// Puts our lock in the place of `seen` if that is still what stands there. Two that try at once
/// are kept apart by flock, where the file system has it.
bool LockFile::take_over(const std::string& seen) const {
  const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return false;
  const bool alone = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  bool written = false;
  try {
    if (alone && text_of(path_) == seen) {
      write_text_atomically(path_, text_);
      written = true;
    }
  } catch (const IoFailure& error) {
    ::close(descriptor);
    throw IoFailure("cannot take over the lock " + path_ + ": " + error.what());
  }
  ::close(descriptor);
  return written;
}

bool LockFile::held() const {
  try {
    return text_of(path_) == text_;
  } catch (const IoFailure&) {
    return false;
  }
}

void LockFile::require_held() const {
  if (held()) return;
  const std::optional<std::string> now = text_of(path_);
  const std::optional<LockOwner> owner = now ? LockOwner::parse(*now) : std::nullopt;
  throw IoFailure("this run has lost its lock " + path_ + " to " +
                  (owner ? owner->description()
                   : now ? "somebody who wrote another file there"
                         : "somebody who removed it") +
                  "; it must not write beside that run");
}

void LockFile::beat_until_stopped() {
  std::unique_lock<std::mutex> guard(mutex_);
  while (!wake_.wait_for(guard, duration<double>(timing_.beat), [this] { return stop_; })) {
    if (!held()) return;
    ::utimensat(AT_FDCWD, path_.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
  }
}

}  // namespace admmnet
