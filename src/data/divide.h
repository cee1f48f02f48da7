/// How many samples of the training file go where, and what speaks against it: the last step of
/// probe().
#pragma once

#include "config/options.h"
#include "data/dataset.h"
#include "runtime/types.h"

namespace admmnet {

/// Divides the `selected` samples that the class filter leaves in the training file: the last
/// -data_test_last ones are for the test; of the others the first -data_train_limit ones, less
/// -data_validation, for training. Throws BadInput when nothing is left to train on.
void divide(const DataOptions& options, Index selected, DataShape& shape);

/// After divide: marks the samples between those for training and those for the test as not
/// selected, and looks at which classes go where. Adds warnings; lessens a hold-out that the
/// program chose so that each class keeps a sample to train on; throws BadInput when what is
/// trained on is of one class, or when -data_validation would take all samples of a class.
void check_division(const DataOptions& options, DataShape& shape);

}  // namespace admmnet
