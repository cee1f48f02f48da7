#include "linalg/unit_operand.h"

#include "linalg/local_samples.h"

namespace admmnet {

void UnitOperand::assign(const BlockCyclicMatrix& W) {
  W_ = &W;
  is_gathered_ = W.grid().rows() == 1 && W.grid().size() > 1 && !W.empty() &&
                 W.rows() * W.cols() <= kLargestGathered;
  if (is_gathered_) gather_columns(W, 0, 0, W.cols(), whole_.of_size(W.rows() * W.cols()));
}

}  // namespace admmnet
