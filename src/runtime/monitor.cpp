#include "runtime/monitor.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace admmnet {

static std::string cell(const char* format, double value) {
  if (std::isnan(value)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

static std::string row(const std::string& iteration, const std::string& objective,
                       const std::string& residual, const std::string& train,
                       const std::string& validation, const std::string& seconds,
                       const std::string& eta) {
  char text[160];
  std::snprintf(text, sizeof text, "%9s %13s %12s %9s %9s %10s %11s", iteration.c_str(),
                objective.c_str(), residual.c_str(), train.c_str(), validation.c_str(),
                seconds.c_str(), eta.c_str());
  return text;
}

std::string hours_minutes_seconds(double seconds) {
  if (std::isnan(seconds)) return "-";
  // Years of run time mean that a speed was not known; llround must not overflow.
  const long long whole = std::llround(std::clamp(seconds, 0.0, 1e9));
  char text[32];
  std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

void Monitor::print(const IterationRecord& record) {
  constexpr Index lines_per_head = 50;
  if (printed_ % lines_per_head == 0)
    log_.line(row("iteration", "objective", "primal res", std::string("train[") + score_.unit + "]",
                  std::string("valid[") + score_.unit + "]", "time[s]", "ETA[h:m:s]"));
  ++printed_;
  seconds_ += record.seconds;
  const double left =
      std::max(0.0, static_cast<double>(last_iteration_) - static_cast<double>(record.iteration));
  log_.line(
      row(std::to_string(record.iteration), cell("%.6e", record.objective),
          cell("%.3e", record.primal_residual), cell("%.2f", score_.in_unit * record.train_score),
          cell("%.2f", score_.in_unit * record.validation_score), cell("%.3f", record.seconds),
          hours_minutes_seconds(left * seconds_ / static_cast<double>(printed_))));
}

void Monitor::progress(Index iteration, Index done, Index of, double loss) {
  const double now = clock_();
  if (iteration != pass_) {
    pass_ = iteration;
    done_at_first_ = done;
    first_time_ = now;
  }
  const double left = done > done_at_first_ ? (now - first_time_) * static_cast<double>(of - done) /
                                                  static_cast<double>(done - done_at_first_)
                                            : IterationRecord::absent;
  log_.progress("pass " + std::to_string(iteration) + ": " + std::to_string(100 * done / of) +
                " % (" + std::to_string(done) + " of " + std::to_string(of) + "), loss " +
                cell("%.4g", loss) + ", " + hours_minutes_seconds(left) + " left in this pass");
}

}  // namespace admmnet
