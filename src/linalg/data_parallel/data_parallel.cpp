#include "linalg/data_parallel/data_parallel.h"

#include <algorithm>

#include "linalg/block_cyclic/pblas.h"
#include "linalg/data_parallel/column_cholesky.h"
#include "linalg/data_parallel/local_samples.h"
#include "linalg/data_parallel/replicated_factor.h"
#include "linalg/elementwise.h"
#include "linalg/gram_solver.h"
#include "linalg/layer_operand.h"
#include "linalg/local_blas.h"
#include "linalg/sparse_products.h"

namespace admmnet {
namespace {

double as_double(Index n) {
  return static_cast<double>(n);
}

/// Whether a layer matrix crosses the network once for many panels.
bool crosses_once(Index rows, Index cols, int ranks) {
  return ranks > 1 && rows * cols > 0 && rows * cols <= kLargestGathered;
}

bool crosses_once(const BlockCyclicMatrix& W) {
  return crosses_once(W.rows(), W.cols(), W.grid().size());
}

/// A local product of `elements` of a layer matrix with every sample.
Work product(const Operation& o, Index rows, Index cols, double elements, const Pricing& p) {
  const Extent samples = p.columns(o);
  const Index own = local_count(samples.size, samples.block, 0, p.ranks());
  return p.compute(2.0 * elements * as_double(samples.size), 2.0 * elements * as_double(own),
                   as_double(std::min({rows, cols, own})));
}

/// Whether rank 0 has all samples of a product (Verb::outer, Verb::gram), and all of the result.
bool lies_on_first(const Operation& o, const Pricing& p) {
  return o.k <= p.unit_block() && p.columns(o).size <= p.columns(o).block;
}

/// Entries of a triangle.
double half(Index n) {
  return 0.5 * as_double(n) * as_double(n + 1);
}

}  // namespace

// ---- products with samples ----

bool DataParallel::spread(const BlockCyclicMatrix& W, Scratch<double>& whole) const {
  if (!crosses_once(W)) return false;
  gather_columns(W, 0, 0, W.cols(), whole.of_size(W.rows() * W.cols()));
  return true;
}

void DataParallel::apply(Transpose op, Index m, Index k, double alpha, const LayerOperand& W,
                         const SampleOperand& H, double beta, BlockCyclicMatrix& Z) const {
  local_apply(op, m, k, alpha, W, H, beta, Z);
}

void DataParallel::outer(Triangle triangle, double alpha, const SampleOperand& D,
                         const SampleOperand& H, double beta, BlockCyclicMatrix& R) const {
  local_outer(triangle, alpha, D, H, beta, R);
}

void DataParallel::add_to_sum(const PanelSum& sum, double alpha, const SampleOperand& D,
                              const SampleOperand& H, bool first) const {
  BlockCyclicMatrix& R = *sum.R;
  if (crosses_once(R))
    add_own_samples(sum.triangle, alpha, D, H, 0, R.cols(), first ? 0.0 : 1.0,
                    sum.own->of_size(R.rows() * R.cols()));
  else
    local_outer(sum.triangle, alpha, D, H, first ? sum.keep : 1.0, R);
}

void DataParallel::add_to_sum(const PanelSum& sum, double alpha, const BlockCyclicMatrix* D,
                              const SparseSamples& H, bool first) const {
  BlockCyclicMatrix& R = *sum.R;
  if (crosses_once(R))
    add_own_sparse(sum.triangle, alpha, D, H, first ? 0.0 : 1.0, R,
                   sum.own->of_size(R.rows() * R.cols()));
  else
    Layout::add_to_sum(sum, alpha, D, H, first);
}

void DataParallel::finish_sums(const std::vector<PanelSum>& sums) const {
  std::vector<PanelSum> crossing;
  for (const PanelSum& sum : sums)
    if (crosses_once(*sum.R)) crossing.push_back(sum);
  if (!crossing.empty()) reduce_together(crossing);
}

// ---- Cholesky ----

namespace {

/// Where the factor lies. `first`: rank 0, which has all columns of the matrix, made it, and the
/// others get it when they need it.
enum class Place { own, first, everywhere, dealt };

Place place_of(Index order, Index largest_whole, Index block, int ranks) {
  if (ranks == 1) return Place::own;
  if (order > largest_whole) return Place::dealt;
  return order <= block ? Place::first : Place::everywhere;
}

Place place_of(Index order, const Pricing& p) {
  return place_of(order, kReplicatedOrder, p.unit_block(), p.ranks());
}

Place place_of(const CholeskyFactor& factor) {
  const BlockCyclicMatrix& L = factor.L;
  return place_of(factor.order(), factor.largest_whole, L.col_block(), L.grid().size());
}

WholeFactor whole(const CholeskyFactor& factor) {
  const Place place = place_of(factor);
  const bool here = place == Place::first && factor.L.local_cols() > 0;
  if (place == Place::own || here)
    return {factor.L.data(), factor.L.leading_dimension(), factor.order()};
  return {factor.whole.data(), factor.order(), factor.order()};
}

/// Whether a factor that is dealt out is streamed to so many right-hand sides: when its traffic
/// (n^2 words) is paid for by work (2 n^2 flops a side, on P ranks).
bool streams(Index order, Index sides) {
  constexpr Index kStreamedShare = 8;
  return sides >= order / kStreamedShare;
}

}  // namespace

/// Whether a solve with a factor that rank 0 made (Verb::share) takes place elsewhere, too: rows
/// that are dealt out, or columns, in blocks of so many, of which it has not all.
static bool leaves_first(const Operation& o, Index block, const Pricing& p) {
  return o.m > 0 ? rows_of_taker(o.m, o.k, true, p) < o.m : o.n > block;
}

/// All ranks hear how it went.
static int factor_on_first(CholeskyFactor& factor) {
  BlockCyclicMatrix& L = factor.L;
  factor.is_shared = false;
  int info = 0;
  if (L.local_cols() > 0) info = factor_whole(L.rows(), L.data(), L.leading_dimension());
  ADMMNET_MPI(MPI_Bcast(&info, 1, MPI_INT, 0, L.grid().comm()));
  return info;
}

void DataParallel::share(CholeskyFactor& factor, const Operation& operation) const {
  const BlockCyclicMatrix& L = factor.L;
  const Index n = factor.order();
  const Pricing pricing({1, L.grid().size()}, L.col_block());
  if (factor.is_shared || place_of(factor) != Place::first ||
      !leaves_first(operation, operation.dealt, pricing))
    return;
  double* whole = factor.whole.of_size(n * n);
  for (Index j = 0; j < L.local_cols(); ++j) std::copy_n(L.column(j), n, whole + j * n);
  // The count fits: it is the owner's local array.
  ADMMNET_MPI(MPI_Bcast(whole, static_cast<int>(n * n), MPI_DOUBLE, 0, L.grid().comm()));
  factor.is_shared = true;
}

int DataParallel::factor(CholeskyFactor& factor) const {
  BlockCyclicMatrix& L = factor.L;
  switch (place_of(factor)) {
    case Place::own:
      return factor_whole(L.rows(), L.data(), L.leading_dimension());
    case Place::first:
      return factor_on_first(factor);
    case Place::everywhere:
      return factor_columns(L, factor.whole.of_size(L.rows() * L.rows()));
    case Place::dealt:
      break;
  }
  return factor_columns(L, nullptr);
}

void DataParallel::solve_right(const CholeskyFactor& factor, BlockCyclicMatrix& B) const {
  if (place_of(factor) != Place::dealt)
    solve_right_whole(whole(factor), place_of(factor) == Place::first,
                      solves_in_single(factor, B.rows()), B);
  else if (streams(factor.order(), B.rows()))
    solve_right_streamed(factor.L, B);
  else
    pblas_solve_right(factor.L, solves_in_single(factor, B.rows()), B);
}

void DataParallel::solve_left(const CholeskyFactor& factor, Index cols,
                              BlockCyclicMatrix& B) const {
  if (place_of(factor) != Place::dealt)
    solve_left_whole(whole(factor), cols, B);
  else if (streams(factor.order(), cols))
    solve_left_streamed(factor.L, cols, B);
  else
    pblas_solve_left(factor.L, cols, B);
}

namespace {

// One rank copies nothing but the matrix itself; on rank 0 alone all hear how it went.
Work factor_cost(Index n, const Pricing& p) {
  const Work copied = p.copy(p.largest_part(p.units(n), p.units(n)));  // the lower triangle
  const double flops = as_double(n) * as_double(n) * as_double(n) / 3.0;
  const Work whole = p.solve(flops, flops, as_double(n));
  switch (place_of(n, p)) {
    case Place::own:
      return copied + whole;
    case Place::first:
      return copied + whole + p.traffic(rounds(p.ranks()), 0.5 * (p.ranks() - 1));
    default:
      return copied + columns_cost(n, p);
  }
}

Index rows_each(Index m, Index n, const Pricing& p) {
  const Place place = place_of(n, p);
  if (place == Place::dealt) return slab_width(m, p.ranks());
  return rows_of_taker(m, n, place == Place::first, p);
}

Work solve_right_cost(Index m, Index n, const Pricing& p) {
  const bool dealt = place_of(n, p) == Place::dealt;
  if (dealt && !streams(n, m)) return pblas_solve_right_cost(m, n, p);
  const Index own = rows_each(m, n, p);
  const double flops = 2.0 * as_double(n) * as_double(n);
  return p.solve(flops * as_double(m), flops * as_double(own), as_double(std::min(own, n))) +
         (dealt ? streamed_cost(n, p) : Work{}) + dealt_rows_cost(m, n, own, p);
}

Work solve_left_cost(const Operation& o, const Pricing& p) {
  const Index n = o.k;
  const Extent columns = p.columns(o);
  const bool dealt = place_of(n, p) == Place::dealt;
  if (dealt && !streams(n, o.n)) return pblas_solve_left_cost(columns, n, p);
  const double flops = 2.0 * as_double(n) * as_double(n);
  const Index own = local_count(columns.size, columns.block, 0, p.ranks());
  return p.solve(flops * as_double(o.n), flops * as_double(own), as_double(std::min(own, n))) +
         (dealt ? streamed_cost(n, p) : Work{});
}

}  // namespace

// ---- whole columns: the two grids are one ----

void DataParallel::move_columns(const BlockCyclicMatrix& from, BlockCyclicMatrix& to) const {
  for_each_entry([](double& own, double entry) { own = entry; }, to, from);
}

// ---- what it costs ----

Work DataParallel::cost(const Operation& o, const Pricing& p) const {
  const double full = as_double(o.m) * as_double(o.k);
  switch (o.verb) {
    case Verb::spread:
      return crosses_once(o.m, o.k, p.ranks()) ? gather_cost(o.m, o.k, p) : Work{};
    case Verb::apply:
      return product(o, o.m, o.k, full, p) +
             (crosses_once(o.m, o.k, p.ranks()) ? Work{} : gather_cost(o.m, o.k, p));
    case Verb::apply_transposed:
      return product(o, o.k, o.m, full, p) +
             (crosses_once(o.k, o.m, p.ranks()) ? Work{} : gather_cost(o.k, o.m, p));
    case Verb::outer:
      return product(o, o.m, o.k, full, p) +
             (lies_on_first(o, p) ? Work{} : reduce_cost(o.m, o.k, full, p));
    case Verb::gram:
      return product(o, o.k, o.k, half(o.k), p) +
             (lies_on_first(o, p) ? Work{} : reduce_cost(o.k, o.k, half(o.k), p));
    case Verb::add_outer:
      return product(o, o.m, o.k, full, p) +
             (crosses_once(o.m, o.k, p.ranks()) ? Work{} : reduce_cost(o.m, o.k, full, p));
    case Verb::add_gram:
      return product(o, o.k, o.k, half(o.k), p) +
             (crosses_once(o.k, o.k, p.ranks()) ? Work{} : reduce_cost(o.k, o.k, half(o.k), p));
    case Verb::sparse_apply:
    case Verb::add_sparse_outer:
      return sparse_cost(o, !crosses_once(o.m, o.k, p.ranks()), p);
    case Verb::add_sparse_gram:
      return sparse_cost(o, !crosses_once(o.k, o.k, p.ranks()), p);
    case Verb::finish_outer:
      return crosses_once(o.m, o.k, p.ranks()) ? together_cost(o.k, full, o.weight > 0.0, p)
                                               : Work{};
    case Verb::finish_gram:
      return crosses_once(o.k, o.k, p.ranks()) ? together_cost(o.k, half(o.k), o.weight > 0.0, p)
                                               : Work{};
    case Verb::factor:
      return factor_cost(o.k, p);
    case Verb::share:
      return place_of(o.k, p) == Place::first && leaves_first(o, p.columns(o).block, p)
                 ? share_cost(o.k, p)
                 : Work{};
    case Verb::solve_right:
      return solve_right_cost(o.m, o.k, p);
    case Verb::solve_left:
      return solve_left_cost(o, p);
    case Verb::move_columns:
      return p.copy(2.0 * as_double(o.m) * as_double(slab_width(o.dealt, p.ranks())));
    default:
      return common_cost(o, p);
  }
}

double DataParallel::workspace(const Operation& o, const Pricing& p) const {
  const bool alone = p.ranks() == 1;  // nothing is gathered, summed up or dealt out
  const bool dealt = place_of(o.k, p) == Place::dealt;
  // Of the products of a layer matrix, which is an array of its own, and of those of samples.
  const Index own = slab_width(o.n, p.ranks());
  const auto applied = [&](Index m, Index k) {
    return single_entries(m, k, own, alone || crosses_once(o.m, o.k, p.ranks()));
  };
  const auto summed = [&](Index m) { return single_entries(m, own, o.k); };
  // The columns that a product works on at a time; `once`: crossing once for many panels is enough.
  const auto range = [&](Index rows, Index cols, bool once) {
    const bool none = alone || (once && crosses_once(rows, cols, p.ranks()));
    return none ? 0.0 : range_entries(rows, cols, p);
  };
  const auto sum = [&](Triangle triangle, bool once) {
    return range(o.m, o.k, once) + (alone ? 0.0 : crossing_entries(triangle, o.m, o.k, p));
  };
  // Packed by its owners, whole; and what they receive.
  const auto together = [&](double elements) {
    return alone ? 0.0 : elements * (1.0 + (p.ranks() <= kRanksOneByOne ? 1.0 : 1.0 / p.ranks()));
  };
  switch (o.verb) {
    case Verb::apply:
      return applied(o.m, o.k) + range(o.m, o.k, true);
    case Verb::apply_transposed:
      return applied(o.m, o.k) + range(o.k, o.m, true);
    case Verb::sparse_apply:
    case Verb::add_sparse_outer:
      return sparse_workspace(o, !crosses_once(o.m, o.k, p.ranks()), p);
    case Verb::add_sparse_gram:
      return sparse_workspace(o, !crosses_once(o.k, o.k, p.ranks()), p);
    case Verb::outer:
      return summed(o.m) + sum(Triangle::full, false);
    case Verb::add_outer:
      return summed(o.m) + sum(Triangle::full, true);
    case Verb::finish_outer:
      return crosses_once(o.m, o.k, p.ranks()) ? together(as_double(o.m) * as_double(o.k)) : 0.0;
    case Verb::gram:
      return summed(o.k) + sum(Triangle::lower, false);
    case Verb::add_gram:
      return summed(o.k) + sum(Triangle::lower, true);
    case Verb::finish_gram:
      return crosses_once(o.k, o.k, p.ranks()) ? together(half(o.k)) : 0.0;
    case Verb::factor:
      return alone || place_of(o.k, p) == Place::first ? 0.0 : column_entries(o.k, p);
    case Verb::solve_right:
      if (dealt && !streams(o.k, o.m)) return pblas_solve_right_entries(o, p);
      return solve_right_entries(o.k, !dealt && solves_in_single(o), rows_each(o.m, o.k, p)) +
             (alone ? 0.0 : dealt_row_entries(o.m, o.k, rows_each(o.m, o.k, p), p)) +
             (dealt ? streamed_entries(o.k, p) : 0.0);
    case Verb::solve_left:
      if (!dealt) return 0.0;
      return streams(o.k, o.n) ? streamed_entries(o.k, p) : pblas_entries(o, p);
    default:
      return common_workspace(o, p);
  }
}

double DataParallel::entries(const Array& a, const Pricing& p) const {
  const double all = as_double(a.rows) * as_double(a.cols);
  switch (a.kind) {
    case Array::Kind::units:
      return p.largest_part(p.units(a.rows), p.units(a.cols));
    case Array::Kind::samples:
    case Array::Kind::columns:
      return as_double(a.rows) * as_double(std::min(a.cols, slab_width(a.dealt, p.ranks())));
    case Array::Kind::samples_in_float:
      return 0.5 * entries({Array::Kind::samples, a.rows, a.cols, a.dealt}, p);
    case Array::Kind::columns_beside:
      return 0.0;
    case Array::Kind::sparse:
      return as_double(slab_width(a.cols, p.grid().cols));
    case Array::Kind::gathered:  // and rounded
      if (p.ranks() == 1) return single_layer_entries(a.rows, a.cols);
      return crosses_once(a.rows, a.cols, p.ranks()) ? all + single_layer_entries(a.rows, a.cols)
                                                     : 0.0;
    case Array::Kind::summed:
      return crosses_once(a.rows, a.cols, p.ranks()) ? all : 0.0;
    case Array::Kind::whole_factor:
      return p.ranks() > 1 && place_of(a.rows, p) != Place::dealt ? all : 0.0;
    case Array::Kind::everywhere:
      return all;
  }
  return 0.0;
}

std::string DataParallel::describe(GridShape grid) const {
  return grid.ranks() == 1 ? "one rank" : "pure data parallelism";
}

}  // namespace admmnet
