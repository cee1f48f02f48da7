/// Systems of a few equations that every rank solves for itself.
#pragma once

#include <vector>

#include "runtime/types.h"

namespace admmnet {

/// x of A x = b by Cholesky (LAPACK). A: order x order, column-major, symmetric, of which the lower
/// triangle is looked at; order = size of b. Empty when A is not positive definite. Not collective.
std::vector<double> solve_small(std::vector<double> A, std::vector<double> b);

/// A = Q diag(values) Q^T (dsyev of LAPACK): `A`, order x order, lower triangle, becomes Q, and
/// `values`, ascending, belong to its columns. Throws NumericalBreakdown when dsyev does not
/// converge. Not collective.
void eigen_small(std::vector<double>& A, std::vector<double>& values);

}  // namespace admmnet
