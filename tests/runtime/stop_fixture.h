/// A StopMonitor with a clock that the test sets.
#pragma once

#include "runtime/stop.h"

namespace admmnet::test {

/// A monitor with a clock that the test sets, and rules that stop nothing.
struct Fixture {
  double now = 0.0;
  StopRules rules;
  Fixture() { rules.iterations = 1000; }
  StopMonitor monitor() {
    return StopMonitor(rules, [this] { return now; });
  }
};

inline IterationRecord record_of(Index iteration, double objective,
                                 double validation = IterationRecord::absent,
                                 double seconds = 1.0) {
  IterationRecord record;
  record.iteration = iteration;
  record.objective = objective;
  record.validation_score = validation;
  record.seconds = seconds;
  return record;
}

/// A pass of one step.
inline void record_pass(StopMonitor& stop, const IterationRecord& record) {
  stop.record_step(record.seconds);
  stop.record_iteration(record);
}

inline StopReason reason_here(StopMonitor& stop) {
  return stop.agree(MPI_COMM_SELF).reason;
}

inline bool checkpoint_here(StopMonitor& stop) {
  return stop.agree(MPI_COMM_SELF).checkpoint;
}

}  // namespace admmnet::test
