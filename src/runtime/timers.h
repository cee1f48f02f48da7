/// Where the time goes: named phases, timed on every rank.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <mpi.h>
#include <petsclog.h>

#include "runtime/types.h"

namespace admmnet {

/// One line of the timing breakdown, over the ranks. Seconds are inclusive: a phase timed inside
/// another counts in both.
struct PhaseTimes {
  std::string name;
  Index calls;               ///< largest of any rank
  double min, average, max;  ///< seconds
  double share;              ///< average / total time of the run
};

/// A phase costs two looks at the clock a call. Each is a PETSc log event of the same name too, so
/// that -log_view has its times, messages and flops.
class Timers {
 public:
  /// Times the life of the object.
  class Scope {
   public:
    Scope(Timers& timers, int phase) : timers_(timers), phase_(phase) { timers_.begin(phase_); }
    ~Scope() { timers_.end(phase_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Timers& timers_;
    int phase_;
  };

  Timers() = default;
  /// Without clock and log: `enter` is called with the name of each phase that begins, and with
  /// that of the phase around it (none: empty) when it ends.
  explicit Timers(std::function<void(const std::string&)> enter) : enter_(std::move(enter)) {}

  /// The number of the phase of this name, made at its first mention. -log_view wants the phases
  /// made in the same order on all ranks. Without PETSc running, or before it, the phase has no log
  /// event.
  int phase(const std::string& name);

  /// Of all phases, in the order in which they were made.
  std::vector<std::string> names() const;

  [[nodiscard]] Scope time(int phase) { return {*this, phase}; }

  /// This rank's seconds in a phase so far.
  double seconds(int phase) const { return phases_.at(static_cast<std::size_t>(phase)).seconds; }

  /// Rank 0's phases in their order, and a last line "total" for the time since this object was
  /// made. A rank that lacks a phase counts with zero. The result is the same on all ranks.
  /// Collective on comm.
  std::vector<PhaseTimes> summary(MPI_Comm comm) const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Phase {
    std::string name;
    PetscLogEvent event;  // -1: none
    const char* sign;     // the name, for heartbeats
    const char* around;   // the sign of the phase that this one began in
    Index calls;
    double seconds;
    Clock::time_point started;
  };
  void begin(int number);
  void end(int number);
  std::vector<Phase> phases_;
  std::function<void(const std::string&)> enter_;
  std::vector<int> entered_;  // with enter_: the phases around each other
  Clock::time_point made_ = Clock::now();
};

/// The breakdown as a table of fixed width, one string with line ends.
std::string timing_table(const std::vector<PhaseTimes>& phases);

}  // namespace admmnet
