/// Who holds the lock of a run, and whether that process still lives. No MPI.
#pragma once

#include <optional>
#include <string>

#include "runtime/types.h"

namespace admmnet {

/// The process that holds a lock. Process numbers mean something only within one PID namespace of
/// one boot of one host: elsewhere the same number is another process.
struct LockOwner {
  std::string host;
  std::string boot;           ///< id of the machine's present boot
  std::string pid_namespace;  ///< empty: not known, as in locks of earlier versions
  Index process = 0;
  Index launcher = 0;    ///< its parent: another one later on means that the launcher is gone
  std::string started;   ///< the process's start time, in the kernel's units
  std::string job;       ///< SLURM_JOB_ID, empty outside of Slurm
  std::string restarts;  ///< SLURM_RESTART_COUNT of that job, "0" at first
  std::string since_utc;

  static LockOwner this_process();
  static std::string started_of(Index process);  ///< empty: no such process
  /// Nothing when the text is no lock of this program; an owner without a host when it is one that
  /// is damaged.
  static std::optional<LockOwner> parse(const std::string& text);
  std::string text() const;
  std::string description() const;  ///< "process 17 on host n1 (job 5) since ..."

  /// Whether `me` can look for this process by its number.
  bool is_visible_to(const LockOwner& me) const;
  /// Why the owner cannot be alive; empty when it is, or may be.
  std::string why_dead(const LockOwner& me) const;
  /// Whether the launcher of a visible owner is gone: it will end soon.
  bool is_orphan() const;
};

}  // namespace admmnet
