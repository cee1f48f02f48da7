/// The table of iterations in the log, and how far the pass under way has come.
#pragma once

#include <string>
#include <utility>

#include "runtime/clock.h"
#include "runtime/iteration_record.h"
#include "runtime/log.h"

namespace admmnet {

/// One line of fixed width (79 columns, with the dual residual 91) per iteration, the head with the
/// units above the first and every 50th. Absent values show as "-", scores in their unit. ETA: what
/// is left of the budget at this run's mean speed.
class Monitor {
 public:
  /// `last_iteration`: the budget, counted like IterationRecord::iteration. `dual`: with a column
  /// of the dual residual.
  Monitor(Log& log, Index last_iteration, const Score& score = accuracy_score,
          SecondsClock clock = seconds_since_start, bool dual = false)
      : log_(log),
        last_iteration_(last_iteration),
        score_(score),
        clock_(std::move(clock)),
        dual_(dual) {}
  /// Not collective; only rank 0 of the log prints.
  void print(const IterationRecord& record);
  /// "pass 3: 45 % (10 of 22), loss 0.1234, 0:02:10 left in this pass", for Log::progress(). The
  /// speed counts from the first call of each pass, so that the time left shows from the second on.
  /// To be made after each step that does not end a pass. Not collective.
  void progress(Index iteration, Index done, Index of, double loss);

 private:
  bool has_unit() const { return *score_.unit != '\0'; }
  std::size_t score_width() const { return has_unit() ? 9 : 12; }
  std::string score_cell(double score) const;
  Log& log_;
  Index last_iteration_;
  Score score_;
  SecondsClock clock_;
  bool dual_;
  Index printed_ = 0;
  double seconds_ = 0.0;
  Index pass_ = 0;           // of progress()
  Index done_at_first_ = 0;  // at its first call in this pass
  double first_time_ = 0.0;
};

/// "1:02:03" for 3723 s; "-" for an absent value.
std::string hours_minutes_seconds(double seconds);

}  // namespace admmnet
