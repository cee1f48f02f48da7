/// What a method holds between two iterations, by name: the contract between methods and
/// checkpoint.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// One named array of the state. On file it is a data set of shape (cols, rows), row-major: the
/// column-major matrix as it lies in memory. It may consist of several matrices side by side
/// (panels of samples) or be a range of columns of one (the bias is the last column of an extended
/// W).
struct StateTensor {
  struct Part {
    BlockCyclicMatrix* matrix;  ///< null: on other ranks (ProcessGrid::part), the same in all parts
    Index first_col;            ///< first column of the part within the matrix
    Index cols;                 ///< columns of the part
    Index position;             ///< where the part's first column stands in the tensor
  };
  std::string path;  ///< below /state, such as "layer_1/W"
  Index rows, cols;  ///< of the whole tensor; every part has (at least) these rows
  std::vector<Part> parts;
  bool finite = false;  ///< neither NaN nor infinity may stand in it when it is read back
};

/// One named number of the state; exactly one of the two pointers is set.
struct StateScalar {
  static constexpr double open = std::numeric_limits<double>::quiet_NaN();
  std::string path;  ///< below /state, such as "resync/eta"
  double* real = nullptr;
  Index* integer = nullptr;
  /// What it may be when it is read back; open: no bound. A bound also keeps out NaN.
  double least = open, most = open;
  enum class Presence { required, optional };
  /// optional: checkpoints of older programs lack it, and reading one leaves the value as it is.
  Presence presence = Presence::required;
};

/// Counters of what is done are far below it, and sums of them far from overflowing.
constexpr double largest_count = 1e15;

/// Pointers into a method's state; valid as long as the method lives and is not moved.
struct StateView {
  std::vector<StateTensor> tensors;
  std::vector<StateScalar> scalars;
};

/// Of all tensors together, over all ranks.
inline double bytes_of(const StateView& state) {
  double entries = 0.0;
  for (const StateTensor& tensor : state.tensors)
    entries += static_cast<double>(tensor.rows) * static_cast<double>(tensor.cols);
  return 8.0 * entries;
}

}  // namespace admmnet
