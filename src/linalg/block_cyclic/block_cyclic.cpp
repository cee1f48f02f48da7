#include "linalg/block_cyclic/block_cyclic.h"

#include <algorithm>
#include <cmath>

#include "linalg/block_cyclic/pblas.h"
#include "linalg/layer_operand.h"
#include "linalg/local_blas.h"
#include "linalg/products.h"

namespace admmnet {

// ---- products with samples ----

bool BlockCyclic::spread(const BlockCyclicMatrix& /*W*/, Scratch<double>& /*whole*/) const {
  return false;  // PBLAS takes W from where it is
}

void BlockCyclic::apply(Transpose op, Index m, Index k, double alpha, const LayerOperand& W,
                        const SampleOperand& H, double beta, BlockCyclicMatrix& Z) const {
  multiply(op, Transpose::no, m, H.cols(), k, alpha, W.matrix(), H, beta, Z);
}

void BlockCyclic::outer(Triangle triangle, double alpha, const SampleOperand& D,
                        const SampleOperand& H, double beta, BlockCyclicMatrix& R) const {
  if (triangle == Triangle::lower)
    multiply_gram(alpha, H, beta, R);
  else
    multiply(Transpose::no, Transpose::yes, R.rows(), R.cols(), H.cols(), alpha, D, H, beta, R);
}

void BlockCyclic::add_to_sum(const PanelSum& sum, double alpha, const SampleOperand& D,
                             const SampleOperand& H, bool first) const {
  outer(sum.triangle, alpha, D, H, first ? sum.keep : 1.0, *sum.R);
}

// ---- Cholesky ----

int BlockCyclic::factor(CholeskyFactor& factor) const {
  const int info = pblas_factor(factor.L);
  return info == 0 && !std::isfinite(trace(factor.L)) ? 1 : info;
}

void BlockCyclic::solve_right(CholeskyFactor& factor, BlockCyclicMatrix& B) const {
  pblas_solve_right(factor, B);
}

void BlockCyclic::solve_left(const CholeskyFactor& factor, Index cols, BlockCyclicMatrix& B) const {
  pblas_solve_left(factor.L, cols, B);
}

void BlockCyclic::subtract_low_rank(double a, const std::vector<double>& d,
                                    const BlockCyclicMatrix& Ut, BlockCyclicMatrix& S,
                                    BlockCyclicMatrix& R) const {
  const Index m = R.rows(), n = R.cols(), k = Ut.rows();
  multiply(Transpose::no, Transpose::yes, m, k, n, 1.0, R, Ut, 0.0, S);
  for (Index j = 0; j < S.local_cols(); ++j)
    for (Index i = 0; i < S.local_rows(); ++i)
      S.at(i, j) *= d[static_cast<std::size_t>(S.global_col(j))];
  multiply(Transpose::no, Transpose::no, m, n, k, -1.0, S, Ut, a, R);
}

// ---- whole columns ----

void BlockCyclic::move_columns(const BlockCyclicMatrix& from, BlockCyclicMatrix& to) const {
  redistribute(from, to);
}

// ---- what it costs ----

Work BlockCyclic::cost(const Operation& o, const Pricing& p) const {
  const GridShape grid = p.grid();
  switch (o.verb) {
    case Verb::spread:
    case Verb::finish_outer:
    case Verb::finish_gram:
    case Verb::share:
      return {};
    case Verb::apply:
      return p.pblas(gemm_cost(grid, false, false, p.units(o.m), p.columns(o), p.units(o.k)));
    case Verb::apply_transposed:
      return p.pblas(gemm_cost(grid, true, false, p.units(o.m), p.columns(o), p.units(o.k)));
    case Verb::outer:
    case Verb::add_outer:
      return p.pblas(gemm_cost(grid, false, true, p.units(o.m), p.units(o.k), p.columns(o)));
    case Verb::gram:
    case Verb::add_gram:
      return p.pblas(syrk_cost(grid, p.units(o.k), p.columns(o)));
    case Verb::sample_inner:
      // H^T H is a product of the transposed grid.
      return p.pblas(syrk_cost({grid.cols, grid.rows}, p.dealt(o.k, o.dealt), p.units(o.n))) +
             p.move(static_cast<double>(o.k) * static_cast<double>(o.k));
    case Verb::factor:
      return p.copy(2.0 * p.largest_part(p.units(o.k), p.units(o.k))) +
             p.scalapack_solver(potrf_cost(grid, p.units(o.k))) + p.allreduce(1.0);
    case Verb::low_rank:
      return cost({Verb::multiply, o.m, o.k, o.n}, p) + cost({Verb::multiply, o.m, o.n, o.k}, p);
    case Verb::factor_rows:
      return cost({Verb::gram, 0, o.k, o.n, kBlockOfUnits}, p) + cost({Verb::factor, 0, o.k}, p);
    case Verb::solve_right:
      return pblas_solve_right_cost(o, p);
    case Verb::solve_left:
      return pblas_solve_left_cost(p.columns(o), o.k, p);
    case Verb::move_columns: {
      const double owners = std::min<double>(
          grid.rows, std::ceil(static_cast<double>(o.m) / static_cast<double>(p.unit_block())));
      const auto m = static_cast<double>(o.m);
      return p.packing(2.0 * m * static_cast<double>(slab_width(o.dealt, p.ranks()))) +
             p.redistribute(owners, m * static_cast<double>(o.n));
    }
    default:
      return common_cost(o, p);
  }
}

double BlockCyclic::workspace(const Operation& o, const Pricing& p) const {
  switch (o.verb) {
    case Verb::apply:
    case Verb::apply_transposed:
    case Verb::outer:
    case Verb::gram:
    case Verb::add_outer:
    case Verb::add_gram:
    case Verb::sample_inner:
    case Verb::factor:
    case Verb::solve_left:
      return pblas_entries(o, p);
    case Verb::solve_right:
      return pblas_solve_right_entries(o, p);
    case Verb::low_rank:
      return std::max(workspace({Verb::multiply, o.m, o.k, o.n}, p),
                      workspace({Verb::multiply, o.m, o.n, o.k}, p));
    case Verb::factor_rows:
      return std::max(workspace({Verb::gram, 0, o.k, o.n, kBlockOfUnits}, p),
                      workspace({Verb::factor, 0, o.k}, p));
    case Verb::move_columns:  // what is sent, and what is received
      return 2.0 * static_cast<double>(o.m) * static_cast<double>(slab_width(o.dealt, p.ranks()));
    default:
      return common_workspace(o, p);
  }
}

double BlockCyclic::entries(const Array& a, const Pricing& p) const {
  switch (a.kind) {
    case Array::Kind::units:
      return p.largest_part(p.units(a.rows), p.units(a.cols));
    case Array::Kind::samples:
      return p.largest_part(p.units(a.rows), p.dealt(a.cols, a.dealt));
    case Array::Kind::columns:
    case Array::Kind::columns_beside:
      return static_cast<double>(a.rows) *
             static_cast<double>(std::min(a.cols, slab_width(a.dealt, p.ranks())));
    case Array::Kind::samples_in_float:
      return 0.5 * entries({Array::Kind::samples, a.rows, a.cols, a.dealt}, p);
    case Array::Kind::sparse:
      return static_cast<double>(slab_width(a.cols, p.grid().cols));
    case Array::Kind::gathered:
    case Array::Kind::summed:
    case Array::Kind::whole_factor:
      return 0.0;
    case Array::Kind::everywhere:
      return static_cast<double>(a.rows) * static_cast<double>(a.cols);
  }
  return 0.0;
}

std::string BlockCyclic::describe(GridShape grid) const {
  return grid.cols == 1 ? "units shared out, every rank sees all samples"
                        : "units and samples shared out";
}

}  // namespace admmnet
