#include "methods/pdadmm/weight_steps.h"

#include <vector>

#include "linalg/elementwise.h"
#include "linalg/products.h"

namespace admmnet {

double centred_trace(const BlockCyclicMatrix& G, Index n, Index samples) {
  double sum = 0.0;
  for_each_diagonal(G, [&](Index i, double entry) {
    if (i < n) sum += entry;
  });
  const Index row = G.local_rows_below(n);  // the sums, where this rank holds them
  if (row < G.local_rows())
    for (Index j = 0; j < G.local_cols_below(n); ++j)
      sum -= G.at(row, j) * G.at(row, j) / static_cast<double>(samples);
  return G.grid().sum(sum);
}

void subtract_row_means(const BlockCyclicMatrix& D, Index samples, Index n, BlockCyclicMatrix& W) {
  std::vector<double> means(static_cast<std::size_t>(D.rows()));
  account_for_entries(D, 1.0);
  for (Index j = 0; j < D.local_cols(); ++j)
    for (Index i = 0; i < D.local_rows(); ++i)
      means[static_cast<std::size_t>(D.global_row(i))] += D.at(i, j) / static_cast<double>(samples);
  D.grid().sum(means.data(), D.rows());
  const Index column = W.local_cols_below(n);
  if (column == W.local_cols_below(n + 1)) return;  // another rank's
  for (Index i = 0; i < W.local_rows(); ++i)
    W.at(i, column) -= means[static_cast<std::size_t>(W.global_row(i))];
}

void clear_columns_from(Index n, BlockCyclicMatrix& A) {
  for (Index j = A.local_cols_below(n); j < A.local_cols(); ++j)
    for (Index i = 0; i < A.local_rows(); ++i) A.at(i, j) = 0.0;
}

void clear_rows_from(Index n, BlockCyclicMatrix& A) {
  for (Index j = 0; j < A.local_cols(); ++j)
    for (Index i = A.local_rows_below(n); i < A.local_rows(); ++i) A.at(i, j) = 0.0;
}

}  // namespace admmnet
