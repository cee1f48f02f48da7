#include "linalg/whole_columns.h"

#include <algorithm>

#include "linalg/layout.h"

namespace admmnet {

void move_columns(const BlockCyclicMatrix& from, BlockCyclicMatrix& to) {
  const ProcessGrid& grid = from.grid().is_sample_grid() ? to.grid() : from.grid();
  const Index widest = std::max(from.capacity(), to.capacity());
  if (grid.account({Verb::move_columns, from.rows(), 0, from.cols(), widest}))
    grid.layout().move_columns(from, to);
}

WholeColumns::WholeColumns(const ProcessGrid& grid, Index rows, Index widest, Index row_block)
    : in_place_(grid.ledger() != nullptr || grid.layout().has_whole_columns()) {
  if (!in_place_)
    beside_ = BlockCyclicMatrix(grid.sample_grid(), rows, widest, row_block,
                                slab_width(widest, grid.size()));
  grid.hold({Array::Kind::columns_beside, rows, widest, widest}, holding_);
}

BlockCyclicMatrix& WholeColumns::of(BlockCyclicMatrix& A) {
  if (in_place_) return A;
  beside_.set_cols(A.cols());
  return beside_;
}

void WholeColumns::give(BlockCyclicMatrix& A) {
  if (A.grid().ledger() != nullptr)
    A.grid().account({Verb::move_columns, A.rows(), 0, A.cols(), A.col_block()});
  else if (!in_place_)
    move_columns(beside_, A);
}

}  // namespace admmnet
