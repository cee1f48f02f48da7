#include "runtime/stop.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "runtime/communicator.h"

namespace admmnet {

/// The later ones hold where none before does.
constexpr StopReason precedence[] = {
    StopReason::signal_now, StopReason::target,     StopReason::budget,
    StopReason::tolerance,  StopReason::residuals,  StopReason::patience,
    StopReason::pause,      StopReason::wall_clock, StopReason::signal};

const char* name_of(StopReason reason) {
  switch (reason) {
    case StopReason::none:
      return "none";
    case StopReason::target:
      return "target";
    case StopReason::budget:
      return "budget";
    case StopReason::pause:
      return "pause";
    case StopReason::tolerance:
      return "tolerance";
    case StopReason::residuals:
      return "residuals";
    case StopReason::patience:
      return "patience";
    case StopReason::wall_clock:
      return "wall_clock";
    case StopReason::signal:
      return "signal";
    case StopReason::signal_now:
      return "signal_now";
  }
  throw InternalError("name_of: not a StopReason");
}

StopReason stop_reason_named(const std::string& name) {
  for (StopReason reason : precedence)
    if (name == name_of(reason)) return reason;
  return StopReason::none;
}

ExitCode exit_code_of(StopReason reason) {
  const bool early = reason == StopReason::wall_clock || reason == StopReason::signal ||
                     reason == StopReason::signal_now;
  return early ? ExitCode::stopped : ExitCode::finished;
}

bool ends_the_run(StopReason reason) {
  return exit_code_of(reason) == ExitCode::finished && reason != StopReason::pause;
}

bool stop_was_requested(MPI_Comm comm) {
  const SignalCounts signals = signal_counts();
  return max_over(comm, signals.stop > 0 || signals.terminate > 0 ? 1.0 : 0.0) > 0.0;
}

StopMonitor::StopMonitor(const StopRules& rules, SecondsClock clock)
    : rules_(rules),
      clock_(std::move(clock)),
      objective_(IterationRecord::absent),
      previous_objective_(IterationRecord::absent),
      best_validation_(IterationRecord::absent),
      primal_(IterationRecord::absent),
      dual_(IterationRecord::absent),
      validation_(IterationRecord::absent),
      checkpoint_time_(clock_()) {}

void StopMonitor::note_result(const IterationRecord& record) {
  iteration_ = record.iteration;
  previous_objective_ = std::exchange(objective_, record.objective);
  primal_ = record.primal_residual;
  dual_ = record.dual_residual;
  // The negation lets the first value win over an absent one, which is NaN: std::islessequal says
  // no without the floating-point exception of <=.
  validation_ = record.validation_score;
  const double validation = rules_.score.rank(validation_, record.validation_loss);
  if (!std::isnan(validation) && !std::islessequal(validation, best_validation_)) {
    best_validation_ = validation;
    best_iteration_ = record.iteration;
  }
}

void StopMonitor::resume(const std::vector<IterationRecord>& history) {
  for (const IterationRecord& record : history) note_result(record);
  checkpoint_iteration_ = iteration_;
}

void StopMonitor::record_step(double seconds) {
  in_a_pass_ = true;
  anything_new_ = true;
  validation_ = IterationRecord::absent;
  longest_stretch_ = std::fmax(longest_stretch_, seconds);
}

void StopMonitor::record_iteration(const IterationRecord& record) {
  note_result(record);
  in_a_pass_ = false;
}

void StopMonitor::record_checkpoint(double seconds) {
  longest_checkpoint_ = std::max(longest_checkpoint_, seconds);
  checkpoint_iteration_ = iteration_;
  checkpoint_time_ = clock_();
  anything_new_ = false;
}

bool StopMonitor::wall_clock_is_near() const {
  if (!rules_.max_walltime) return false;
  const double checkpoint = longest_checkpoint_ > 0.0 ? longest_checkpoint_ : expected_checkpoint_;
  return clock_() + longest_stretch_ + 1.5 * checkpoint >= *rules_.max_walltime;
}

/// False where one that is asked for is absent.
bool StopMonitor::residuals_are_small() const {
  const auto holds = [](double residual, double tolerance) {
    return tolerance <= 0.0 || std::islessequal(residual, tolerance);
  };
  return (rules_.primal > 0.0 || rules_.dual > 0.0) && holds(primal_, rules_.primal) &&
         holds(dual_, rules_.dual);
}

bool StopMonitor::checkpoint_is_due() const {
  if (!anything_new_) return false;
  // Multiples of the interval, wherever a restart or a request in between has put other
  // checkpoints.
  const Index every = rules_.checkpoint_iterations;
  const bool by_count =
      every > 0 && !in_a_pass_ && iteration_ / every > checkpoint_iteration_ / every;
  const bool by_age =
      rules_.checkpoint_seconds > 0.0 && clock_() - checkpoint_time_ >= rules_.checkpoint_seconds;
  return by_count || by_age;
}

bool StopMonitor::wants(StopReason reason, const SignalCounts& signals) const {
  switch (reason) {
    case StopReason::signal_now:
      return signals.terminate > 1;
    case StopReason::target:  // false when nobody has looked
      return rules_.target &&
             std::isgreaterequal(rules_.score.rank(validation_, IterationRecord::absent),
                                 rules_.score.rank(*rules_.target, IterationRecord::absent));
    case StopReason::budget:
      return !in_a_pass_ && iteration_ >= rules_.iterations;
    case StopReason::pause:
      return !in_a_pass_ && rules_.pause > 0 && iteration_ >= rules_.pause;
    case StopReason::tolerance:  // false when one of the two is absent
      return !in_a_pass_ && rules_.tolerance > 0.0 &&
             std::islessequal(std::abs(objective_ - previous_objective_),
                              rules_.tolerance * std::abs(previous_objective_));
    case StopReason::residuals:
      return !in_a_pass_ && residuals_are_small();
    case StopReason::patience:
      return !in_a_pass_ && rules_.patience > 0 && best_iteration_ > 0 &&
             iteration_ - best_iteration_ >= rules_.patience;
    case StopReason::wall_clock:
      return wall_clock_is_near();
    case StopReason::signal:
      return signals.stop > 0 || signals.terminate > 0;
    case StopReason::none:
      break;
  }
  return false;
}

Requests StopMonitor::agree(MPI_Comm comm, bool resumable) {
  const SignalCounts signals = signal_counts();
  constexpr std::size_t reasons = std::size(precedence);
  std::array<double, reasons + 1> flags{};  // a wish each: 0 or 1; the last: a checkpoint
  for (std::size_t i = 0; i < reasons; ++i)
    if (resumable || precedence[i] == StopReason::signal_now)
      flags[i] = wants(precedence[i], signals) ? 1.0 : 0.0;
  if (resumable && (signals.checkpoint > checkpoints_served_ || checkpoint_is_due()))
    flags[reasons] = 1.0;
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, flags.data(), static_cast<int>(flags.size()), MPI_DOUBLE,
                            MPI_MAX, comm));
  Requests requests;
  for (std::size_t i = reasons; i-- > 0;)
    if (flags[i] > 0.0) requests.reason = precedence[i];
  requests.stop = requests.reason != StopReason::none;
  requests.stop_now = requests.reason == StopReason::signal_now;
  requests.checkpoint = !requests.stop_now && (requests.stop || flags[reasons] > 0.0);
  // Not those that have come since this rank looked.
  if (requests.checkpoint) checkpoints_served_ = signals.checkpoint;
  return requests;
}

}  // namespace admmnet
