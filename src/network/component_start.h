/// The start of layer 1 where the inputs are components of the features, x' = R^T x with the
/// rotation R of their preprocessing: R = U with orthonormal columns, or where they are whitened R
/// = U D.
#pragma once

#include "data/dataset.h"
#include "network/network.h"

namespace admmnet {

/// W~_1 := W~ [U 0; 0 1], W~ what layer 1 would start with if its inputs were the features
/// (initialise, receptive_fields), or where components are whitened the features after ZCA: so the
/// network computes the same of x' as one of the features does of U x', what the components hold of
/// these. The
/// other layers stay as they are. Throws what initialise_receptive_fields throws. Collective on
/// the grid; 2 n_1 n_0 k flops for n_0 features and k components, n_1 n_0/P doubles a rank.
void initialise_in_components(Network& network, const Dataset& data, InitScheme scheme, Index seed,
                              double deviation = 1.0);

/// W := W_of_features [U D^-1 0; 0 1] of these components, the last row and column with `bias`, and
/// back: W_of_features := W [R^T 0; 0 1]. Matrices of equally many rows. Collective;
/// 2 rows n_0 k flops, and n_0 k/P doubles a rank.
void project_inputs(const BlockCyclicMatrix& of_features, const Preprocessing& components,
                    bool bias, BlockCyclicMatrix& W);
void unproject_inputs(const BlockCyclicMatrix& W, const Preprocessing& components, bool bias,
                      BlockCyclicMatrix& of_features);

}  // namespace admmnet
