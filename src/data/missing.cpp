#include "data/missing.h"

#include "runtime/error.h"

namespace admmnet {

std::vector<double> means_of(const Preprocessing& preprocessing) {
  if (!preprocessing.fill.empty()) return preprocessing.fill;
  if (preprocessing.kind == Scaling::none || preprocessing.kind == Scaling::unit ||
      preprocessing.kind == Scaling::deviation)
    throw BadInput(
        "-data_missing mean: the network was trained without it and does not know the means of its "
        "features; use drop, or train with -data_missing mean");
  return preprocessing.shift;
}

}  // namespace admmnet
