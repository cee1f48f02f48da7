/// The table of iterations in the log.
#pragma once

#include <string>

#include "runtime/iteration_record.h"
#include "runtime/log.h"

namespace admmnet {

/// One line of fixed width per iteration, the head with the units above the first and every 50th.
/// Absent values show as "-", accuracies in percent. ETA: what is left of the budget at this run's
/// mean speed.
class Monitor {
 public:
  /// `last_iteration`: the budget, counted like IterationRecord::iteration.
  Monitor(Log& log, Index last_iteration) : log_(log), last_iteration_(last_iteration) {}
  /// Not collective; only rank 0 of the log prints.
  void print(const IterationRecord& record);

 private:
  Log& log_;
  Index last_iteration_;
  Index printed_ = 0;
  double seconds_ = 0.0;
};

/// "1:02:03" for 3723 s; "-" for an absent value.
std::string hours_minutes_seconds(double seconds);

}  // namespace admmnet
