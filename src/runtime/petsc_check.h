/// PETSc's error codes as exceptions.
#pragma once

#include <petscsys.h>

namespace admmnet {

/// Makes PETSc return its errors silently and keep the text of the first for check_petsc(). May be
/// called before PetscInitialize; undone by PetscPopErrorHandler().
void remember_petsc_errors();

/// Throws InternalError naming the call and, as far as known, PETSc's own message and place, unless
/// `code` is 0. Where PETSc ran out of memory the message says so and names the remedies.
void check_petsc(PetscErrorCode code, const char* call);

/// The same for the call that starts PETSc and reads its options: BadInput that says where they
/// come from when one of these cannot be read.
void check_petsc_start(PetscErrorCode code, const char* call);

}  // namespace admmnet

/// check_petsc() with the call's own text.
#define ADMMNET_PETSC(call) ::admmnet::check_petsc((call), #call)
