/// Signs of life of this rank, and a watchdog that ends a run in which they stay out.
///
/// A rank can stop without ending: its node hangs, its file system does not answer, somebody has
/// stopped its process. The others wait for it in their next collective call until the job's time
/// is used up. What begins or ends on a rank is its sign of life: phases of Timers, steps of a
/// method, reads and writes of files, pieces of long loops. Where nothing ends for as long as
/// -run_stall_minutes says, the watchdog of the rank says so on stderr in one line. Ranks that wait
/// write that line, too; the one that has none is the one to look for. Then the job ends.
///
/// One operation that takes longer than the limit looks the same: the limit must be above the
/// longest of them (the factorisation of the widest layer, a piece of a checkpoint on a slow disk).
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include <mpi.h>

#include "runtime/types.h"

namespace admmnet {

/// A text that stays until the program ends; equal texts share one. For heartbeats.
const char* lasting_text(const std::string& text);

/// A sign of life: a part of `what` has just ended, e.g. "reading train.csv". It costs a few atomic
/// stores and does nothing else. `what` must last: a literal, or a lasting_text.
void beat(const char* what);

/// A sign of life for Timers: the phase that goes on from here, null for none; gives the one
/// before.
const char* heartbeat_phase(const char* phase);

/// A sign of life for the loop around a method, before each step: pass (iteration) and step, both
/// from 1, and the steps of a pass; 0 steps where a pass has no parts. So a stall can be placed.
void heartbeat_step(Index iteration, Index step = 0, Index steps = 0);

/// Where this rank is by the last of these: "phase read data (reading train.csv)", or "phase
/// weights, pass 3, step 2 of 9".
std::string heartbeat_place();

/// How long nothing has ended: the watchdog's arithmetic.
class StallTimer {
 public:
  enum class Verdict {
    alive,
    report,  ///< the limit is passed: said once
    end      ///< and the grace too, in which other ranks report
  };
  StallTimer(double limit_seconds, double grace_seconds, double look_seconds)
      : limit_(limit_seconds), grace_(grace_seconds), look_(look_seconds) {}

  /// At each look, which comes every look_seconds: the number of signs of life so far, and the
  /// seconds since the last look. More than two looks' time does not count: then this process was
  /// stopped itself, or the machine slept, and nothing could end.
  Verdict look(unsigned long beats, double seconds);
  double idle() const { return idle_; }

 private:
  double limit_, grace_, look_, idle_ = 0.0;
  unsigned long beats_ = 0;
  bool reported_ = false;
};

/// The watchdog of this rank, a thread for the life of the object. The thread sleeps nearly always,
/// allocates nothing, and calls MPI once: MPI_Abort with exit code 10 (stopped early and
/// restartable), when a stall has lasted for the limit and a grace of half of it, at most 10 s.
/// That is one call more than MPI_THREAD_FUNNELED grants another thread, at the process's end;
/// without it srun would return another code than 10, or wait for a stopped rank. If it does not
/// return the process ends by itself. Signs of life within the grace call all off.
class Watchdog {
 public:
  /// Off, without a thread, when minutes is 0. `comm` is for the rank in messages. Not collective.
  Watchdog(double minutes, MPI_Comm comm);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void watch();
  void report() const;
  [[noreturn]] void end_all_ranks() const;

  double minutes_;
  int rank_;
  std::string host_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace admmnet
