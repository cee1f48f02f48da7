/// Real targets on their way to the panels.
#pragma once

#include "data/dataset.h"
#include "data/split.h"

namespace admmnet {

/// All sets of a data set get theirs; nothing where targets are classes. Not collective.
void give_real_targets(const DataShape& shape, Index seed, HoldOut how, const ProcessGrid& grid,
                       Dataset& data);
/// The same for the test samples of a shape from probe_test.
void give_real_targets(const DataShape& shape, const ProcessGrid& grid, SampleSet& test);

}  // namespace admmnet
