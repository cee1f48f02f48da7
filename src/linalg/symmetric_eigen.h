/// Eigenvalues and eigenvectors of a symmetric matrix on its grid.
#pragma once

#include <string>
#include <vector>

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// A = U diag(values) U^T.
struct SymmetricEigen {
  std::vector<double> values;  ///< descending; on every rank
  BlockCyclicMatrix vectors;   ///< U, n x n in A's blocks: column i belongs to values[i]
};

/// Up to this order one rank does it: the messages of p?syevd would take longer than its work.
constexpr Index kWholeEigen = 128;

/// By divide and conquer (p?syevd of ScaLAPACK; Tisseur and Dongarra 1999), about 9 n^3 flops of
/// all ranks together, and n^2/P doubles a rank for A, three times for U and as much for
/// workspace; up to `whole_order` by dsyev of LAPACK on the first rank, and n^2 doubles a rank
/// three times. A: n x n in square blocks, lower triangle; the strict upper one is not referenced.
/// Of the first entry of a column among those that are largest to six digits the sign is plus, so
/// that ranks and grid change nothing but rounding, where eigenvalues are well apart. Throws
/// NumericalBreakdown when A holds NaN or infinity, or p?syevd does not converge. Collective on
/// A's grid, bitwise reproducible on a fixed one.
SymmetricEigen symmetric_eigen(const BlockCyclicMatrix& A, Index whole_order = kWholeEigen);

/// "240 of 784, 0.975 of the trace": the first so many of `all` eigenvalues, which are not below 0;
/// those that are not among `values` have the sum `rest`.
std::string kept_text(Index kept, Index all, const std::vector<double>& values, double rest);

}  // namespace admmnet
