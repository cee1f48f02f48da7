/// Cholesky solves on a 1 x P grid, with the right-hand sides dealt to the ranks. Used by
/// gram_solver.cpp only.
///
/// The factor is either held whole by every rank (narrow layers), or block-cyclic, and its panels
/// of columns pass through every rank during a solve. Either way the flops are local solves
/// (local_cholesky.h) on whole rows or columns of B.
#pragma once

#include "linalg/block_cyclic_matrix.h"
#include "linalg/local_cholesky.h"

namespace admmnet {

/// B := B (L L^T)^-1 on a 1 x P grid: rows of B are dealt to the ranks, solved, and sent back.
/// Collective.
void solve_right(const WholeFactor& factor, BlockCyclicMatrix& B);
/// B := (L L^T)^-1 B for the leading `cols` columns: every rank its own. Not collective.
void solve_left(const WholeFactor& factor, Index cols, BlockCyclicMatrix& B);

/// The same with the factor in the lower triangle of L (square, on the same grid). Each rank
/// receives the lower triangle of L twice, in panels of columns, and holds one panel at a time.
/// Collective.
void solve_right_streamed(const BlockCyclicMatrix& L, BlockCyclicMatrix& B);
void solve_left_streamed(const BlockCyclicMatrix& L, Index cols, BlockCyclicMatrix& B);

}  // namespace admmnet
