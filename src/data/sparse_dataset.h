/// load() and load_test() of dataset.h for inputs that are held sparse (-data_storage sparse).
#pragma once

#include "data/dataset.h"

namespace admmnet {

/// The same samples at the same places, with values that agree to rounding, as panels of
/// SparseSamples, or where the preprocessing has components as dense inputs U_k^T (S - c 1^T).
/// Memory a rank: 16 bytes for each entry of its samples until they are scaled, and what
/// sparse_samples.h says, with components of one panel only. The checksum is that of the entries
/// that are not 0. Collective on the grid.
Dataset load_sparse(const DataOptions& options, const DataShape& shape, Index seed,
                    const ProcessGrid& grid, const PanelLayout& layout, HoldOut how,
                    const Preprocessing* learned);

SampleSet load_sparse_test(const DataOptions& options, const DataShape& shape,
                           const Preprocessing& preprocessing, const ProcessGrid& grid,
                           const PanelLayout& layout);

/// The scaling, and the eigenvectors of the scaled features' Gram matrix that a number or a share
/// of components takes, with the eigenvalues that were found on the way; as learn_eigenvectors for
/// dense samples, but by leading_eigen.h: nothing is made dense, and samples are held as above. For
/// a share 16, 32, 64, ... are looked for, each time anew. Throws BadInput where kMostOfShare do
/// not hold the share, and for more directions than the samples vary in. Collective on comm.
Preprocessing learn_sparse_components(const DataOptions& options, const DataShape& shape,
                                      const Components& asked, Index seed, MPI_Comm comm);

}  // namespace admmnet
