/// Missing values: NaN among the staged values, which a Preprocessing takes as its fill.
#pragma once

#include <string>
#include <vector>

#include "data/preprocessing.h"

namespace admmnet {

struct Moments;

/// Means of the features of the training samples, to stand for missing values. Throws BadInput for
/// a feature that no training sample has; `names` (of the features, or empty) are for the message.
std::vector<double> means_for_missing(const Moments& moments,
                                      const std::vector<std::string>& names);

/// What a trained network puts in the place of missing values: the means of training, which a
/// scaling about the mean holds as its shift. Throws BadInput when it knows none.
std::vector<double> means_of(const Preprocessing& preprocessing);

}  // namespace admmnet
