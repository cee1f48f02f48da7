/// The log of a run: plain lines on stdout and in NAME.log.
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>

#include <mpi.h>

#include "runtime/clock.h"
#include "runtime/files.h"

namespace admmnet {

/// Writes on rank 0 of its communicator and does nothing on the others, so that code may log
/// without asking for its rank. Facts have the form `key: value` for grep. Each line is flushed;
/// there is no colour. Only the constructor with a file is collective, and only it can fail: a disk
/// that fills up later costs one warning.
class Log {
 public:
  /// stdout only. Not collective.
  explicit Log(MPI_Comm comm, SecondsClock clock = seconds_since_start);
  /// stdout and a file. Throws IoFailure, on every rank, when the file cannot be opened. Collective
  /// on comm.
  Log(MPI_Comm comm, const std::string& path, LineWriter::Mode mode,
      SecondsClock clock = seconds_since_start);
  ~Log() { wipe(); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void line(const std::string& text = "");
  /// What is going on just now, of many such texts. On a terminal it is shown in one place, at most
  /// every 0.2 s, and wiped before the next line. In the file, and on a stdout that is no terminal,
  /// it becomes a line when there has been none of any kind for a minute.
  void progress(const std::string& text);
  void section(const std::string& title);
  void warning(const std::string& text);
  void value(const std::string& key, const std::string& value);
  /// Numbers: integers and truth values in full, real numbers with six digits.
  template <class Number, class = std::enable_if_t<std::is_arithmetic_v<Number>>>
  void value(const std::string& key, Number number) {
    if constexpr (std::is_same_v<Number, bool>) {
      value(key, std::string(number ? "true" : "false"));
    } else if constexpr (std::is_floating_point_v<Number>) {
      value(key, format(number));
    } else {
      value(key, std::to_string(number));
    }
  }

 private:
  static std::string format(double number);
  void wipe();

  bool writes_;
  bool on_terminal_;
  LineWriter file_;
  SecondsClock clock_;
  double line_time_;
  double progress_time_ = 0.0;  // when one was shown
  std::size_t shown_ = 0;       // characters of progress on the terminal
};

}  // namespace admmnet
