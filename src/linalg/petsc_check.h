/// Turns PETSc error codes into exceptions.
#pragma once

#include <petscsys.h>

#include <string>

#include "runtime/error.h"

namespace admmnet {

/// Throws InternalError naming the call unless `code` is 0.
inline void check_petsc(PetscErrorCode code, const char* call) {
  if (code == 0) return;
  const char* text = nullptr;
  PetscErrorMessage(code, &text, nullptr);
  throw InternalError(std::string(call) + " failed: " + (text ? text : "unknown PETSc error"));
}

}  // namespace admmnet
