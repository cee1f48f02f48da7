/// From one object of a method to another without a file, and whether they have come to the same.
#pragma once

#include <cstring>

#include "linalg/state_view.h"
#include "network/network.h"

namespace admmnet::test {

/// Copies the local parts of one state into another of the same grid.
inline void copy_state(const StateView& from, const StateView& to) {
  for (std::size_t t = 0; t < from.tensors.size(); ++t)
    for (std::size_t p = 0; p < from.tensors[t].parts.size(); ++p) {
      const auto& source = from.tensors[t].parts[p];
      const auto& target = to.tensors[t].parts[p];
      for (Index j = 0; j < source.cols; ++j) {
        const Index first = source.matrix->local_cols_below(source.first_col + j);
        if (source.matrix->local_cols_below(source.first_col + j + 1) == first) continue;
        std::memcpy(target.matrix->column(first), source.matrix->column(first),
                    static_cast<std::size_t>(source.matrix->local_rows()) * sizeof(double));
      }
    }
  for (std::size_t s = 0; s < from.scalars.size(); ++s) {
    if (from.scalars[s].real) *to.scalars[s].real = *from.scalars[s].real;
    if (from.scalars[s].integer) *to.scalars[s].integer = *from.scalars[s].integer;
  }
}

inline bool same_bits(const Network& a, const Network& b) {
  for (int l = 1; l <= a.layers(); ++l)
    if (gather(a.W(l)) != gather(b.W(l))) return false;
  return true;
}

}  // namespace admmnet::test
