#include "linalg/outer_sum.h"

#include "linalg/local_samples.h"
#include "runtime/error.h"

namespace admmnet {

void OuterSum::begin(BlockCyclicMatrix& R) {
  R_ = &R;
  first_ = true;
  reduce_last_ = R.grid().rows() == 1 && R.grid().size() > 1 && !R.empty() &&
                 R.rows() * R.cols() <= kLargestGathered;
  if (reduce_last_) own_.of_size(R.rows() * R.cols());
}

void OuterSum::add(double alpha, const BlockCyclicMatrix& D, const SampleOperand& H) {
  ADMMNET_REQUIRE(R_ != nullptr, "OuterSum: add before begin");
  const double keep = first_ ? 0.0 : 1.0;
  first_ = false;
  if (reduce_last_) {
    add_own_samples(triangle_, alpha, D, H.dense(), 0, R_->cols(), keep, own_.data());
  } else if (triangle_ == Triangle::full) {
    accumulate_outer(alpha, D, H, keep, *R_);
  } else {
    accumulate_gram(alpha, H, keep, *R_);
  }
}

void OuterSum::finish() {
  if (reduce_last_) reduce_columns(triangle_, own_.data(), 0, R_->cols(), 0.0, *R_);
}

}  // namespace admmnet
