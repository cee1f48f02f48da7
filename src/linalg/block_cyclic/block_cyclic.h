/// The layout of a P x Q grid: units over its rows, samples over its columns.
#pragma once

#include "linalg/layout.h"

namespace admmnet {

/// Everything by PBLAS and ScaLAPACK. Flops, memory and, at best, traffic are shared out among the
/// ranks: traffic a rank falls as 1/sqrt(P).
class BlockCyclic final : public Layout {
 public:
  bool spread(const BlockCyclicMatrix& W, Scratch<double>& whole) const override;
  void apply(Transpose op, Index m, Index k, double alpha, const LayerOperand& W,
             const SampleOperand& H, double beta, BlockCyclicMatrix& Z) const override;
  void outer(Triangle triangle, double alpha, const SampleOperand& D, const SampleOperand& H,
             double beta, BlockCyclicMatrix& R) const override;
  using Layout::add_to_sum;
  using Layout::apply;
  using Layout::outer;
  void add_to_sum(const PanelSum& sum, double alpha, const SampleOperand& D, const SampleOperand& H,
                  bool first) const override;
  void finish_sums(const std::vector<PanelSum>& /*sums*/) const override {}

  int factor(CholeskyFactor& factor) const override;
  void solve_right(CholeskyFactor& factor, BlockCyclicMatrix& B) const override;
  void solve_left(const CholeskyFactor& factor, Index cols, BlockCyclicMatrix& B) const override;

  void subtract_low_rank(double a, const std::vector<double>& d, const BlockCyclicMatrix& Ut,
                         BlockCyclicMatrix& S, BlockCyclicMatrix& R) const override;

  bool has_whole_columns() const override { return false; }
  void move_columns(const BlockCyclicMatrix& from, BlockCyclicMatrix& to) const override;

  Work cost(const Operation& operation, const Pricing& pricing) const override;
  double workspace(const Operation& operation, const Pricing& pricing) const override;
  bool has_buffers_of_each_kind() const override { return false; }  // PBLAS has one
  double entries(const Array& array, const Pricing& pricing) const override;
  std::string describe(GridShape grid) const override;
};

}  // namespace admmnet
