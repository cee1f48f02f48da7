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

/// Checks a documented precondition: throws InternalError with `message` when it does not hold.
inline void require(bool condition, const std::string& message) {
  if (!condition) throw InternalError(message);
}

}  // namespace admmnet
