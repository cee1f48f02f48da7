/// A layer matrix as the left factor of products with samples.
#pragma once

#include "linalg/block_cyclic_matrix.h"
#include "linalg/scratch.h"

namespace admmnet {

/// Where a product into samples needs the whole matrix on every rank (data parallel), an operand
/// gathers it once for as many products as follow; matrices of more than kLargestGathered entries
/// are left where they are, and each product gathers them range by range. Else it is a reference
/// only.
class LayerOperand {
 public:
  LayerOperand() = default;
  /// Of W as it is now; made implicitly, it serves one product. Collective on W's grid: every rank
  /// receives the whole matrix once.
  LayerOperand(const BlockCyclicMatrix& W) { refer_to(W); }
  /// The same for another W, or for a W that has changed, and for many products. W must outlive its
  /// use.
  void assign(const BlockCyclicMatrix& W);

  const BlockCyclicMatrix& matrix() const { return *W_; }
  /// Columns from 0 on, each of matrix().rows() entries without gaps; null: not gathered.
  const double* gathered() const { return is_gathered_ ? whole_.data() : nullptr; }
  /// All of W rounded to float, so that it is rounded once for many products; null for an operand
  /// of one product, or where this rank has not all of W. Not collective.
  const float* rounded() const;

 private:
  void refer_to(const BlockCyclicMatrix& W);

  const BlockCyclicMatrix* W_ = nullptr;
  Scratch<double> whole_;
  Ledger::Holding holding_;
  bool is_gathered_ = false, serves_many_ = false;
  mutable Scratch<float> rounded_;
  mutable bool is_rounded_ = false;
};

/// 64 MiB: more is gathered range by range.
constexpr Index kLargestGathered = Index{1} << 23;
/// 32 MiB: entries of a layer matrix that a data parallel product gathers or sums up at a time.
constexpr Index kRangeEntries = Index{1} << 22;
/// Up to so many ranks send summands of a layer matrix to their owners one by one. Beyond, that
/// would be mostly latencies, and MPI sums in log2 P rounds (in Open MPI with copies in fresh
/// memory each time).
constexpr int kRanksOneByOne = 8;

}  // namespace admmnet
