/// The lock file of a run: who holds it, and whether that process still lives. Rank 0 only, no MPI.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "runtime/types.h"

namespace admmnet {

/// The process that holds a lock.
struct LockOwner {
  std::string host;
  std::string boot;  ///< id of the machine's present boot
  Index process = 0;
  std::string started;   ///< the process's start time, in the kernel's units
  std::string job;       ///< SLURM_JOB_ID, empty outside of Slurm
  std::string restarts;  ///< SLURM_RESTART_COUNT of that job, "0" at first
  std::string since_utc;

  static LockOwner this_process();
  static LockOwner parse(const std::string& text);  ///< empty fields when the text is no lock's
  std::string text() const;
  std::string description() const;  ///< "process 17 on host n1 (job 5) since ..."
};

/// Seconds between two signs of life of a lock's owner, and how long another waits for one.
struct LockTiming {
  double beat = 2.0, patience = 20.0;
};

/// Holds `path` from construction to destruction. A background thread renews the file's
/// modification time as a sign of life, which is all that a run on another host can see of this
/// one.
///
/// A lock that is there already is stale, and taken over, when its owner
///   - ran on this host, and the host was restarted, the process is gone or its number was given
///   anew;
///   - was an earlier start of this very job, which Slurm has requeued since;
///   - ran elsewhere and shows no sign of life for `patience` seconds (a node that died).
class LockFile {
 public:
  /// Throws BadInput naming host, process and job when a living run holds the lock, IoFailure when
  /// the file cannot be made.
  LockFile(const std::string& path, LockTiming timing);
  ~LockFile();  ///< removes the file when it is still ours
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  const std::string& taken_over() const { return taken_over_; }  ///< whose lock, and why; or empty
  /// Throws IoFailure when another run has taken the lock over in the meantime.
  void require_held() const;

 private:
  bool try_to_take();
  bool take_over(const std::string& seen);
  std::string wait_for_life() const;
  bool held() const;
  void beat_until_stopped();

  std::string path_, text_, taken_over_;
  LockTiming timing_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread heart_;
};

}  // namespace admmnet
