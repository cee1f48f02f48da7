/// Errors and exit codes.
///
/// Misuse and failures are exceptions of type Error; a numerical failure that a caller can work
/// around (a Gram matrix that is not positive definite) is a returned status instead. `main` turns
/// an Error into the process's exit code; every rank leaves with the same one.
#pragma once

#include <stdexcept>
#include <string>

namespace admmnet {

/// Exit codes of the program; job scripts rely on the numbers.
enum class ExitCode : int {
  finished = 0,    ///< converged or the budget of iterations used up
  bad_input = 2,   ///< deck, data or command line
  io_failure = 3,  ///< a file or a checkpoint could not be read or written
  breakdown = 4,   ///< NaN in the state, or every solver of the menu failed
  internal = 5,    ///< a defect of the program
  stopped = 10     ///< stopped early and restartable
};

/// An error with the exit code it leads to. The message names what, where, the value and the
/// remedy.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

struct BadInput : Error {
  explicit BadInput(const std::string& message) : Error(ExitCode::bad_input, message) {}
};
struct IoFailure : Error {
  explicit IoFailure(const std::string& message) : Error(ExitCode::io_failure, message) {}
};
struct NumericalBreakdown : Error {
  explicit NumericalBreakdown(const std::string& message) : Error(ExitCode::breakdown, message) {}
};
struct InternalError : Error {
  explicit InternalError(const std::string& message) : Error(ExitCode::internal, message) {}
};

/// Throws InternalError with the message and its place, FILE without folders and the line.
[[noreturn]] inline void fail_precondition(const std::string& message, const std::string& file,
                                           int line) {
  throw InternalError(message + " (" + file.substr(file.rfind('/') + 1) + ":" +
                      std::to_string(line) + ")");
}

}  // namespace admmnet

/// Checks a documented precondition: InternalError with `message`, a text that is put together only
/// when the condition does not hold, and the place.
#define ADMMNET_REQUIRE(condition, message) \
  ((condition) ? static_cast<void>(0) : ::admmnet::fail_precondition(message, __FILE__, __LINE__))
