/// The activation systems: the minimiser over a of beta/2 |t - W a|^2 + gamma/2 |a - h|^2.
#pragma once

#include "linalg/gram_solver.h"
#include "linalg/layer_operand.h"

namespace admmnet {

/// Which side of W the activation solve factors.
enum class CorrectionSide { smaller, units };

/// For an m x n matrix W: whether the m x m side is factored rather than the n x n side.
inline bool factors_outputs(Index m, Index n, CorrectionSide side) {
  return m <= n && side == CorrectionSide::smaller;
}

/// Whether X is formed for so many columns. Forming it takes a solve for each row (column) of W on
/// the side that is not factored, leaving it in factors a solve for each column it is applied to.
inline bool forms_operator(Index m, Index n, CorrectionSide side, Index columns) {
  return columns >= (factors_outputs(m, n, side) ? n : m);
}
/// Whether X is left in factors for any number of columns where W has been spread, and X would have
/// to be as well: it has so few rows that solves add an eighth to the flops at most.
inline bool stays_in_factors(Index m, Index n, CorrectionSide side) {
  return factors_outputs(m, n, side) && 8 * m <= n;
}

///   a = h + X^T (t - W h),   X^T = W^T (W W^T + eps I)^-1 = (W^T W + eps I)^-1 W^T,
///                            eps = gamma/beta
/// (Taylor et al., ICML 2016, (beta W^T W + gamma I)^-1 (beta W^T t + gamma h), rearranged by the
/// push-through identity). The smaller of the two sides is factored.
class Correction {
 public:
  explicit Correction(Index replicated_order = kReplicatedOrder) : solver_(replicated_order) {}

  /// Takes the leading n columns of W (m x at least n): the bias column takes no part. `columns`:
  /// how many columns, over all calls, X^T will be applied to, about. Collective. Flops: with the
  /// m x m side factored m^2 n + m^3/3, with the n x n side 2 n^2 m + n^3/3; and twice the square
  /// of that side times the other one where X is formed. CorrectionSide::units always factors the
  /// n x n side.
  FactorStatus form(const BlockCyclicMatrix& W, Index n, double eps, CorrectionSide side,
                    Index columns);
  /// The same with a W that has been spread for other products, which saves messages. It must
  /// outlive the calls of apply(), and their Z has n rows.
  FactorStatus form(const LayerOperand& W, Index n, double eps, CorrectionSide side, Index columns);

  /// Z := X^T D + beta Z in the leading n rows of Z. D: m x w, Z: n or more x w, of one sample
  /// layout. Collective. Flops: 2 m n w, and 2 w times the square of the side that is
  /// factored where X is not formed.
  void apply(const BlockCyclicMatrix& D, double beta, BlockCyclicMatrix& Z);

 private:
  const LayerOperand& operand() const { return spread_ != nullptr ? *spread_ : operand_; }
  BlockCyclicMatrix& panel_like(Index rows, const BlockCyclicMatrix& D);

  FactorStatus form(const BlockCyclicMatrix& W, const LayerOperand* spread, Index n, double eps,
                    CorrectionSide side, Index columns);

  bool outputs_side_ = false, formed_ = false;
  BlockCyclicMatrix X_;                   // X, or W's leading columns
  LayerOperand operand_;                  // the same, ready for many panels
  const LayerOperand* spread_ = nullptr;  // in its place, where W has been spread
  GramSolver solver_;
  BlockCyclicMatrix panel_;  // right-hand sides where X is not formed
};

}  // namespace admmnet
