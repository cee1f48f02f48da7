#include "checkpoint/lock_file.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <signal.h>
#include <sstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "checkpoint/utc.h"
#include "runtime/error.h"
#include "runtime/files.h"

namespace admmnet {

namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

/// Facts about a process from /proc; empty when it is gone or hidden from us.
struct ProcessFacts {
  std::string state;    ///< field 3 of /proc/<pid>/stat; Z: dead and not yet collected
  std::string started;  ///< field 22
};

ProcessFacts facts_of(Index process) {
  const std::string line = first_line("/proc/" + std::to_string(process) + "/stat");
  const std::size_t bracket = line.rfind(')');  // the command before it may hold blanks
  if (bracket == std::string::npos) return {};
  std::istringstream fields(line.substr(bracket + 1));
  ProcessFacts facts;
  fields >> facts.state;
  for (int field = 4; field <= 22; ++field) fields >> facts.started;
  return facts;
}

/// Why the owner cannot be alive; empty when it is, or may be.
std::string why_dead(const LockOwner& owner, const LockOwner& me) {
  if (owner.host == me.host) {
    if (owner.boot != me.boot) return "the host was restarted since";
    const ProcessFacts facts = facts_of(owner.process);
    if ((::kill(static_cast<pid_t>(owner.process), 0) != 0 && errno == ESRCH) || facts.state == "Z")
      return "its process is gone";
    if (!facts.started.empty() && facts.started != owner.started)
      return "its process number belongs to another process now";
  } else if (!owner.job.empty() && owner.job == me.job && owner.restarts != me.restarts) {
    return "the job was requeued";
  }
  return "";
}

/// What a lock looks like from outside; it changes whenever the owner shows a sign of life. Read
/// through an open file, because network file systems look at the server only then. Empty without
/// the file.
std::string appearance(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return "";
  struct stat info = {};
  ::fstat(descriptor, &info);
  ::close(descriptor);
  return std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + " " +
         std::to_string(info.st_ino) + " " + std::to_string(info.st_size);
}

/// The file's text; nothing when there is no such file.
std::optional<std::string> text_of(const std::string& path) {
  if (!file_exists(path)) return std::nullopt;
  try {
    return read_text(path);
  } catch (const IoFailure&) {
    if (!file_exists(path)) return std::nullopt;
    throw;
  }
}

}  // namespace

LockOwner LockOwner::this_process() {
  LockOwner me;
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  me.host = name;
  me.boot = first_line("/proc/sys/kernel/random/boot_id");
  me.process = ::getpid();
  me.started = facts_of(me.process).started;
  me.job = environment("SLURM_JOB_ID", "");
  me.restarts = environment("SLURM_RESTART_COUNT", "0");
  me.since_utc = utc_now();
  return me;
}

LockOwner LockOwner::parse(const std::string& text) {
  LockOwner owner;
  const nlohmann::json fields = nlohmann::json::parse(text, nullptr, false);
  if (!fields.is_object()) return owner;
  try {
    owner.host = fields.at("host").get<std::string>();
    owner.boot = fields.at("boot").get<std::string>();
    owner.process = fields.at("process").get<Index>();
    owner.started = fields.at("started").get<std::string>();
    owner.job = fields.at("job").get<std::string>();
    owner.restarts = fields.at("restarts").get<std::string>();
    owner.since_utc = fields.at("since").get<std::string>();
  } catch (const nlohmann::json::exception&) {
    return LockOwner{};
  }
  return owner;
}

std::string LockOwner::text() const {
  const nlohmann::ordered_json fields{
      {"host", host},       {"process", process}, {"job", job},  {"restarts", restarts},
      {"since", since_utc}, {"started", started}, {"boot", boot}};
  return fields.dump(2) + "\n";
}

std::string LockOwner::description() const {
  if (host.empty()) return "an unknown process";
  return "process " + std::to_string(process) + " on host " + host +
         (job.empty() ? "" : " (job " + job + ")") + " since " + since_utc;
}

LockFile::LockFile(const std::string& path, LockTiming timing)
    : path_(path), text_(LockOwner::this_process().text()), timing_(timing) {
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

/// False when the lock changed while we looked at it.
bool LockFile::try_to_take() {
  const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor >= 0) {
    const bool written =
        ::write(descriptor, text_.data(), text_.size()) == static_cast<ssize_t>(text_.size());
    const int error = errno;
    ::close(descriptor);
    if (written) return true;
    ::unlink(path_.c_str());
    throw_io_failure("write the lock", path_, error);
  }
  if (errno != EEXIST) throw_io_failure("create the lock", path_, errno);
  const std::optional<std::string> seen = text_of(path_);
  if (!seen) return false;
  const LockOwner owner = LockOwner::parse(*seen);
  const LockOwner me = LockOwner::this_process();
  std::string reason = why_dead(owner, me);
  if (reason.empty() && owner.host != me.host) reason = wait_for_life();
  if (!file_exists(path_)) return false;
  if (reason.empty())
    throw BadInput("another run holds " + path_ + ": " + owner.description() +
                   "; wait for it, or choose another -run_name or -run_outdir");
  if (!take_over(*seen)) return false;
  taken_over_ = "took over " + path_ + " of " + owner.description() + ": " + reason;
  return true;
}

/// Why the owner counts as dead; empty as soon as it shows a sign of life.
std::string LockFile::wait_for_life() const {
  const std::string seen = appearance(path_);
  const auto deadline = steady_clock::now() + duration<double>(timing_.patience);
  while (steady_clock::now() < deadline) {
    std::this_thread::sleep_for(duration<double>(timing_.beat / 4));
    if (appearance(path_) != seen) return "";
  }
  std::ostringstream reason;
  reason << "it has shown no sign of life for " << timing_.patience << " s";
  return reason.str();
}

/// Puts our name into the lock if `seen` is still what stands in it. Two that try at once are kept
/// apart by flock, where the file system has it.
bool LockFile::take_over(const std::string& seen) {
  const int descriptor = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool alone = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
  const bool unchanged = alone && text_of(path_) == seen;
  const bool written =
      unchanged && ::ftruncate(descriptor, 0) == 0 &&
      ::pwrite(descriptor, text_.data(), text_.size(), 0) == static_cast<ssize_t>(text_.size());
  const int error = errno;
  ::close(descriptor);
  if (unchanged && !written) throw_io_failure("take over the lock", path_, error);
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
  throw IoFailure("this run has lost its lock " + path_ + " to " +
                  (now ? LockOwner::parse(*now).description() : "somebody who removed it") +
                  "; it must not write beside that run");
}

void LockFile::beat_until_stopped() {
  std::unique_lock<std::mutex> guard(mutex_);
  while (!wake_.wait_for(guard, duration<double>(timing_.beat), [this] { return stop_; })) {
    if (!held()) return;
    ::utimensat(AT_FDCWD, path_.c_str(), nullptr, 0);
  }
}

}  // namespace admmnet
