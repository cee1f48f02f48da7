#include "linalg/layer_operand.h"

#include "linalg/layout.h"

namespace admmnet {

void LayerOperand::assign(const BlockCyclicMatrix& W) {
  W_ = &W;
  if (W.grid().account({Verb::spread, W.rows(), W.cols()}))
    is_gathered_ = W.grid().layout().spread(W, whole_);
  W.grid().hold({Array::Kind::gathered, W.rows(), W.cols(), 0}, holding_);
}

}  // namespace admmnet
