/// Cholesky factors of matrices whose columns lie whole on the ranks of a 1 x P grid.
///
/// Its panels pass through all ranks, so that each can keep the whole factor at no further traffic:
/// what p?potrf, which is as fast on wide matrices, does not leave behind.
#pragma once

#include "linalg/block_cyclic_matrix.h"
#include "linalg/pricing.h"

namespace admmnet {

/// Columns whose effect on all columns to the right of them is taken in one product.
constexpr Index kColumnsTogether = 512;

/// L L^T = A in place, lower triangle, right-looking: the owner of a block of columns factors it,
/// it passes through all ranks, and each of them updates its own columns. A: square, in square
/// blocks. `whole`: null, or an array of n x n that gets the lower triangle of L on every rank.
/// Returns 0, or the order of the leading minor that is not positive definite, the same on every
/// rank. Collective. n^3/3 flops over the ranks; every rank receives about n^2/2 words, and holds
/// n x 512 of them at a time.
int factor_columns(BlockCyclicMatrix& A, double* whole);

/// What that costs for order n, on several ranks, and the doubles that a rank holds meanwhile.
Work columns_cost(Index n, const Pricing& pricing);
double column_entries(Index n, const Pricing& pricing);

}  // namespace admmnet
