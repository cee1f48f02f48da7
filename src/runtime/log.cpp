#include "runtime/log.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/communicator.h"

namespace admmnet {

/// Open MPI gives its processes terminals of their own as stdout, wherever its own output goes:
/// then it is the launcher's stdout that decides, if it is another terminal.
static bool stdout_is_seen() {
  if (isatty(STDOUT_FILENO) == 0) return false;
  if (tcgetpgrp(STDOUT_FILENO) != -1) return true;  // the terminal that this process belongs to
  const auto target_of = [](const std::string& process) {
    std::error_code unknown;
    return std::filesystem::read_symlink("/proc/" + process + "/fd/1", unknown).string();
  };
  const std::string launcher = target_of(std::to_string(getppid()));
  const bool terminal = launcher.rfind("/dev/pts/", 0) == 0 || launcher.rfind("/dev/tty", 0) == 0;
  return terminal && launcher != target_of("self");
}

Log::Log(MPI_Comm comm, SecondsClock clock)
    : writes_(rank_of(comm) == 0),
      on_terminal_(writes_ && stdout_is_seen()),
      clock_(std::move(clock)),
      line_time_(clock_()) {}

Log::Log(MPI_Comm comm, const std::string& path, LineWriter::Mode mode, SecondsClock clock)
    : Log(comm, std::move(clock)) {
  collectively(comm, [&] {
    if (writes_) file_ = LineWriter(path, mode);
  });
}

void Log::line(const std::string& text) {
  if (!writes_) return;
  wipe();
  std::fprintf(stdout, "%s\n", text.c_str());
  std::fflush(stdout);
  file_.write(text);
  line_time_ = clock_();
}

void Log::progress(const std::string& text) {
  constexpr double between_lines = 60.0, between_changes = 0.2;
  if (!writes_) return;
  const double now = clock_();
  if (on_terminal_ && now - std::max(line_time_, progress_time_) >= between_changes) {
    std::fprintf(stdout, "\r%-*s", static_cast<int>(shown_), text.c_str());
    std::fflush(stdout);
    shown_ = text.size();
    progress_time_ = now;
  }
  if (now - line_time_ < between_lines) return;
  if (on_terminal_) {
    file_.write(text);
    line_time_ = now;
  } else {
    line(text);
  }
}

void Log::wipe() {
  if (shown_ == 0) return;
  std::fprintf(stdout, "\r%*s\r", static_cast<int>(shown_), "");
  std::fflush(stdout);
  shown_ = 0;
}

void Log::section(const std::string& title) {
  line();
  line("== " + title + " ==");
}

void Log::warning(const std::string& text) {
  line("warning: " + text);
}

void Log::value(const std::string& key, const std::string& value) {
  line(key + ": " + value);
}

std::string Log::format(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", number);
  return text;
}

}  // namespace admmnet
