/// log sum_j exp(z_j), whatever the size of the z_j.
#pragma once

#include <cmath>

#include "proximal/loss_parts.h"
#include "runtime/types.h"

namespace admmnet {

inline double log_sum_exp(Index outputs, const double* z) {
  const double largest = largest_of(outputs, [z](Index j) { return z[j]; });
  double sum = 0.0;
  for (Index j = 0; j < outputs; ++j) sum += std::exp(z[j] - largest);
  return largest + std::log(sum);
}

}  // namespace admmnet
