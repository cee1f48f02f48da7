#include "methods/mdlam/column_sums.h"

#include "linalg/elementwise.h"
#include "linalg/products.h"

namespace admmnet {

BlockCyclicMatrix& Workspace::operator()(Index rows, Use use) {
  BlockCyclicMatrix& matrix = matrices_[{rows, use}];
  if (matrix.empty()) matrix = network_.make_sample_like(rows, samples_);
  return matrix;
}

ColumnSums::Ones& ColumnSums::ones(Index n) {
  const auto [place, is_new] = ones_.try_emplace(n);
  Ones& ones = place->second;
  if (!is_new) return ones;
  const Index block = network_.unit_block();
  ones.row = BlockCyclicMatrix(network_.grid(), 1, n, block, block);
  ones.column = BlockCyclicMatrix(network_.grid(), n, 1, block, block);
  ones.row.fill_constant(1.0);
  ones.column.fill_constant(1.0);
  ones.as_row.assign(ones.row);
  ones.as_column.assign(ones.column);
  return ones;
}

void ColumnSums::of_squares(const BlockCyclicMatrix& A, BlockCyclicMatrix& squares,
                            BlockCyclicMatrix& s) {
  for_each_entry_in_parts([](double& square, double a) { square = a * a; }, squares, A);
  apply(ones(A.rows()).as_row, squares, s);
}

void ColumnSums::spread(const BlockCyclicMatrix& s, BlockCyclicMatrix& A) {
  apply(ones(A.rows()).as_column, s, A);
}

double own_squares(const BlockCyclicMatrix& A, Index cols) {
  account_for_entries(A, 1.0);
  double sum = 0.0;
  const Index local_cols = A.local_cols_below(cols);
  for (Index j = 0; j < local_cols; ++j) sum += sum_of_squares(A.column(j), A.local_rows());
  return sum;
}

}  // namespace admmnet
