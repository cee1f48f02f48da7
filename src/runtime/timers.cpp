#include "runtime/timers.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "runtime/communication_counter.h"
#include "runtime/communicator.h"
#include "runtime/heartbeat.h"
#include "runtime/petsc_check.h"

namespace admmnet {

static double seconds_between(std::chrono::steady_clock::time_point from,
                              std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

/// The log event of a phase, -1 when PETSc is not running.
static PetscLogEvent register_event(const std::string& name) {
  PetscBool running = PETSC_FALSE;
  PetscInitialized(&running);
  if (!running) return -1;
  static PetscClassId class_id = 0;
  if (class_id == 0) ADMMNET_PETSC(PetscClassIdRegister("admmnet", &class_id));
  PetscLogEvent event = -1;
  ADMMNET_PETSC(PetscLogEventRegister(name.c_str(), class_id, &event));
  return event;
}

int Timers::phase(const std::string& name) {
  const auto known = std::find_if(phases_.begin(), phases_.end(),
                                  [&](const Phase& phase) { return phase.name == name; });
  if (known != phases_.end()) return static_cast<int>(known - phases_.begin());
  phases_.push_back(
      {name, enter_ ? -1 : register_event(name), lasting_text(name), nullptr, 0, 0.0, {}});
  return static_cast<int>(phases_.size()) - 1;
}

std::vector<std::string> Timers::names() const {
  std::vector<std::string> names;
  for (const Phase& phase : phases_) names.push_back(phase.name);
  return names;
}

void Timers::begin(int number) {
  Phase& phase = phases_.at(static_cast<std::size_t>(number));
  if (enter_) {
    entered_.push_back(number);
    enter_(phase.name);
    return;
  }
  if (phase.event >= 0) (void)PetscLogEventBegin(phase.event, 0, 0, 0, 0);
  communication_phase_begins(phase.name);
  phase.around = heartbeat_phase(phase.sign);
  phase.started = Clock::now();
}

void Timers::end(int number) {
  if (enter_) {
    entered_.pop_back();
    enter_(entered_.empty() ? "" : phases_[static_cast<std::size_t>(entered_.back())].name);
    return;
  }
  Phase& phase = phases_[static_cast<std::size_t>(number)];
  phase.seconds += seconds_between(phase.started, Clock::now());
  ++phase.calls;
  communication_phase_ends();
  heartbeat_phase(phase.around);
  if (phase.event >= 0) (void)PetscLogEventEnd(phase.event, 0, 0, 0, 0);
}

std::vector<PhaseTimes> Timers::summary(MPI_Comm comm) const {
  const double total = seconds_between(made_, Clock::now());
  std::string names;
  for (const Phase& phase : phases_) names += phase.name + "\n";
  std::istringstream lines(broadcast(names, 0, comm));

  std::vector<PhaseTimes> result;
  std::vector<double> seconds, calls;
  for (std::string name; std::getline(lines, name);) {
    const auto mine = std::find_if(phases_.begin(), phases_.end(),
                                   [&](const Phase& phase) { return phase.name == name; });
    seconds.push_back(mine == phases_.end() ? 0.0 : mine->seconds);
    calls.push_back(mine == phases_.end() ? 0.0 : static_cast<double>(mine->calls));
    result.push_back({name, 0, 0.0, 0.0, 0.0, 0.0});
  }
  seconds.push_back(total);
  calls.push_back(1.0);
  result.push_back({"total", 1, 0.0, 0.0, 0.0, 0.0});

  const int count = static_cast<int>(result.size());
  std::vector<double> least = seconds, most = seconds, sum = seconds;
  const auto reduce = [&](std::vector<double>& values, MPI_Op operation) {
    ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, values.data(), count, MPI_DOUBLE, operation, comm));
  };
  reduce(least, MPI_MIN);
  reduce(most, MPI_MAX);
  reduce(sum, MPI_SUM);
  reduce(calls, MPI_MAX);
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i].calls = static_cast<Index>(calls[i]);
    result[i].min = least[i];
    result[i].max = most[i];
    result[i].average = sum[i] / size_of(comm);
    result[i].share = sum.back() > 0.0 ? sum[i] / sum.back() : 0.0;
  }
  return result;
}

std::string timing_table(const std::vector<PhaseTimes>& phases) {
  char text[160];
  std::snprintf(text, sizeof text, "%-28s %9s %11s %11s %11s %9s\n", "phase", "calls", "min [s]",
                "avg [s]", "max [s]", "share [%]");
  std::string table = text;
  for (const PhaseTimes& phase : phases) {
    std::snprintf(text, sizeof text, "%-28.60s %9lld %11.3f %11.3f %11.3f %9.1f\n",
                  phase.name.c_str(), static_cast<long long>(phase.calls), phase.min, phase.average,
                  phase.max, 100.0 * phase.share);
    table += text;
  }
  return table;
}

}  // namespace admmnet
