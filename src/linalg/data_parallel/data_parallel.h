/// The layout of a 1 x P grid: every rank has whole samples.
#pragma once

#include "linalg/layout.h"

namespace admmnet {

/// Whether a layer matrix crosses the network once for many panels.
bool crosses_once(Index rows, Index cols, int ranks);

/// Layer matrices lie in blocks of columns on the ranks; a product into samples needs the whole
/// matrix on every rank, and a product with samples as the inner dimension is a sum over the ranks.
/// Layer matrices of up to kLargestGathered entries are gathered, and summed up, once for many
/// panels; larger ones range by range in each product. Traffic does not depend on the number of
/// samples.
class DataParallel final : public Layout {
 public:
  bool spread(const BlockCyclicMatrix& W, Scratch<double>& whole) const override;
  void apply(Transpose op, Index m, Index k, double alpha, const LayerOperand& W,
             const SampleOperand& H, double beta, BlockCyclicMatrix& Z) const override;
  void outer(Triangle triangle, double alpha, const SampleOperand& D, const SampleOperand& H,
             double beta, BlockCyclicMatrix& R) const override;
  void add_to_sum(const PanelSum& sum, double alpha, const SampleOperand& D, const SampleOperand& H,
                  bool first) const override;
  void finish_sums(const std::vector<PanelSum>& sums) const override;
  void inner(double alpha, const SampleOperand& H, BlockCyclicMatrix& room,
             BlockCyclicMatrix& K) const override;
  using Layout::apply;
  using Layout::outer;
  void add_to_sum(const PanelSum& sum, double alpha, const BlockCyclicMatrix* D,
                  const SparseSamples& H, bool first) const override;

  /// On one rank L is factored where it lies, with no copy (potrf). Else the ranks factor it
  /// together (column_cholesky.h), and up to the order `largest_whole` every rank keeps all of it,
  /// n^2 doubles. Right-hand sides are then dealt to the ranks; for larger orders the factor is
  /// streamed to them, or, where they are few, they travel (p?trsm).
  /// A matrix of one block is factored by the rank that has it, and goes to the others when a solve
  /// needs it there; few right-hand sides are solved for by few ranks, or one. Of the rows of a
  /// layer matrix that is gathered anyway, every rank makes such a factor for itself.
  int factor(CholeskyFactor& factor) const override;
  int factor_rows(const LayerOperand& W, const BlockCyclicMatrix& X, double shift,
                  CholeskyFactor& factor) const override;
  void share(CholeskyFactor& factor, const Operation& operation) const override;
  void solve_right(CholeskyFactor& factor, BlockCyclicMatrix& B) const override;
  void solve_left(const CholeskyFactor& factor, Index cols, BlockCyclicMatrix& B) const override;

  void subtract_low_rank(double a, const std::vector<double>& d, const BlockCyclicMatrix& Ut,
                         BlockCyclicMatrix& S, BlockCyclicMatrix& R) const override;

  bool has_whole_columns() const override { return true; }
  void move_columns(const BlockCyclicMatrix& from, BlockCyclicMatrix& to) const override;

  Work cost(const Operation& operation, const Pricing& pricing) const override;
  double workspace(const Operation& operation, const Pricing& pricing) const override;
  bool has_buffers_of_each_kind() const override { return true; }  // scratch.h
  double entries(const Array& array, const Pricing& pricing) const override;
  std::string describe(GridShape grid) const override;
};

}  // namespace admmnet
