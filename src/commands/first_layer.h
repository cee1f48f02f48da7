/// The first layer of another run's network, for the inputs of this one.
#pragma once

#include "checkpoint/contents.h"
#include "data/preprocessing.h"
#include "network/network.h"
#include "runtime/log.h"

namespace admmnet {

/// W~ of `source`, of a network that `old` describes, for inputs by `now` of the same features:
///
///   W~_features = W~ [U_old^T 0; 0 1];  refit_scaling;  W~ := W~_features [U_now 0; 0 1]
///
/// with the steps that apply, U the components. The network stays the same function of the data
/// where the new components hold what the old ones do, and but for what they leave out elsewhere.
/// The log says what was done, or why the scaling could not be. source.W(1) is used up. Collective.
BlockCyclicMatrix first_layer_for(const NetworkDescription& old, const Preprocessing& now,
                                  Network& source, Log& log);

}  // namespace admmnet
