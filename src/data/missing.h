/// Missing values: NaN among the staged values, which a Preprocessing takes as its fill.
#pragma once

#include <vector>

#include "data/preprocessing.h"

namespace admmnet {

/// What a trained network puts in the place of missing values: the means of training, which a
/// scaling about the mean holds as its shift. Throws BadInput when it knows none.
std::vector<double> means_of(const Preprocessing& preprocessing);

}  // namespace admmnet
