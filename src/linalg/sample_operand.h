/// Samples as an operand: what a method may do with the inputs a_0, however they are stored.
#pragma once

#include <variant>

#include "linalg/block_cyclic_matrix.h"
#include "linalg/single_samples.h"
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
/// Three kinds: dense block-cyclic samples, in double or in float, and sparse ones. Another one is
/// another constructor here, and a case in each verb; no method changes.
class SampleOperand {
 public:
  SampleOperand() = default;
  /// The matrix must outlive its use. Implicit: activations are samples as well.
  SampleOperand(const BlockCyclicMatrix& dense) : samples_(&dense) {}
  SampleOperand(const SingleSamples& single) : samples_(&single) {}
  SampleOperand(const SparseSamples& sparse) : samples_(&sparse) {}

  const ProcessGrid& grid() const {
    return *std::visit([](auto* H) { return &H->grid(); }, samples_);
  }
  Index rows() const {
    return std::visit([](auto* H) { return H->rows(); }, samples_);
  }
  Index cols() const {
    return std::visit([](auto* H) { return H->cols(); }, samples_);
  }
  Index local_cols() const {
    return std::visit([](auto* H) { return H->local_cols(); }, samples_);
  }
  Index row_block() const {
    return std::visit([](auto* H) { return H->row_block(); }, samples_);
  }
  /// Of the sample matrices that products of these samples fill.
  Index col_block() const {
    return std::visit([](auto* H) { return H->col_block(); }, samples_);
  }
  /// Columns that storage is there for, where it serves several panels.
  Index capacity() const { return in_double() ? in_double()->capacity() : cols(); }

  /// For factorisations that need every entry: these are for dense samples, of which those in float
  /// are widened into `room`. Collective.
  const BlockCyclicMatrix& dense(BlockCyclicMatrix& room) const {
    ADMMNET_REQUIRE(sparse() == nullptr,
                    "SampleOperand: sparse samples where dense ones are needed");
    if (in_float() == nullptr) return *in_double();
    in_float()->widen(room);
    return room;
  }
  /// For the verbs: null where it is another kind.
  const BlockCyclicMatrix* in_double() const { return as<BlockCyclicMatrix>(); }
  const SingleSamples* in_float() const { return as<SingleSamples>(); }
  const SparseSamples* sparse() const { return as<SparseSamples>(); }

 private:
  template <class Samples>
  const Samples* as() const {
    const auto* samples = std::get_if<const Samples*>(&samples_);
    return samples == nullptr ? nullptr : *samples;
  }

  std::variant<const BlockCyclicMatrix*, const SingleSamples*, const SparseSamples*> samples_;
};

}  // namespace admmnet
