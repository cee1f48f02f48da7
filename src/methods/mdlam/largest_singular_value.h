/// sigma_max(A)^2, the Lipschitz constant of the gradient of 1/2 |A x - b|^2.
#pragma once

#include "linalg/sample_operand.h"

namespace admmnet {

/// As the largest eigenvalue of A A^T or A^T A, whichever is smaller, by p?syevd
/// (linalg/symmetric_eigen.h): exact and deterministic, where a few steps of the power method give
/// a lower bound that may be far off when singular values lie close to each other. About 9 k^3
/// flops for the smaller side k, and 5 k^2/P doubles. A: the leading n columns of W (a layer
/// matrix). NumericalBreakdown for NaN. Collective.
double largest_singular_value_squared(const BlockCyclicMatrix& W, Index n);

/// The same of the leading n rows of samples, n x N. `block`: of units. n N/P doubles more where
/// N < n.
double largest_singular_value_squared(const SampleOperand& samples, Index n, Index block);

}  // namespace admmnet
