/// Samples of one panel in float: half the memory, and nothing to round in products in single.
#pragma once

#include <vector>

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// The entries of a sample matrix, rounded to float; where they lie is as with the matrix. On a
/// grid of shapes none are there.
class SingleSamples {
 public:
  explicit SingleSamples(const BlockCyclicMatrix& H);

  const ProcessGrid& grid() const { return grid_; }
  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  Index row_block() const { return row_block_; }
  Index col_block() const { return col_block_; }
  Index local_rows() const { return local_rows_; }
  Index local_cols() const { return local_cols_; }
  const float* data() const { return entries_.data(); }  ///< local array without gaps
  Index leading_dimension() const { return local_rows_ > 0 ? local_rows_ : 1; }
  const std::array<int, 9>& descriptor() const { return descriptor_; }  ///< ScaLAPACK's

  /// H := the entries, in doubles. Makes H anew where it has another shape. Collective.
  void widen(BlockCyclicMatrix& H) const;
  /// Of the entries that this rank holds.
  double own_sum_of_squares() const;

 private:
  ProcessGrid grid_;
  Index rows_, cols_, row_block_, col_block_, local_rows_, local_cols_;
  std::array<int, 9> descriptor_;
  std::vector<float> entries_;
  Ledger::Holding holding_;
};

/// A descriptor of the same matrix without gaps between its columns.
std::array<int, 9> descriptor_without_gaps(const BlockCyclicMatrix& A);

}  // namespace admmnet
