/// Keeps a second run out of a run's name.
#pragma once

#include <memory>
#include <string>

#include <mpi.h>

#include "checkpoint/lock_file.h"

namespace admmnet {

/// Holds <dir>/<name>.lock on rank 0 for its lifetime (lock_file.h says when another run's lock
/// counts as stale). Released in the destructor by whoever still owns it.
class RunLock {
 public:
  /// Throws BadInput on every rank, naming host, process and job, when a living run holds the lock;
  /// IoFailure when it cannot be made. Takes up to timing.patience seconds when the lock is of
  /// another host. Collective on comm.
  RunLock(const std::string& dir, const std::string& name, MPI_Comm comm, LockTiming timing = {});

  /// For the log: whose stale lock was taken over and why it counts as stale; else empty.
  const std::string& taken_over() const { return taken_over_; }

  /// Throws IoFailure on every rank when another run has taken the lock (this one was suspended,
  /// say). Collective on comm.
  void require_held() const;

 private:
  MPI_Comm comm_;
  std::unique_ptr<LockFile> file_;  // rank 0
  std::string taken_over_;
};

}  // namespace admmnet
