/// The ridge of an output layer, chosen by the validation samples.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "methods/ridge_fit.h"

namespace admmnet {

/// W~_L := that of `fit` (finished) with the ridge, out of `ridges`, whose network has the best
/// score on the validation samples; of equal ones the smaller loss, then the first. The other
/// layers are those of `network`. Returns a line for the log, the score of each. Collective. Flops:
/// a solve for each ridge, one forward pass of the hidden layers, and an output layer for each
/// ridge. Memory: W~_L for each ridge. Throws NumericalBreakdown where no W~_L is finite.
std::string fit_by_validation(RidgeFit& fit, const std::vector<double>& ridges,
                              const SampleSet& validation, Network& network, Notes& notes);

}  // namespace admmnet
