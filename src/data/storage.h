/// -data_storage: whether inputs lie in memory dense or sparse.
#pragma once

#include <optional>
#include <string>

#include "config/options.h"
#include "data/dataset.h"

namespace admmnet {

/// Sparse inputs of at most this share of values that are not 0 are cheaper. Measured (README.md
/// §4): a forward pass takes the same time at 7 to 8 %.
constexpr double kSparseShare = 1.0 / 16.0;

/// The storage of a deck that leaves it open, or what it asks for: of the features, of which inputs
/// that are components are made, dense ones. `needs_dense`: what of the run needs dense inputs,
/// "-train_method NAME"; empty: nothing does. Throws BadInput where sparse is
/// asked for and cannot be. Not collective, the same on every rank.
Storage choose_storage(const DataOptions& options, const DataShape& shape,
                       const std::string& needs_dense);

/// The same for the samples to predict of a network with this preprocessing.
Storage choose_storage(const DataOptions& options, const DataShape& shape,
                       const Preprocessing& preprocessing);

/// Inputs of a run whose storage is chosen, for its plan; nothing: they are dense.
std::optional<SparseInputs> sparse_inputs(const DataOptions& options, const DataShape& shape);

/// The same of components, dense or of sparse samples, for the plan; 0 inputs: there are none.
ComponentSize component_size(const DataOptions& options, const DataShape& shape);

/// "sparse: 0.05 % of 2e+10 values are not 0, 0.24 GB in the place of 160 GB"; "dense".
std::string storage_text(const DataOptions& options, const DataShape& shape);

}  // namespace admmnet
