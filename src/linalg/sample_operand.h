/// Samples as an operand: what a method may do with the inputs a_0, however they are stored.
#pragma once

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// A reference to the samples of one panel, features x samples. A method hands it to the verbs,
/// which are all that it can do with samples:
///     apply              Z := W H         (products.h)
///     accumulate_outer   R := D H^T + ... (products.h; outer_sum.h for many panels)
///     accumulate_gram    G := H H^T + ... (products.h; outer_sum.h for many panels)
///     sum_of_squares     |H|^2            (products.h)
/// Dense block-cyclic samples are the only kind. Another one is another constructor here, and a
/// case in each verb; no method changes.
class SampleOperand {
 public:
  SampleOperand() = default;
  /// The matrix must outlive its use. Implicit: activations are samples as well.
  SampleOperand(const BlockCyclicMatrix& dense) : dense_(&dense) {}

  Index rows() const { return dense_->rows(); }
  Index cols() const { return dense_->cols(); }
  /// Of the sample matrices that products of these samples fill.
  Index col_block() const { return dense_->col_block(); }

  /// For the verbs, and for factorisations that need every entry.
  const BlockCyclicMatrix& dense() const { return *dense_; }

 private:
  const BlockCyclicMatrix* dense_ = nullptr;
};

}  // namespace admmnet
