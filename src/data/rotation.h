/// The rotation of a Preprocessing, applied to columns.
#pragma once

#include <functional>
#include <vector>

#include "runtime/types.h"

namespace admmnet {

/// out(:, j) := R^T x_j for j < count. R: features x inputs, column-major; x_j: what `column(j, x)`
/// writes, features numbers; out(:, j) stands at out + j * leading_dimension, inputs numbers.
/// Rank-local; 2 features inputs count flops, and 256 columns of features numbers.
void rotate_columns(const std::vector<double>& R, Index features, Index inputs, Index count,
                    const std::function<void(Index, double*)>& column, double* out,
                    Index leading_dimension);

}  // namespace admmnet
