/// Weights that have learned from features of one scaling, for features of another.
#pragma once

#include <string>

#include "data/preprocessing.h"
#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// Puts the difference between two scalings into a first layer, so that the network stays the same
/// function of the data as they stand in the files. With x = (raw - shift) scale for each feature,
///
///     W x_old + b = (W diag(scale_old / scale_new)) x_new
///                   + (b + W diag(scale_old) (shift_new - shift_old)).
///
/// W: units x (inputs [+ 1, the bias]); its first `units` rows are changed. Returns why it cannot
/// be done exactly (rotated features, square roots (sqn) on one side only, a shift without biases,
/// numbers out of range), W being then as it was; empty: done, or nothing to do. Both scalings are
/// of `inputs` features. Collective on W's grid; 3 units inputs / P flops.
std::string refit_scaling(const Preprocessing& before, const Preprocessing& now, Index units,
                          bool bias, BlockCyclicMatrix& W);

/// Whether both scale alike, feature by feature.
bool same_scaling(const Preprocessing& a, const Preprocessing& b);

}  // namespace admmnet
