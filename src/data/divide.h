/// How many samples of the training file go where: the last step of probe().
#pragma once

#include "config/options.h"
#include "data/dataset.h"
#include "runtime/types.h"

namespace admmnet {

/// Splits the samples that are there (-data_train_limit, -data_validation).
void divide(const DataOptions& options, Index selected, DataShape& shape);

}  // namespace admmnet
