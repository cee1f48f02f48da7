#include "linalg/layer_operand.h"

#include "linalg/layout.h"
#include "linalg/local_blas.h"

namespace admmnet {

void LayerOperand::refer_to(const BlockCyclicMatrix& W) {
  W_ = &W;
  is_rounded_ = false;
  if (W.grid().account({Verb::spread, W.rows(), W.cols()}))
    is_gathered_ = W.grid().layout().spread(W, whole_);
  W.grid().hold({Array::Kind::gathered, W.rows(), W.cols(), 0}, holding_);
}

void LayerOperand::assign(const BlockCyclicMatrix& W) {
  serves_many_ = true;
  refer_to(W);
}

const float* LayerOperand::rounded() const {
  const bool alone = W_->grid().size() == 1;
  if (!serves_many_ || !(alone || is_gathered_)) return nullptr;
  if (!is_rounded_)
    admmnet::rounded(alone ? W_->data() : whole_.data(), W_->rows(), W_->cols(),
                     alone ? W_->leading_dimension() : W_->rows(), rounded_);
  is_rounded_ = true;
  return rounded_.data();
}

}  // namespace admmnet
