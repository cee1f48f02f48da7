/// The weight systems: X (G + shifts) = B with a Gram matrix G.
#pragma once

#include <functional>
#include <vector>

#include "linalg/diagonal_shift.h"
#include "linalg/replicated_factor.h"

namespace admmnet {

/// Largest order for which every rank of a 1 x P grid keeps the whole factor.
constexpr Index kReplicatedOrder = 1536;
/// Above it, the factor is streamed to the right-hand sides when these are at least 1/8 of its
/// order, so that its traffic (n^2 words) is paid for by work (2 n^2 flops a side, on P ranks); for
/// fewer, the right-hand sides travel (p?trsm).
constexpr Index kStreamedShare = 8;

/// Cholesky factor of G + shift, kept for many right-hand sides: L L^T = G + all I + units I'.
/// G: n x n, lower triangle. n^3/3 flops to factor, 2 n^2 per right-hand side row.
///
/// Where the factor lies: on one rank in the solver's one n x n array (potrf, trsm), with no
/// allocation after the first time. On a 1 x P grid the ranks factor it together
/// (column_cholesky.h), and up to the order `replicated_order` every rank keeps all of it, n^2
/// doubles, and solves for its share of B. Otherwise p?potrf and p?trsm on n^2/P doubles a rank.
class GramSolver {
 public:
  explicit GramSolver(Index replicated_order = kReplicatedOrder)
      : replicated_order_(replicated_order) {}

  /// Collective on G's grid. When G + shift is not positive definite, the diagonal is raised by
  /// 1e-10, 1e-8, ... 1e-2 times its mean until it is; the status says so. Throws
  /// NumericalBreakdown when G holds a NaN or infinity, or when that does not help.
  FactorStatus factor(const BlockCyclicMatrix& G, const DiagonalShift& shift);

  /// The same where G need not be kept: `form` writes its lower triangle into the solver's own
  /// array (zero the first time), and again before each further attempt. No copy is made.
  using Form = std::function<void(BlockCyclicMatrix&)>;
  FactorStatus factor(const ProcessGrid& grid, Index order, Index block, const Form& form,
                      const DiagonalShift& shift);
  bool ready() const { return ready_; }

  /// B := B (G + shift)^-1. B: m x n with G's blocks. Collective.
  void solve_right(BlockCyclicMatrix& B) const;
  /// B := (G + shift)^-1 B. B: n x m, leading `cols` columns. Collective.
  void solve_left(Index cols, BlockCyclicMatrix& B) const;

 private:
  enum class Place { local, replicated, distributed };
  template <class Load>
  FactorStatus attempt(const ProcessGrid& grid, double mean, const DiagonalShift& shift,
                       Load&& load);
  void place(const ProcessGrid& grid, Index order, Index block);
  int factor_loaded(const ProcessGrid& grid);
  WholeFactor whole() const;
  bool streams(Index sides) const;

  Index replicated_order_;
  Place place_ = Place::local;
  Index order_ = 0;
  BlockCyclicMatrix L_;             // the matrix, then its factor
  std::vector<double> replicated_;  // Place::replicated: the whole factor, lower triangle
  bool ready_ = false;
};

}  // namespace admmnet
