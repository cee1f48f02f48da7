#include "linalg/sample_system.h"

#include "linalg/elementwise.h"
#include "linalg/products.h"

namespace admmnet {

// On one rank the slab of samples is a square block, and nothing has to move.

FactorStatus SampleSystem::factor(const SampleOperand& H, double scale, double constant) {
  const ProcessGrid& grid = H.grid();
  const Index w = H.cols(), slab = H.col_block();
  const bool alone = grid.size() == 1 && !grid.ledger();
  const Index block = alone ? slab : H.row_block();
  const auto form_inner = [&](BlockCyclicMatrix& K) {
    inner_gram(scale, H, K);
    for_each_entry([constant](double& entry) { entry += constant; }, K);
  };
  const auto form = [&](BlockCyclicMatrix& K) {
    if (alone) return form_inner(K);
    if (inner_.rows() != w || inner_.row_block() != slab)
      inner_ = BlockCyclicMatrix(grid, w, w, slab, slab);
    form_inner(inner_);
    redistribute(inner_, K);
  };
  return solver_.factor(grid, w, block, form, {1.0, 0.0, 0});
}

void SampleSystem::solve_right(BlockCyclicMatrix& B) {
  const ProcessGrid& grid = B.grid();
  if (grid.size() == 1 && !grid.ledger()) return solver_.solve_right(B);
  if (sides_.rows() != B.rows() || sides_.cols() != B.cols())
    sides_ = BlockCyclicMatrix(grid, B.rows(), B.cols(), B.row_block(), B.row_block());
  redistribute(B, sides_);
  solver_.solve_right(sides_);
  redistribute(sides_, B);
}

}  // namespace admmnet
