#include "data/rotation.h"

#include <algorithm>

extern "C" void dgemm_(const char*, const char*, const int*, const int*, const int*, const double*,
                       const double*, const int*, const double*, const int*, const double*, double*,
                       const int*);

namespace admmnet {

/// Columns multiplied at a time: enough for dgemm's speed, and they stay in cache.
static constexpr Index kColumns = 256;

void rotate_columns(const std::vector<double>& R, Index features, Index inputs, Index count,
                    const std::function<void(Index, double*)>& column, double* out,
                    Index leading_dimension) {
  std::vector<double> x(static_cast<std::size_t>(features * std::min(count, kColumns)));
  const int n = static_cast<int>(features), k = static_cast<int>(inputs);
  const int stride = static_cast<int>(leading_dimension);
  const double one = 1.0, zero = 0.0;
  for (Index first = 0; first < count; first += kColumns) {
    const int width = static_cast<int>(std::min(kColumns, count - first));
    for (Index j = 0; j < width; ++j) column(first + j, x.data() + j * features);
    dgemm_("T", "N", &k, &width, &n, &one, R.data(), &n, x.data(), &n, &zero,
           out + first * leading_dimension, &stride);
  }
}

}  // namespace admmnet
