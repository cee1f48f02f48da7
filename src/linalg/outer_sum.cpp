#include "linalg/outer_sum.h"

#include "linalg/layout.h"
#include "runtime/error.h"

namespace admmnet {

void OuterSum::begin(BlockCyclicMatrix& R) {
  R_ = &R;
  first_ = true;
  R.grid().hold({Array::Kind::summed, R.rows(), R.cols(), 0}, holding_);
}

void OuterSum::add(double alpha, const BlockCyclicMatrix& D, const SampleOperand& samples) {
  ADMMNET_REQUIRE(R_ != nullptr, "OuterSum: add before begin");
  const BlockCyclicMatrix& H = samples.dense();
  const Verb verb = triangle_ == Triangle::full ? Verb::add_outer : Verb::add_gram;
  if (R_->grid().account({verb, R_->rows(), R_->cols(), H.cols(), H.col_block()}))
    R_->grid().layout().add_to_sum(triangle_, alpha, D, H, first_, own_, *R_);
  first_ = false;
}

void OuterSum::finish() {
  const Verb verb = triangle_ == Triangle::full ? Verb::finish_outer : Verb::finish_gram;
  if (R_->grid().account({verb, R_->rows(), R_->cols()}))
    R_->grid().layout().finish_sum(triangle_, own_, *R_);
}

}  // namespace admmnet
