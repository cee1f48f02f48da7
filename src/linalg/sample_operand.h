/// Samples as an operand: what a method may do with the inputs a_0, however they are stored.
#pragma once

#include "linalg/block_cyclic_matrix.h"
#include "linalg/sparse_samples.h"
#include "runtime/error.h"

namespace admmnet {

/// A reference to the samples of one panel, features x samples. A method hands it to the verbs,
/// which are all that it can do with samples:
///     apply              Z := W H         (products.h)
///     accumulate_outer   R := D H^T + ... (products.h; outer_sum.h for many panels)
///     accumulate_gram    G := H H^T + ... (products.h; outer_sum.h for many panels)
///     inner_gram         K := H^T H       (products.h)
///     sum_of_squares     |H|^2            (products.h)
/// Two kinds: dense block-cyclic samples, and sparse ones. Another one is another constructor here,
/// and a case in each verb; no method changes.
class SampleOperand {
 public:
  SampleOperand() = default;
  /// The matrix must outlive its use. Implicit: activations are samples as well.
  SampleOperand(const BlockCyclicMatrix& dense) : dense_(&dense) {}

  SampleOperand(const SparseSamples& sparse) : sparse_(&sparse) {}

  const ProcessGrid& grid() const { return sparse_ ? sparse_->grid() : dense_->grid(); }
  Index rows() const { return sparse_ ? sparse_->rows() : dense_->rows(); }
  Index cols() const { return sparse_ ? sparse_->cols() : dense_->cols(); }
  Index row_block() const { return sparse_ ? sparse_->row_block() : dense_->row_block(); }
  /// Columns that storage is there for, where it serves several panels.
  Index capacity() const { return sparse_ ? sparse_->cols() : dense_->capacity(); }
  /// Of the sample matrices that products of these samples fill.
  Index col_block() const { return sparse_ ? sparse_->col_block() : dense_->col_block(); }

  /// For the verbs, and for factorisations that need every entry: these are for dense samples.
  const BlockCyclicMatrix& dense() const {
    ADMMNET_REQUIRE(dense_ != nullptr, "SampleOperand: sparse samples where dense ones are needed");
    return *dense_;
  }
  /// For the verbs; null: dense.
  const SparseSamples* sparse() const { return sparse_; }

 private:
  const BlockCyclicMatrix* dense_ = nullptr;
  const SparseSamples* sparse_ = nullptr;
};

}  // namespace admmnet
