/// The lock file of a run. Rank 0 only, no MPI.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "checkpoint/lock_owner.h"

namespace admmnet {

/// Seconds between two signs of life of a lock's owner, and how long another waits: for a sign of
/// life, or for the end of a process whose launcher is gone (`patience`); for the end of any other
/// (`leave`), which may be about to go as well.
struct LockTiming {
  double beat = 2.0, patience = 20.0, leave = 2.0;
};

/// Holds `path` from construction to destruction. A background thread renews the file's
/// modification time as a sign of life, which is all that a run on another host, or in another
/// container, can see of this one. The lock appears under its name whole, and changes hands whole.
///
/// A lock that is there already is stale, and taken over, when its owner
///   - is of this host's present boot and of this PID namespace, and its process is gone, or its
///     number is that of another process by now, or it goes within the time of LockTiming, which is
///     said on stderr;
///   - was an earlier start of this very job, which Slurm has requeued since;
///   - cannot be looked for, and shows no sign of life for `patience` seconds (a node that died).
///
/// What has another's content under that name, or is a link, a pipe or a folder, is not a lock of
/// this program: it is left as it is and refused.
class LockFile {
 public:
  /// Throws BadInput naming host, process and job when a living run holds the lock, or naming the
  /// file when it is not ours to touch; IoFailure when the file cannot be made.
  LockFile(const std::string& path, LockTiming timing);
  ~LockFile();  ///< removes the file when it is still ours
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  const std::string& taken_over() const { return taken_over_; }  ///< whose lock, and why; or empty
  /// Throws IoFailure when another run has taken the lock over in the meantime.
  void require_held() const;

 private:
  bool make() const;
  bool make_in_place() const;
  bool try_to_take();
  bool take_over(const std::string& seen) const;
  std::string wait_for_end(const LockOwner& owner) const;
  std::string wait_for_life(const LockOwner& owner) const;
  bool held() const;
  void beat_until_stopped();

  LockOwner me_;
  std::string path_, text_, taken_over_;
  LockTiming timing_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread heart_;
};

}  // namespace admmnet
