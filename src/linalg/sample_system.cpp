#include "linalg/sample_system.h"

#include "linalg/elementwise.h"
#include "linalg/products.h"

namespace admmnet {

FactorStatus SampleSystem::factor(const SampleOperand& H, double scale, double constant) {
  const Index w = H.cols();
  const auto kind =
      H.sparse() != nullptr ? Array::Kind::samples : Array::Kind::columns_beside;  // of a dense H
  H.grid().hold({kind, w, w, H.col_block()}, room_held_);
  const auto form = [&](BlockCyclicMatrix& K) {
    inner_gram(scale, H, room_, K);
    for_each_entry([constant](double& entry) { entry += constant; }, K);
  };
  return solver_.factor(H.grid(), w, H.row_block(), form, {1.0, 0.0, 0});
}

void SampleSystem::solve_right(BlockCyclicMatrix& B) {
  solver_.solve_right(B);
}

}  // namespace admmnet
