/// When a training run stops and when it writes a checkpoint. Each rank looks at its own clock and
/// signals; what is done is agreed on by all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mpi.h>

#include "runtime/clock.h"
#include "runtime/error.h"
#include "runtime/iteration_record.h"
#include "runtime/signals.h"

namespace admmnet {

enum class StopReason {
  none,
  target,      ///< the validation score is as good as asked for
  budget,      ///< all iterations made
  pause,       ///< as many of them as are asked for by now
  tolerance,   ///< the objective does not change any more
  residuals,   ///< primal and dual residual are as small as asked for
  patience,    ///< no better validation score for long
  wall_clock,  ///< the time limit is near
  signal,      ///< SIGUSR2 or SIGTERM
  signal_now   ///< a second SIGTERM
};

/// Whether any rank has been told to stop, by SIGUSR2 or SIGTERM: for the time before the first
/// iteration, when there is nothing to save yet. Collective on comm.
bool stop_was_requested(MPI_Comm comm);

/// "budget", "tolerance", ...: the words of the log and of NAME.summary.json.
const char* name_of(StopReason reason);
/// The other way round; none for other words.
StopReason stop_reason_named(const std::string& name);

/// finished for none, target, budget, pause, tolerance, residuals and patience; stopped
/// (restartable) for the others.
ExitCode exit_code_of(StopReason reason);

/// Whether the run is at its end: finished, and no pause.
bool ends_the_run(StopReason reason);

struct StopRules {
  Index iterations = 0;                ///< budget, counted over restarts
  Index pause = 0;                     ///< the same, of a pause; 0: none
  double tolerance = 0.0;              ///< on |f_k - f_{k-1}| / |f_{k-1}|; 0: never
  double primal = 0.0, dual = 0.0;     ///< on the residuals, both of those above 0; else never
  Index patience = 0;                  ///< iterations without a better validation score; 0: off
  std::optional<double> target;        ///< validation score that is good enough
  Score score = accuracy_score;        ///< says what is better
  std::optional<double> max_walltime;  ///< seconds since the program started
  Index checkpoint_iterations = 0;     ///< a checkpoint at each multiple; 0: off
  double checkpoint_seconds = 0.0;     ///< a checkpoint when the last is so old; 0: off
};

/// What all ranks do next.
struct Requests {
  bool checkpoint = false;  ///< write one now; set with `stop` too, unless `stop_now`
  bool stop = false;        ///< leave the loop
  bool stop_now = false;    ///< leave it without a checkpoint
  StopReason reason = StopReason::none;
};

/// Asked wherever a run can be interrupted: at the end of a pass, and between the steps of one
/// where the method can go on from there.
class StopMonitor {
 public:
  /// `clock` gives the seconds since the program started.
  explicit StopMonitor(const StopRules& rules, SecondsClock clock = seconds_since_start);

  /// Takes the history of a checkpoint, so that tolerance and patience go on as if never
  /// interrupted. Its times do not count: they may come from other ranks on another machine.
  void resume(const std::vector<IterationRecord>& history);

  /// A point has been reached that a checkpoint can hold, in the middle of a pass or at its end;
  /// `seconds`: since the last such point or checkpoint.
  void record_step(double seconds);
  /// After record_step in the middle of a pass: the validation score of the weights as they are.
  void record_look(double validation_score) { validation_ = validation_score; }
  /// After the last step of a pass: it is at its end.
  void record_iteration(const IterationRecord& record);

  /// After each attempt to write a checkpoint, successful or not. Before the first, the reserve of
  /// the wall-clock limit is as good as the estimate given by expect_checkpoint().
  void record_checkpoint(double seconds);
  void expect_checkpoint(double seconds) { expected_checkpoint_ = seconds; }

  /// What all do next.
  ///   - Finished (target; budget, pause, tolerance, residuals, patience at the end of a pass only)
  ///     goes before stopped early (wall clock, signal), and a second SIGTERM before all.
  ///   - The wall clock asks for a stop as soon as one more stretch between two points like the
  ///     longest and a checkpoint 1.5 times as long as the longest would not fit any more.
  ///   - `resumable`: whether the method can go on from here. Where it cannot only the second
  ///     SIGTERM counts, and all else waits; the same on every rank.
  /// Collective on comm.
  Requests agree(MPI_Comm comm, bool resumable = true);

 private:
  void note_result(const IterationRecord& record);
  bool wants(StopReason reason, const SignalCounts& signals) const;
  bool residuals_are_small() const;
  bool wall_clock_is_near() const;
  bool checkpoint_is_due() const;

  StopRules rules_;
  SecondsClock clock_;
  Index iteration_ = 0, best_iteration_ = 0, checkpoint_iteration_ = 0;
  bool in_a_pass_ = false;
  bool anything_new_ = false;  // since the last checkpoint
  double objective_, previous_objective_, best_validation_;
  double primal_, dual_;
  double validation_;  // of the weights as they are; absent: nobody has looked
  double longest_stretch_ = 0.0, longest_checkpoint_ = 0.0, expected_checkpoint_ = 0.0;
  double checkpoint_time_;
  int checkpoints_served_ = 0;  // SIGUSR1s that have led to a checkpoint
};

}  // namespace admmnet
