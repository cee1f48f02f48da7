/// Cholesky solves on a 1 x P grid, with the right-hand sides dealt to the ranks.
///
/// The factor is either held whole by every rank (narrow layers), or block-cyclic, and its panels
/// of columns pass through every rank during a solve. Either way the flops are local solves
/// (local_cholesky.h) on whole rows or columns of B.
#pragma once

#include "linalg/block_cyclic_matrix.h"
#include "linalg/local_cholesky.h"
#include "linalg/pricing.h"

namespace admmnet {

/// Rows of an m x n right-hand side that a rank solves for, from rank 0 on: few ranks or one where
/// the solves take less time than messages to and from more of them. By the cost model with the
/// machine of its defaults, so that it depends on sizes and ranks alone. `held`: rank 0 alone has
/// the factor, and more takers cost its way to them.
Index rows_of_taker(Index m, Index n, bool held, const Pricing& pricing);

/// B := B (L L^T)^-1 on a 1 x P grid: rows of B go to their takers, are solved for, and come back.
/// `held`: as above, of which the factor is null elsewhere if there is one taker. `in_float`: as in
/// local_cholesky.h. Collective.
void solve_right_whole(const WholeFactor& factor, bool held, bool in_float, BlockCyclicMatrix& B);
/// B := (L L^T)^-1 B for the leading `cols` columns: every rank its own. Not collective.
void solve_left_whole(const WholeFactor& factor, Index cols, BlockCyclicMatrix& B);

/// The same with the factor in the lower triangle of L (square, on the same grid). Each rank
/// receives the lower triangle of L twice, in panels of columns, and holds one panel at a time.
/// Collective.
void solve_right_streamed(const BlockCyclicMatrix& L, BlockCyclicMatrix& B);
void solve_left_streamed(const BlockCyclicMatrix& L, Index cols, BlockCyclicMatrix& B);

// ---- what it costs ----

/// A factor of order n that passes through every rank on the way down and, but for the last panel,
/// on the way up; and the doubles that a rank holds meanwhile.
Work streamed_cost(Index n, const Pricing& pricing);
double streamed_entries(Index n, const Pricing& pricing);
/// A factor of order n from the rank that made it to all others.
Work share_cost(Index n, const Pricing& pricing);
/// The rows of an m x n matrix to those that solve for `own` of them each, and back.
Work dealt_rows_cost(Index m, Index n, Index own, const Pricing& pricing);
double dealt_row_entries(Index m, Index n, Index own, const Pricing& pricing);

}  // namespace admmnet
