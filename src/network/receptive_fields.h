/// The data-driven start for wide first layers on images.
#pragma once

#include "data/dataset.h"
#include "network/network.h"

namespace admmnet {

/// For unit i of layer 1: two training samples x, y of different classes, a random rectangle M of
/// at least 80 pixels, w_i = M (x - y) scaled to unit deviation of w_i . s over the samples s of
/// the first panel, b_i = -w_i . (x + y) / 2 (receptive fields on class differences: McDonnell et
/// al. 2015). The network's inputs are the features; where data has components of them, x and s are
/// what these hold of the samples. Everything is keyed by (seed, unit). The other layers stay as
/// they are. With inputs that are not images the mask is left out. Throws BadInput without biases.
/// Collective on the grid.
void initialise_receptive_fields(Network& network, const Dataset& data, Index seed);

}  // namespace admmnet
