#include "runtime/petsc_check.h"

#include <string>
#include <utility>

#include "runtime/error.h"
#include "runtime/failure.h"

namespace admmnet {

static std::string first_message, first_function;

/// PETSc calls this once where the error arises and then once for each caller it passes through.
static PetscErrorCode remember(MPI_Comm, int line, const char* function, const char* file,
                               PetscErrorCode code, PetscErrorType type, const char* message,
                               void*) {
  if (type == PETSC_ERROR_INITIAL) {
    first_message = message ? message : "";
    while (!first_message.empty() && first_message.back() == '\n') first_message.pop_back();
    first_function = function ? function : "";
    first_message += std::string(" (") + (function ? function : "?") + ", " + (file ? file : "?") +
                     ":" + std::to_string(line) + ")";
  }
  return code;
}

void remember_petsc_errors() {
  ADMMNET_REQUIRE(PetscPushErrorHandler(remember, nullptr) == 0, "PetscPushErrorHandler failed");
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

void check_petsc_start(PetscErrorCode code, const char* call) {
  if (code == 0 || first_function.rfind("PetscOptionsInsert", 0) != 0)
    return check_petsc(code, call);
  std::string text = std::exchange(first_message, "");
  for (char& letter : text)  // parts of the file that was taken for one of options
    if (static_cast<unsigned char>(letter) < 0x20 || static_cast<unsigned char>(letter) >= 0x7f)
      letter = '?';
  throw BadInput("PETSc cannot read its options: " + text +
                 "; mend what the variable PETSC_OPTIONS and the files .petscrc say, here and in "
                 "your home folder, or leave these files out with -skip_petscrc");
}

}  // namespace admmnet
