#include "runtime/monitor.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <initializer_list>

namespace admmnet {

static std::string cell(const char* format, double value) {
  if (std::isnan(value)) return "-";
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// The cells to the right in their columns: width of each, and text.
static std::string row(std::initializer_list<std::pair<std::size_t, std::string>> cells) {
  std::string text;
  for (const auto& [width, value] : cells) {
    if (width == 0) continue;
    if (!text.empty()) text += ' ';
    text += std::string(width > value.size() ? width - value.size() : 0, ' ') + value;
  }
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

std::string Monitor::score_cell(double score) const {
  return cell(has_unit() ? "%.2f" : "%.4e", score_.in_unit * score);
}

void Monitor::print(const IterationRecord& record) {
  constexpr Index lines_per_head = 50;
  const std::size_t dual = dual_ ? 11 : 0;
  const std::string unit = has_unit() ? score_.unit : score_.name;
  if (printed_ % lines_per_head == 0)
    log_.line(row({{9, "iteration"},
                   {13, "objective"},
                   {12, "primal res"},
                   {dual, "dual res"},
                   {score_width(), "train[" + unit + "]"},
                   {score_width(), "valid[" + unit + "]"},
                   {10, "time[s]"},
                   {11, "ETA[h:m:s]"}}));
  ++printed_;
  seconds_ += record.seconds;
  const double left =
      std::max(0.0, static_cast<double>(last_iteration_) - static_cast<double>(record.iteration));
  const double seconds_left = left * seconds_ / static_cast<double>(printed_);
  log_.line(row({{9, std::to_string(record.iteration)},
                 {13, cell("%.6e", record.objective)},
                 {12, cell("%.3e", record.primal_residual)},
                 {dual, cell("%.3e", record.dual_residual)},
                 {score_width(), score_cell(record.train_score)},
                 {score_width(), score_cell(record.validation_score)},
                 {10, cell("%.3f", record.seconds)},
                 {11, hours_minutes_seconds(seconds_left)}}));
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
