/// One number for each sample: sums over its units, and back to all of its units. And the matrices
/// in which the steps work.
#pragma once

#include <map>
#include <utility>

#include "linalg/layer_operand.h"
#include "network/network.h"

namespace admmnet {

/// Matrices of so many rows x all samples, made when they are first asked for and kept: layers of
/// one width share them.
class Workspace {
 public:
  enum Use { start, residual, product, squares, trial, gradient, change, unit_squares };

  /// The network must outlive it.
  Workspace(const Network& network, Index samples) : network_(network), samples_(samples) {}

  /// Entries are what was left there. Collective when it is asked for the first time.
  BlockCyclicMatrix& operator()(Index rows, Use use);

 private:
  const Network& network_;
  Index samples_;
  std::map<std::pair<Index, Use>, BlockCyclicMatrix> matrices_;
};

/// By products with ones, which every layout does in its own way: 2 rows N flops each.
class ColumnSums {
 public:
  explicit ColumnSums(const Network& network) : network_(network) {}

  /// s_j := sum_i A_ij^2.  s: 1 x N. `squares`: shaped as A, overwritten. Collective.
  void of_squares(const BlockCyclicMatrix& A, BlockCyclicMatrix& squares, BlockCyclicMatrix& s);
  /// A_ij := s_j. Collective.
  void spread(const BlockCyclicMatrix& s, BlockCyclicMatrix& A);

 private:
  /// 1 x n and n x 1, all 1.
  struct Ones {
    BlockCyclicMatrix row, column;
    LayerOperand as_row, as_column;
  };
  Ones& ones(Index n);

  const Network& network_;
  std::map<Index, Ones> ones_;  // by n; operands point into it
};

/// Sum of the squares of this rank's entries in the first `cols` columns. Not collective.
double own_squares(const BlockCyclicMatrix& A, Index cols);
inline double own_squares(const BlockCyclicMatrix& A) {
  return own_squares(A, A.cols());
}

}  // namespace admmnet
