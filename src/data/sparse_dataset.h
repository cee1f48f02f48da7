/// load() and load_test() of dataset.h for inputs that are held sparse (-data_storage sparse).
#pragma once

#include "data/dataset.h"

namespace admmnet {

/// The same samples at the same places, with values that agree to rounding, as panels of
/// SparseSamples. Memory a rank: 16 bytes for each entry of its samples until they are scaled, and
/// what sparse_samples.h says. The checksum is that of the entries that are not 0. Collective on
/// the grid.
Dataset load_sparse(const DataOptions& options, const DataShape& shape, Index seed,
                    const ProcessGrid& grid, const PanelLayout& layout, HoldOut how,
                    const Preprocessing* learned);

SampleSet load_sparse_test(const DataOptions& options, const DataShape& shape,
                           const Preprocessing& preprocessing, const ProcessGrid& grid,
                           const PanelLayout& layout);

}  // namespace admmnet
