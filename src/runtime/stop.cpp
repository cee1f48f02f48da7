#include "runtime/stop.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>
#include <utility>

#include "runtime/communicator.h"

namespace admmnet {

namespace {

/// Places in StopFlags: one for each reason to stop, in the order of their precedence, then the
/// checkpoint.
constexpr StopReason precedence[] = {StopReason::signal_now, StopReason::budget,
                                     StopReason::tolerance,  StopReason::patience,
                                     StopReason::wall_clock, StopReason::signal};
constexpr std::size_t checkpoint_place = std::size(precedence);
static_assert(std::tuple_size<StopFlags>::value == checkpoint_place + 1);

}  // namespace

const char* name_of(StopReason reason) {
  switch (reason) {
    case StopReason::none:
      return "none";
    case StopReason::budget:
      return "budget";
    case StopReason::tolerance:
      return "tolerance";
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

ExitCode exit_code_of(StopReason reason) {
  const bool early = reason == StopReason::wall_clock || reason == StopReason::signal ||
                     reason == StopReason::signal_now;
  return early ? ExitCode::stopped : ExitCode::finished;
}

bool stop_was_requested(MPI_Comm comm) {
  const SignalCounts signals = signal_counts();
  return max_over(comm, signals.stop > 0 || signals.terminate > 0 ? 1.0 : 0.0) > 0.0;
}

StopMonitor::StopMonitor(const StopRules& rules, Clock clock)
    : rules_(rules),
      clock_(std::move(clock)),
      objective_(IterationRecord::absent),
      previous_objective_(IterationRecord::absent),
      best_validation_(IterationRecord::absent),
      checkpoint_time_(clock_()) {}

void StopMonitor::note_result(const IterationRecord& record) {
  iteration_ = record.iteration;
  previous_objective_ = std::exchange(objective_, record.objective);
  // The negation lets the first value win over an absent one, which is NaN: std::islessequal says
  // no without the floating-point exception of <=.
  if (!std::isnan(record.validation_accuracy) &&
      !std::islessequal(record.validation_accuracy, best_validation_)) {
    best_validation_ = record.validation_accuracy;
    best_iteration_ = record.iteration;
  }
}

void StopMonitor::resume(const std::vector<IterationRecord>& history) {
  for (const IterationRecord& record : history) note_result(record);
  checkpoint_iteration_ = iteration_;
}

void StopMonitor::record_iteration(const IterationRecord& record) {
  note_result(record);
  longest_iteration_ = std::fmax(longest_iteration_, record.seconds);
}

void StopMonitor::record_checkpoint(double seconds) {
  longest_checkpoint_ = std::max(longest_checkpoint_, seconds);
  checkpoint_iteration_ = iteration_;
  checkpoint_time_ = clock_();
}

bool StopMonitor::wall_clock_is_near() const {
  if (!rules_.max_walltime) return false;
  const double checkpoint = longest_checkpoint_ > 0.0 ? longest_checkpoint_ : expected_checkpoint_;
  return clock_() + longest_iteration_ + 1.5 * checkpoint >= *rules_.max_walltime;
}

bool StopMonitor::checkpoint_is_due() const {
  if (iteration_ == checkpoint_iteration_) return false;
  // Multiples of the interval, wherever a restart or a request in between has put other
  // checkpoints.
  const Index every = rules_.checkpoint_iterations;
  const bool by_count = every > 0 && iteration_ / every > checkpoint_iteration_ / every;
  const bool by_age =
      rules_.checkpoint_seconds > 0.0 && clock_() - checkpoint_time_ >= rules_.checkpoint_seconds;
  return by_count || by_age;
}

StopFlags StopMonitor::wishes() {
  const SignalCounts signals = signal_counts();
  checkpoints_asked_ = signals.checkpoint;
  const auto wanted = [&](StopReason reason) {
    switch (reason) {
      case StopReason::signal_now:
        return signals.terminate > 1;
      case StopReason::budget:
        return iteration_ >= rules_.iterations;
      case StopReason::tolerance:  // false when one of the two is absent
        return rules_.tolerance > 0.0 &&
               std::islessequal(std::abs(objective_ - previous_objective_),
                                rules_.tolerance * std::abs(previous_objective_));
      case StopReason::patience:
        return rules_.patience > 0 && best_iteration_ > 0 &&
               iteration_ - best_iteration_ >= rules_.patience;
      case StopReason::wall_clock:
        return wall_clock_is_near();
      case StopReason::signal:
        return signals.stop > 0 || signals.terminate > 0;
      case StopReason::none:
        break;
    }
    return false;
  };
  StopFlags flags{};
  for (std::size_t i = 0; i < checkpoint_place; ++i) flags[i] = wanted(precedence[i]) ? 1.0 : 0.0;
  const bool checkpoint = signals.checkpoint > checkpoints_served_ || checkpoint_is_due();
  flags[checkpoint_place] = checkpoint ? 1.0 : 0.0;
  return flags;
}

Requests StopMonitor::decide(const StopFlags& reduced) {
  Requests requests;
  for (std::size_t i = checkpoint_place; i-- > 0;)
    if (reduced[i] > 0.0) requests.reason = precedence[i];
  requests.stop = requests.reason != StopReason::none;
  requests.stop_now = requests.reason == StopReason::signal_now;
  requests.checkpoint = !requests.stop_now && (requests.stop || reduced[checkpoint_place] > 0.0);
  if (requests.checkpoint) checkpoints_served_ = checkpoints_asked_;
  return requests;
}

Requests StopMonitor::agree(MPI_Comm comm) {
  StopFlags flags = wishes();
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, flags.data(), static_cast<int>(flags.size()), MPI_DOUBLE,
                          MPI_MAX, comm),
            "MPI_Allreduce");
  return decide(flags);
}

}  // namespace admmnet
