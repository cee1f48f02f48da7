/// The largest eigenvalues of a Gram matrix of sparse samples, and their eigenvectors, without
/// forming it.
#pragma once

#include <vector>

#include "linalg/sample_gram.h"

namespace admmnet {

/// G U = U diag(values), of G's n eigenvalues the largest ones.
struct LeadingEigen {
  std::vector<double> values;   ///< descending, not below 0; on every rank
  std::vector<double> vectors;  ///< U, n x count, column-major; whole on every rank
};

/// By thick-restarted Lanczos steps (Krylov-Schur, Stewart 2001, as SLEPc's EPS has it) with
/// SampleGram::multiply as operator: a centring stays a term of rank one, and nothing is made
/// dense. It starts from a vector of normal numbers keyed by (seed, feature), so that ranks and
/// grid change nothing but rounding. An eigenvector's residual |G u - lambda u| is at most
/// kTolerance max(lambda, lambda_1/100), and the error of lambda of the order of its square over
/// the distance to the next one. Signs are those of symmetric_eigen.h.
///
/// 4 nnz flops a step and 4 n flops a vector of the basis that it holds, at most max(2 count, count
/// + 15) of n/P doubles a rank; a few steps for each eigenvalue. 1 <= count <= n; G finite and
/// not 0. Throws NumericalBreakdown where fewer are found. Collective on G's grid.
LeadingEigen leading_eigen(SampleGram& G, Index count, Index seed);

}  // namespace admmnet
