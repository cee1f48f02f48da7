/// Systems in the samples of one panel: the dual side of least squares with more inputs than
/// samples, one panel after the other.
#pragma once

#include "linalg/gram_solver.h"
#include "linalg/sample_operand.h"

namespace admmnet {

/// K = I + scale H^T H + constant 1 1^T for a panel H of n x w, and X K = B. The last term is what
/// a row of ones in H takes off or adds where its weight is another one (its share of H^T H is
/// 1 1^T). w^2/P doubles a rank for K; on P x Q as many for a copy in other blocks, and the room of
/// B once more.
class SampleSystem {
 public:
  explicit SampleSystem(Condition condition = Condition::any)
      : solver_(kReplicatedOrder, condition) {}

  /// Statuses and errors of GramSolver::factor. Collective on H's grid. Flops: n w (w+1) + w^3/3.
  FactorStatus factor(const SampleOperand& H, double scale, double constant);
  /// B := B K^-1. B: m x w in H's layout of columns. Collective. Flops: 2 m w^2.
  void solve_right(BlockCyclicMatrix& B);

 private:
  GramSolver solver_;
  BlockCyclicMatrix room_;  // K in slabs of samples, where a layout forms it so first
  Ledger::Holding room_held_;
};

}  // namespace admmnet
