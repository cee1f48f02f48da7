/// Systems of a few equations that every rank solves for itself.
#pragma once

#include <vector>

#include "runtime/types.h"

namespace admmnet {

/// x of A x = b by Cholesky (LAPACK). A: order x order, column-major, symmetric, of which the lower
/// triangle is looked at; order = size of b. Empty when A is not positive definite. Not collective.
std::vector<double> solve_small(std::vector<double> A, std::vector<double> b);

}  // namespace admmnet
