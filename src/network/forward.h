/// The forward pass over one panel of samples, and whole output columns.
#pragma once

#include <vector>

#include "network/network.h"

namespace admmnet {

/// Buffers for z_1..z_L and a~_1..a~_{L-1} of one panel, reused for every panel of a sample set.
class ForwardPass {
 public:
  /// For panels of up to `widest` columns. Collective.
  ForwardPass(const Network& network, Index widest);

  /// z_l = W~_l a~_{l-1}, a~_l = [h(z_l); 1]. inputs: a~_0, extended(0) x columns, and must live
  /// until the next run. Collective. 2 sum_l n_l n_{l-1} flops per sample.
  void run(const Network& network, const BlockCyclicMatrix& inputs);

  BlockCyclicMatrix& z(int l) { return z_[static_cast<std::size_t>(l - 1)]; }
  const BlockCyclicMatrix& z(int l) const { return z_[static_cast<std::size_t>(l - 1)]; }
  /// a~_l, l = 0 ... L-1; a~_0 are the inputs of the last run.
  const BlockCyclicMatrix& a(int l) const {
    return l == 0 ? *inputs_ : a_[static_cast<std::size_t>(l - 1)];
  }
  Index columns() const { return inputs_->cols(); }

 private:
  std::vector<BlockCyclicMatrix> z_, a_;
  const BlockCyclicMatrix* inputs_ = nullptr;
};

/// a~ := [h(z); 1] (the row of ones only if a~ has one row more than z). Not collective.
void activate_extended(const Activation& h, const BlockCyclicMatrix& z, BlockCyclicMatrix& a);

/// Output columns in the sample layout, where a rank holds whole columns: outputs x columns.
class OutputColumns {
 public:
  /// Collective.
  OutputColumns(const ProcessGrid& grid, Index outputs, Index widest);

  /// Takes the columns of m (any layout over the same ranks). Collective.
  void take(const BlockCyclicMatrix& m);
  /// Puts them back into m. Collective.
  void give(BlockCyclicMatrix& m) const;

  Index count() const { return samples_.local_cols(); }  ///< columns of this rank
  Index outputs() const { return samples_.rows(); }
  Index stride() const { return samples_.leading_dimension(); }
  double* data() { return samples_.data(); }
  const double* data() const { return samples_.data(); }
  double* column(Index j) { return samples_.column(j); }
  const double* column(Index j) const { return samples_.column(j); }
  BlockCyclicMatrix& matrix() { return samples_; }

 private:
  BlockCyclicMatrix samples_;
};

}  // namespace admmnet
