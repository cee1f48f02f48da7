/// Rows of a sparse matrix as readers give them.
#pragma once

#include <cstddef>
#include <vector>

#include "runtime/types.h"

namespace admmnet {

/// Rows of a sparse matrix, one behind the other.
struct SparseRows {
  std::vector<std::size_t> begins = {0};  ///< row i: entries begins[i] .. begins[i+1] - 1
  std::vector<Index> cols;                ///< ascending within a row
  std::vector<double> values;

  Index count() const { return static_cast<Index>(begins.size()) - 1; }
  Index size(Index row) const {
    const auto i = static_cast<std::size_t>(row);
    return static_cast<Index>(begins[i + 1] - begins[i]);
  }
  /// After the last entry of a row.
  void end_row() { begins.push_back(cols.size()); }
  /// More rows behind these.
  void append(const SparseRows& more) {
    for (std::size_t i = 1; i < more.begins.size(); ++i)
      begins.push_back(cols.size() + more.begins[i]);
    cols.insert(cols.end(), more.cols.begin(), more.cols.end());
    values.insert(values.end(), more.values.begin(), more.values.end());
  }
};

}  // namespace admmnet
