/// How matrices lie on the ranks of a grid, as a type: the verbs in which methods work with them,
/// and what each verb costs. README.md says how to add one.
///
/// Two layouts: data parallel (1 x P: a rank holds whole samples, products with samples are local
/// ones around one collective, Taylor's transpose reduction) and block-cyclic (P x Q: PBLAS and
/// ScaLAPACK, traffic a rank falls as 1/sqrt(P)). Methods call the functions of products.h,
/// outer_sum.h, gram_solver.h and whole_columns.h, which check shapes, account for the operation
/// and ask the grid's layout; nobody else asks what grid it is.
#pragma once

#include <string>
#include <vector>

#include "linalg/block_cyclic_matrix.h"
#include "linalg/diagonal_shift.h"
#include "linalg/ledger.h"
#include "linalg/pricing.h"
#include "linalg/scratch.h"

namespace admmnet {

class LayerOperand;
class SampleOperand;
class SparseSamples;

/// A Cholesky factor, kept for many right-hand sides.
struct CholeskyFactor {
  BlockCyclicMatrix L;       ///< the matrix, then its factor: lower triangle
  Scratch<double> whole;     ///< all of it, column-major, where the layout keeps it on every rank
  BlockCyclicMatrix sides;   ///< right-hand sides in L's blocks, where a layout moves them there
  bool is_shared = false;    ///< every rank has it in `whole`, where one would be enough
  Index largest_whole = 0;   ///< the largest order for which it may
  Scratch<double> inverses;  ///< of the blocks on the diagonal, where solves take them
  Condition condition = Condition::any;
  Index order() const { return L.rows(); }
};

/// Stateless: one object of each serves all grids of its kind. The verbs are collective on the grid
/// of their operands, and bitwise reproducible for a fixed grid.
class Layout {
 public:
  virtual ~Layout() = default;

  // ---- products with samples ----

  /// Makes W ready for products into samples, in `whole` if need be; says whether it is there.
  virtual bool spread(const BlockCyclicMatrix& W, Scratch<double>& whole) const = 0;
  /// Z := alpha op(W) H + beta Z with op(W) of m x k.
  virtual void apply(Transpose op, Index m, Index k, double alpha, const LayerOperand& W,
                     const SampleOperand& H, double beta, BlockCyclicMatrix& Z) const = 0;
  /// R := alpha D H^T + beta R; lower: D = H, and its lower triangle.
  virtual void outer(Triangle triangle, double alpha, const SampleOperand& D,
                     const SampleOperand& H, double beta, BlockCyclicMatrix& R) const = 0;
  /// A sum over panels, R := keep R + sum: the rank's own part of it, where it is kept apart.
  struct PanelSum {
    Triangle triangle;
    double keep;
    BlockCyclicMatrix* R;
    Scratch<double>* own;
  };
  /// One more summand, `first` the first one: into R, or into the rank's own sum, which
  /// finish_sums() adds up, those of all sums together.
  virtual void add_to_sum(const PanelSum& sum, double alpha, const SampleOperand& D,
                          const SampleOperand& H, bool first) const = 0;
  virtual void finish_sums(const std::vector<PanelSum>& sums) const = 0;

  /// The same with sparse samples (sparse_products.h); lower: D is null.
  virtual void apply(Index m, const LayerOperand& W, const SparseSamples& H,
                     BlockCyclicMatrix& Z) const;
  virtual void outer(Triangle triangle, double alpha, const BlockCyclicMatrix* D,
                     const SparseSamples& H, double beta, BlockCyclicMatrix& R) const;
  virtual void add_to_sum(const PanelSum& sum, double alpha, const BlockCyclicMatrix* D,
                          const SparseSamples& H, bool first) const;

  /// K := alpha H^T H, lower triangle, in square blocks of any size. A layout that forms it in the
  /// blocks of the samples first does so in `room`, and makes that; this one does.
  virtual void inner(double alpha, const SampleOperand& H, BlockCyclicMatrix& room,
                     BlockCyclicMatrix& K) const;

  // ---- Cholesky ----

  /// L L^T = L in place. Returns 0, or the order of the leading minor that is not positive
  /// definite, or not finite.
  virtual int factor(CholeskyFactor& factor) const = 0;
  /// The same with L = X X^T + shift I, where X is the leading columns of W.
  virtual int factor_rows(const LayerOperand& W, const BlockCyclicMatrix& X, double shift,
                          CholeskyFactor& factor) const;
  /// Before a solve (`operation`: Verb::share): a factor that one rank made goes to the others if
  /// they need it for that.
  virtual void share(CholeskyFactor& /*factor*/, const Operation& /*operation*/) const {}
  /// B := B (L L^T)^-1, with B in the blocks of L or, samples, in slabs; and B := (L L^T)^-1 B for
  /// the leading `cols` columns.
  virtual void solve_right(CholeskyFactor& factor, BlockCyclicMatrix& B) const = 0;
  virtual void solve_left(const CholeskyFactor& factor, Index cols, BlockCyclicMatrix& B) const = 0;

  /// R := a R - R U diag(d) U^T, with U^T of k x n in the same blocks of columns as R, and S of
  /// m x k to work in.
  virtual void subtract_low_rank(double a, const std::vector<double>& d,
                                 const BlockCyclicMatrix& Ut, BlockCyclicMatrix& S,
                                 BlockCyclicMatrix& R) const = 0;

  // ---- whole columns ----

  /// Whether each rank has whole columns of sample matrices anyway: those of the sample grid.
  virtual bool has_whole_columns() const = 0;
  /// Columns from a matrix of the grid to one of its sample grid, or back.
  virtual void move_columns(const BlockCyclicMatrix& from, BlockCyclicMatrix& to) const = 0;

  // ---- what it costs ----

  virtual Work cost(const Operation& operation, const Pricing& pricing) const = 0;
  /// Doubles that the operation needs besides its operands, on the rank that needs most.
  virtual double workspace(const Operation& operation, const Pricing& pricing) const = 0;
  /// Whether each kind of operation keeps a buffer of its own, or all work in the same one.
  virtual bool has_buffers_of_each_kind() const = 0;
  /// Entries of an array on the rank that holds most.
  virtual double entries(const Array& array, const Pricing& pricing) const = 0;
  /// "pure data parallelism"
  virtual std::string describe(GridShape grid) const = 0;

 protected:
  /// What is the same in all layouts: element-wise work, sums, and ScaLAPACK's part of the menu.
  static Work common_cost(const Operation& operation, const Pricing& pricing);
  static double common_workspace(const Operation& operation, const Pricing& pricing);
};

/// The layout of matrices on such a grid.
const Layout& layout_of(GridShape grid);

}  // namespace admmnet
