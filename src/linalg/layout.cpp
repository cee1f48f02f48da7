#include "linalg/layout.h"

#include "linalg/block_cyclic/block_cyclic.h"
#include "linalg/block_cyclic/pblas.h"
#include "linalg/data_parallel/data_parallel.h"
#include "linalg/layer_operand.h"
#include "linalg/products.h"
#include "linalg/pseudo_inverse.h"
#include "linalg/sparse_products.h"
#include "linalg/symmetric_eigen.h"
#include "runtime/error.h"

namespace admmnet {

const Layout& layout_of(GridShape grid) {
  static const DataParallel data_parallel;
  static const BlockCyclic block_cyclic;
  if (grid.rows == 1) return data_parallel;
  return block_cyclic;
}

void Layout::apply(Index m, const LayerOperand& W, const SparseSamples& H,
                   BlockCyclicMatrix& Z) const {
  sparse_apply(m, W, H, Z);
}

void Layout::outer(Triangle triangle, double alpha, const BlockCyclicMatrix* D,
                   const SparseSamples& H, double beta, BlockCyclicMatrix& R) const {
  sparse_outer(triangle, alpha, D, H, beta, R);
}

void Layout::add_to_sum(const PanelSum& sum, double alpha, const BlockCyclicMatrix* D,
                        const SparseSamples& H, bool first) const {
  sparse_outer(sum.triangle, alpha, D, H, first ? sum.keep : 1.0, *sum.R);
}

void Layout::inner(double alpha, const SampleOperand& H, BlockCyclicMatrix& room,
                   BlockCyclicMatrix& K) const {
  const Index w = H.cols(), slab = H.col_block();
  if (room.rows() != w || room.col_block() != slab)
    room = BlockCyclicMatrix(H.grid(), w, w, slab, slab);
  if (H.sparse() != nullptr)
    sparse_inner(alpha, *H.sparse(), room);
  else
    multiply_inner(alpha, H, room);
  redistribute(room, K);
}

int Layout::factor_rows(const LayerOperand&, const BlockCyclicMatrix& X, double shift,
                        CholeskyFactor& factor) const {
  outer(Triangle::lower, 1.0, X, X, 0.0, factor.L);
  for_each_diagonal(factor.L, [shift](Index, double& entry) { entry += shift; });
  return this->factor(factor);
}

static bool is_sparse(Verb verb) {
  switch (verb) {
    case Verb::sparse_apply:
    case Verb::sparse_outer:
    case Verb::sparse_gram:
    case Verb::add_sparse_outer:
    case Verb::add_sparse_gram:
    case Verb::sparse_inner:
      return true;
    default:
      return false;
  }
}

double Layout::common_workspace(const Operation& o, const Pricing& p) {
  if (is_sparse(o.verb)) return sparse_workspace(o, true, p);
  switch (o.verb) {
    case Verb::symmetric:
    case Verb::multiply:
    case Verb::triangular:
    case Verb::inner:
      return pblas_entries(o, p);
    case Verb::singular: {  // a copy, U, V and what LAPACK asks for
      const auto k = static_cast<double>(o.k);
      return 7.0 * k * k / (o.k > kWholeDecomposition ? p.ranks() : 1);
    }
    case Verb::eigen:  // a copy, U and what ScaLAPACK asks for
      return 5.0 * static_cast<double>(o.k) * static_cast<double>(o.k) /
             (o.k > kWholeEigen ? p.ranks() : 1);
    default:
      return 0.0;
  }
}

Work Layout::common_cost(const Operation& o, const Pricing& p) {
  if (is_sparse(o.verb)) return sparse_cost(o, true, p);
  const auto m = static_cast<double>(o.m), k = static_cast<double>(o.k),
             n = static_cast<double>(o.n);
  switch (o.verb) {
    case Verb::symmetric:
      return p.pblas(symm_cost(p.grid(), p.units(o.m), p.units(o.k)));
    case Verb::multiply:
      return p.pblas(gemm_cost(p.grid(), false, true, p.units(o.m), p.units(o.k), p.units(o.n)));
    case Verb::triangle:  // panels of Householder vectors go along rows, their products both ways
      return p.solve(flops(o), flops(o) / p.ranks(), static_cast<double>(p.unit_block())) +
             p.traffic(2.0 * m / static_cast<double>(p.unit_block()) * rounds(p.ranks()),
                       (p.ranks() > 1 ? 1.0 : 0.0) * m * (p.grid().rows * n + p.grid().cols * m));
    case Verb::triangular:
      return p.scalapack_solver(
          trsm_cost(p.grid(), Side::right, false, p.units(o.m), p.units(o.k)));
    case Verb::inner:
      return p.pblas(syrk_cost(p.grid(), p.units(o.k), p.units(o.n)));
    case Verb::singular:
      return p.solve(flops(o), flops(o) / (o.k > kWholeDecomposition ? p.ranks() : 1), k) +
             p.traffic(2.0 * rounds(p.ranks()), 2.0 * (p.ranks() - 1) * k * k);
    case Verb::eigen:
      if (o.k <= kWholeEigen)  // a sum to all ranks, and the result from the first one
        return p.solve(flops(o), flops(o), k) + p.allreduce(k * k) +
               p.traffic(p.ranks() > 1 ? 1.0 : 0.0, (p.ranks() - 1) * k * k);
      return p.solve(flops(o), flops(o) / p.ranks(), k) +
             p.traffic(2.0 * rounds(p.ranks()), 4.0 * (p.ranks() - 1) * k * k / p.ranks());
    case Verb::move:
      return p.move(m * n);
    case Verb::pass_on:
      return p.traffic(1.0, 0.125 * o.weight * m * n) + p.packing(m * n / p.ranks());
    case Verb::sum:
      return p.allreduce(static_cast<double>(o.n));
    case Verb::make:
      return p.allreduce(0.5 * p.ranks());
    case Verb::entries:
      return p.copy(o.weight * p.largest_part(p.units(o.m), p.columns(o)));
    case Verb::outputs:
      return {0.0, 0.0, 0.0, o.weight * m * static_cast<double>(slab_width(o.n, p.ranks()))};
    default:
      throw InternalError("Layout: an operation without a cost");
  }
}

}  // namespace admmnet
