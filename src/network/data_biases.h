/// Biases of layer 1 from the data (-init_bias data).
#pragma once

#include "data/dataset.h"
#include "network/network.h"

namespace admmnet {

/// b_1(i) = -w_i . x for each unit i of layer 1, w_i its weights and x a random training sample:
/// the place where the unit's activation bends lies among the samples, also where those are few and
/// of few features. x stands at position floor(u N) of the training set, u keyed by (seed, unit),
/// so it is the same sample on any grid. The other layers stay as they are. Collective on the grid;
/// one product of layer 1 with all samples, 2 n_1 n_0 N flops, and a sum of n_1 numbers. Errors:
/// BadInput without biases, and without a hidden layer.
void initialise_biases_from_data(Network& network, const SampleSet& train, Index seed);

/// The position of that sample, of `samples`. Pure arithmetic.
Index sample_of_bias(Index seed, Index unit, Index samples);

}  // namespace admmnet
