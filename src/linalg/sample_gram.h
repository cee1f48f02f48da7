/// The Gram matrix of sparse samples, where it is too large to be formed.
#pragma once

#include <vector>

#include "linalg/sample_operand.h"

namespace admmnet {

/// G = sum_p A_p A_p^T, k x k, known by its products alone. The A_p must outlive its use.
class SampleGram {
 public:
  /// Sparse samples.
  void add(const SampleOperand& A) { samples_.push_back(A); }
  void clear() { samples_.clear(); }
  Index order() const { return samples_.front().rows(); }
  const ProcessGrid& grid() const { return samples_.front().grid(); }
  /// Entries of all A_p.
  double entries() const;

  /// Y := X G, m x k layer matrices. 4 m nnz flops. Collective: X and Y cross the network as in
  /// products.h, once for all A_p where they have up to kLargestGathered entries.
  void multiply(const BlockCyclicMatrix& X, BlockCyclicMatrix& Y);
  /// The diagonal of G, and the sums of the rows of the A_p; whole on every rank. Collective.
  std::vector<double> diagonal() const;
  std::vector<double> row_sums() const;

 private:
  std::vector<SampleOperand> samples_;
  BlockCyclicMatrix product_;  // X A_p
};

}  // namespace admmnet
