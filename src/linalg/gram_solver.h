/// The weight systems: X (G + shifts) = B with a Gram matrix G.
#pragma once

#include <functional>
#include <vector>

#include "linalg/diagonal_shift.h"
#include "linalg/layout.h"

namespace admmnet {

/// Largest order for which every rank keeps the whole factor where it may (data parallel).
constexpr Index kReplicatedOrder = 1536;

/// Cholesky factor of G + shift, kept for many right-hand sides: L L^T = G + all I + units I'.
/// G: n x n, lower triangle. n^3/3 flops to factor, 2 n^2 per right-hand side row. The matrix is
/// copied into the solver's own, of n^2/P doubles a rank, with no allocation after the first time;
/// up to the order `replicated_order` every rank may keep the whole factor besides. Where it lies
/// is the layout's: data_parallel/data_parallel.h, block_cyclic/block_cyclic.h.
class GramSolver {
 public:
  explicit GramSolver(Index replicated_order = kReplicatedOrder,
                      Condition condition = Condition::any) {
    factor_.largest_whole = replicated_order;
    factor_.condition = condition;
  }

  /// Collective on G's grid. When G + shift is not positive definite, the diagonal is raised by
  /// 1e-10, 1e-8, ... 1e-2 times its mean until it is; the status says so. Throws
  /// NumericalBreakdown when G holds a NaN or infinity, or when that does not help.
  FactorStatus factor(const BlockCyclicMatrix& G, const DiagonalShift& shift);

  /// The same where G need not be kept: `form` writes its lower triangle into the solver's own
  /// array (zero the first time), and again before each further attempt. No copy is made.
  using Form = std::function<void(BlockCyclicMatrix&)>;
  FactorStatus factor(const ProcessGrid& grid, Index order, Index block, const Form& form,
                      const DiagonalShift& shift);

  /// Of X X^T + shift I instead, for the leading columns X (m x n) of a W that has been spread:
  /// with few rows every rank makes the factor for itself where it has all of W. Collective.
  /// Flops: m (m+1) n + m^3/3.
  FactorStatus factor_rows(const LayerOperand& W, const BlockCyclicMatrix& X, double shift);

  bool ready() const { return ready_; }

  /// B := B (G + shift)^-1. B: m x n with G's blocks, or m units x n samples. Collective.
  void solve_right(BlockCyclicMatrix& B);
  /// B := (G + shift)^-1 B. B: n x m, leading `cols` columns. Collective.
  void solve_left(Index cols, BlockCyclicMatrix& B);

 private:
  template <class Load>
  FactorStatus attempt(const ProcessGrid& grid, const DiagonalShift& shift, Load&& load);
  void begin(Index of_columns);
  void share(Operation operation);
  void make_room(const ProcessGrid& grid, Index order, Index block);

  CholeskyFactor factor_;
  Ledger::Holding whole_factor_, sides_;
  bool ready_ = false;
  Index of_columns_ = 0;  // factor_rows() made it of so many
  std::vector<Operation> shared_for_;
};

}  // namespace admmnet
