#include "proximal/loss.h"

namespace admmnet {

Table<LossFunctions>& loss_table() {
  static Table<LossFunctions> table{&squared_loss, &hinge_loss, &multiclass_hinge_loss,
                                    &softmax_loss};
  return table;
}

}  // namespace admmnet
