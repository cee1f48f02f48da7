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
                         const BlockCyclicMatrix& H, double beta, BlockCyclicMatrix& Z) const {
  local_apply(op, m, k, alpha, W, H, beta, Z);
}

void DataParallel::outer(Triangle triangle, double alpha, const BlockCyclicMatrix& D,
                         const BlockCyclicMatrix& H, double beta, BlockCyclicMatrix& R) const {
  local_outer(triangle, alpha, D, H, beta, R);
}

void DataParallel::add_to_sum(Triangle triangle, double alpha, const BlockCyclicMatrix& D,
                              const BlockCyclicMatrix& H, bool first, Scratch<double>& own,
                              BlockCyclicMatrix& R) const {
  const double keep = first ? 0.0 : 1.0;
  if (crosses_once(R))
    add_own_samples(triangle, alpha, D, H, 0, R.cols(), keep, own.of_size(R.rows() * R.cols()));
  else
    local_outer(triangle, alpha, D, H, keep, R);
}

void DataParallel::finish_sum(Triangle triangle, Scratch<double>& own, BlockCyclicMatrix& R) const {
  if (crosses_once(R)) reduce_columns(triangle, own.data(), 0, R.cols(), 0.0, R);
}

// ---- Cholesky ----

namespace {

/// Where the factor lies.
enum class Place { own, everywhere, dealt };

Place place_of(Index order, Index largest_whole, int ranks) {
  if (ranks == 1) return Place::own;
  return order <= largest_whole ? Place::everywhere : Place::dealt;
}

Place place_of(const CholeskyFactor& factor) {
  return place_of(factor.order(), factor.largest_whole, factor.L.grid().size());
}

WholeFactor whole(const CholeskyFactor& factor) {
  if (place_of(factor) == Place::own)
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

int DataParallel::factor(CholeskyFactor& factor) const {
  BlockCyclicMatrix& L = factor.L;
  switch (place_of(factor)) {
    case Place::own:
      return factor_whole(L.rows(), L.data(), L.leading_dimension());
    case Place::everywhere:
      return factor_columns(L, factor.whole.of_size(L.rows() * L.rows()));
    case Place::dealt:
      break;
  }
  return factor_columns(L, nullptr);
}

void DataParallel::solve_right(const CholeskyFactor& factor, BlockCyclicMatrix& B) const {
  if (place_of(factor) != Place::dealt)
    solve_right_whole(whole(factor), B);
  else if (streams(factor.order(), B.rows()))
    solve_right_streamed(factor.L, B);
  else
    pblas_solve_right(factor.L, B);
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

// One rank copies nothing but the matrix itself; its trace is the caller's sum.
Work factor_cost(Index n, const Pricing& p) {
  const Work copied = p.copy(2.0 * p.largest_part(p.units(n), p.units(n)));
  const double flops = as_double(n) * as_double(n) * as_double(n) / 3.0;
  return copied + (p.ranks() == 1 ? p.solve(flops, flops, as_double(n)) : columns_cost(n, p));
}

Work solve_right_cost(Index m, Index n, const Pricing& p) {
  const bool dealt = place_of(n, kReplicatedOrder, p.ranks()) == Place::dealt;
  if (dealt && !streams(n, m)) return pblas_solve_right_cost(m, n, p);
  const Index own = slab_width(m, p.ranks());
  const double flops = 2.0 * as_double(n) * as_double(n);
  return p.solve(flops * as_double(m), flops * as_double(own), as_double(std::min(own, n))) +
         (dealt ? streamed_cost(n, p) : Work{}) + dealt_rows_cost(m, n, p);
}

Work solve_left_cost(const Operation& o, const Pricing& p) {
  const Index n = o.k;
  const Extent columns = p.columns(o);
  const bool dealt = place_of(n, kReplicatedOrder, p.ranks()) == Place::dealt;
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
      return product(o, o.m, o.k, full, p) + reduce_cost(o.m, o.k, full, p);
    case Verb::gram:
      return product(o, o.k, o.k, half(o.k), p) + reduce_cost(o.k, o.k, half(o.k), p);
    case Verb::add_outer:
      return product(o, o.m, o.k, full, p) +
             (crosses_once(o.m, o.k, p.ranks()) ? Work{} : reduce_cost(o.m, o.k, full, p));
    case Verb::add_gram:
      return product(o, o.k, o.k, half(o.k), p) +
             (crosses_once(o.k, o.k, p.ranks()) ? Work{} : reduce_cost(o.k, o.k, half(o.k), p));
    case Verb::finish_outer:
      return crosses_once(o.m, o.k, p.ranks()) ? reduce_cost(o.m, o.k, full, p) : Work{};
    case Verb::finish_gram:
      return crosses_once(o.k, o.k, p.ranks()) ? reduce_cost(o.k, o.k, half(o.k), p) : Work{};
    case Verb::factor:
      return factor_cost(o.k, p);
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
  const bool dealt = place_of(o.k, kReplicatedOrder, p.ranks()) == Place::dealt;
  const double in_float = single_entries(o.m, o.k, slab_width(o.n, p.ranks()));
  // The columns that a product works on at a time; `once`: crossing once for many panels is enough.
  const auto range = [&](Index rows, Index cols, bool once) {
    const bool none = alone || (once && crosses_once(rows, cols, p.ranks()));
    return none ? 0.0 : range_entries(rows, cols, p);
  };
  const auto sum = [&](Triangle triangle, bool once) {
    return range(o.m, o.k, once) + (alone ? 0.0 : crossing_entries(triangle, o.m, o.k, p));
  };
  switch (o.verb) {
    case Verb::apply:
      return in_float + range(o.m, o.k, true);
    case Verb::apply_transposed:
      return in_float + range(o.k, o.m, true);
    case Verb::outer:
      return in_float + sum(Triangle::full, false);
    case Verb::add_outer:
    case Verb::finish_outer:
      return in_float + sum(Triangle::full, true);
    case Verb::gram:
      return in_float + sum(Triangle::lower, false);
    case Verb::add_gram:
    case Verb::finish_gram:
      return in_float + sum(Triangle::lower, true);
    case Verb::factor:
      return alone ? 0.0 : column_entries(o.k, p);
    case Verb::solve_right:
      if (dealt && !streams(o.k, o.m)) return pblas_entries(o, p);
      return alone ? 0.0
                   : dealt_row_entries(o.m, o.k, p) + (dealt ? streamed_entries(o.k, p) : 0.0);
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
    case Array::Kind::columns_beside:
      return 0.0;
    case Array::Kind::gathered:
    case Array::Kind::summed:
      return crosses_once(a.rows, a.cols, p.ranks()) ? all : 0.0;
    case Array::Kind::whole_factor:
      return place_of(a.rows, kReplicatedOrder, p.ranks()) == Place::everywhere ? all : 0.0;
  }
  return 0.0;
}

std::string DataParallel::describe(GridShape grid) const {
  return grid.ranks() == 1 ? "one rank" : "pure data parallelism";
}

}  // namespace admmnet
