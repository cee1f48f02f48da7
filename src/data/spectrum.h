/// Eigenvalues and eigenvectors of the Gram matrix of the scaled training samples.
#pragma once

#include <mpi.h>

#include "data/preprocessing.h"
#include "linalg/symmetric_eigen.h"

namespace admmnet {

/// G = X X^T = U diag(values) U^T, X the training samples x after shift and scale, features x N.
/// The values descend and are not below 0; a direction without variance has 0 but for rounding.
/// In double whatever precision products have. n^2 N flops for G and 9 n^3 for U, spread over the
/// ranks; a few matrices of n^2/P doubles a rank, and up to 2^23 doubles for sums. Throws
/// NumericalBreakdown when the eigenvalues are not found. Collective on comm.
SymmetricEigen spectrum_of(const Preprocessing& shift_and_scale, const StagedSet& train,
                           const ProcessGrid& grid);

/// Largest number of features whose directions every rank holds, features x directions.
constexpr Index kRotatedFeatures = 4096;

/// Throws BadInput beyond it: "<what>: 5000 features are more than the 4096 whose ...; <remedy>".
void check_rotated(const char* what, Index features, const char* remedy);

}  // namespace admmnet
