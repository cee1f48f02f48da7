/// Rows of a sparse matrix, one behind the other.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/types.h"

namespace admmnet {

struct SparseRows {
  std::vector<std::size_t> begins = {0};  ///< row i: entries begins[i] .. begins[i+1] - 1
  std::vector<Index> cols;                ///< ascending within a row
  std::vector<double> values;
};

}  // namespace admmnet
