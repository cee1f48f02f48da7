#include "runtime/petsc_check.h"

#include <string>
#include <utility>

#include "runtime/error.h"
#include "runtime/failure.h"

namespace admmnet {

static std::string first_message;

/// PETSc calls this once where the error arises and then once for each caller it passes through.
static PetscErrorCode remember(MPI_Comm, int line, const char* function, const char* file,
                               PetscErrorCode code, PetscErrorType type, const char* message,
                               void*) {
  if (type == PETSC_ERROR_INITIAL) {
    first_message = message ? message : "";
    while (!first_message.empty() && first_message.back() == '\n') first_message.pop_back();
    first_message += std::string(" (") + (function ? function : "?") + ", " + (file ? file : "?") +
                     ":" + std::to_string(line) + ")";
  }
  return code;
}

void remember_petsc_errors() {
  require(PetscPushErrorHandler(remember, nullptr) == 0, "PetscPushErrorHandler failed");
}

void check_petsc(PetscErrorCode code, const char* call) {
  if (code == 0) return;
  std::string detail = std::exchange(first_message, "");
  if (code == PETSC_ERR_MEM) detail = out_of_memory_message();
  const char* kind = nullptr;
  PetscErrorMessage(code, &kind, nullptr);
  throw InternalError(std::string(call) + " failed: " + (kind ? kind : "PETSc error") +
                      (detail.empty() ? "" : ": " + detail));
}

}  // namespace admmnet
