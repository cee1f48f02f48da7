/// From any format to one HDF5 file that all ranks read at once: hdf5_writer.h says what it holds.
#pragma once

#include <functional>
#include <string>

#include "config/options.h"
#include "runtime/types.h"

namespace admmnet {

struct Conversion {
  Index samples = 0, features = 0, classes = 0, targets = 0;
  Index left_out = 0;     ///< samples with missing values (-data_missing drop)
  bool sparse = false;    ///< written as a sparse matrix
  bool finished = false;  ///< else it was stopped, and nothing is left
};

/// Is told how many samples are written, of how many; first of all 0.
using ConversionProgress = std::function<void(Index done, Index samples)>;

/// Converts the training samples of the options, or with `part` test the test samples, which need
/// no labels. Holds a label (4 bytes) a sample and a batch of about 8 MiB. Rank-local. `stop` is
/// asked between two batches. Throws BadInput for what is wrong with the input, IoFailure when the
/// output cannot be written.
Conversion convert_samples(const DataOptions& options, SamplePart part, const std::string& output,
                           const ConversionProgress& progress, const std::function<bool()>& stop);

}  // namespace admmnet
