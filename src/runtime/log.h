/// The log of a run: plain lines on stdout and in NAME.log.
#pragma once

#include <string>
#include <type_traits>

#include <mpi.h>

#include "runtime/files.h"

namespace admmnet {

/// Writes on rank 0 of its communicator and does nothing on the others, so that code may log
/// without asking for its rank. Facts have the form `key: value` for grep. Each line is flushed;
/// there is no colour. Only the constructor is collective, and only it can fail: a disk that fills
/// up later costs one warning.
class Log {
 public:
  /// stdout only. Not collective.
  explicit Log(MPI_Comm comm);
  /// stdout and a file. Throws IoFailure, on every rank, when the file cannot be opened. Collective
  /// on comm.
  Log(MPI_Comm comm, const std::string& path, LineWriter::Mode mode);

  void line(const std::string& text = "");
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
  bool writes_;
  LineWriter file_;
};

}  // namespace admmnet
