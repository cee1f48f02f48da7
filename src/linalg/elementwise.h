/// Loops over the local entries of matrices of one layout. No communication.
#pragma once

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// f(entry of A, matching entries of others...) for every local entry of A; the others have at
/// least A's local rows and columns at the same places.
template <class First, class F, class... Others>
void for_each_entry(F&& f, First& A, Others&... others) {
  for (Index j = 0; j < A.local_cols(); ++j) {
    auto* first = A.column(j);
    [&](auto*... columns) {
      for (Index i = 0; i < A.local_rows(); ++i) f(first[i], columns[i]...);
    }(others.column(j)...);
  }
}

}  // namespace admmnet
