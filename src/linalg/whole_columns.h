/// Samples column by column: what readers fill and losses look at.
#pragma once

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// Columns from a sample matrix to one on its sample grid, where each rank has whole ones, or back.
/// Equal shapes. Collective. Where the layout has whole columns anyway nothing is sent.
void move_columns(const BlockCyclicMatrix& from, BlockCyclicMatrix& to);

/// A sample matrix that is filled by whole columns: the matrix itself where its layout has them, or
/// a matrix beside it.
class WholeColumns {
 public:
  /// For matrices of `rows` x up to `widest` with this row block. Collective.
  WholeColumns(const ProcessGrid& grid, Index rows, Index widest, Index row_block);

  /// Where to fill in A's columns: rank r has those from r * slab_width(widest, P) on.
  BlockCyclicMatrix& of(BlockCyclicMatrix& A);
  /// Brings them into A. Collective.
  void give(BlockCyclicMatrix& A);

 private:
  bool in_place_;
  BlockCyclicMatrix beside_;
  Ledger::Holding holding_;
};

}  // namespace admmnet
