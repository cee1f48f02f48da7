#include "proximal/loss.h"

namespace admmnet {

Table<LossFunctions>& loss_table() {
  static Table<LossFunctions> table{
      &squared_loss,  &hinge_loss, &multiclass_hinge_loss, &softmax_loss,
      &absolute_loss, &huber_loss, &pinball_loss,          &epsilon_insensitive_loss};
  return table;
}

std::string losses_of(bool real_targets) {
  std::string names;
  for (const LossFunctions* row : loss_table().rows())
    if (real_targets ? row->takes_reals() : row->takes_classes())
      names += (names.empty() ? "" : ", ") + std::string(row->name);
  return names;
}

}  // namespace admmnet
