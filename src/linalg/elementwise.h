/// Loops over the local entries of matrices of one layout. No communication. What they move is
/// accounted for: a double for each matrix and entry, and one more for what is written.
#pragma once

#include "linalg/block_cyclic_matrix.h"
#include "runtime/threads.h"

namespace admmnet {

/// For work that is not one of the loops below: doubles to or from memory for each entry of A.
inline void account_for_entries(const BlockCyclicMatrix& A, double doubles) {
  A.grid().account({Verb::entries, A.rows(), 0, A.cols(), A.col_block(), doubles});
}

/// f(entry of A, matching entries of others...) for every local entry of A; the others have at
/// least A's local rows and columns at the same places.
template <class First, class F, class... Others>
void for_each_entry(F&& f, First& A, Others&... others) {
  account_for_entries(A, 2.0 + static_cast<double>(sizeof...(others)));
  for (Index j = 0; j < A.local_cols(); ++j) {
    auto* first = A.column(j);
    [&](auto*... columns) {
      for (Index i = 0; i < A.local_rows(); ++i) f(first[i], columns[i]...);
    }(others.column(j)...);
  }
}

/// The same on all threads of the rank (runtime/threads.h): f may touch nothing but its entries.
template <class First, class F, class... Others>
void for_each_entry_in_parts(F&& f, First& A, Others&... others) {
  account_for_entries(A, 2.0 + static_cast<double>(sizeof...(others)));
  in_parts(A.local_cols(), A.local_rows() * A.local_cols(), [&](Index begin, Index end) {
    for (Index j = begin; j < end; ++j) {
      auto* first = A.column(j);
      [&](auto*... columns) {
        for (Index i = 0; i < A.local_rows(); ++i) f(first[i], columns[i]...);
      }(others.column(j)...);
    }
  });
}

/// sum f(i), i < n, in eight sums that a compiler can keep in vector registers.
template <class F>
double sum_in_eight(Index n, F&& f) {
  constexpr Index kSums = 8;
  double sums[kSums] = {};
  Index i = 0;
  for (; i + kSums <= n; i += kSums)
    for (Index k = 0; k < kSums; ++k) sums[k] += f(i + k);
  double sum = 0.0;
  for (; i < n; ++i) sum += f(i);
  for (double part : sums) sum += part;
  return sum;
}

/// sum x[i] y[i], i < n.
inline double inner_product(const double* x, const double* y, Index n) {
  return sum_in_eight(n, [=](Index i) { return x[i] * y[i]; });
}

/// sum (x[i] - y[i])^2, i < n.
inline double squared_distance(const double* x, const double* y, Index n) {
  return sum_in_eight(n, [=](Index i) { return (x[i] - y[i]) * (x[i] - y[i]); });
}

/// sum x[i]^2, i < n.
inline double sum_of_squares(const double* x, Index n) {
  return inner_product(x, x, n);
}

}  // namespace admmnet
