#include "linalg/data_parallel/cholesky.h"

#include <algorithm>

#include "linalg/block_cyclic/pblas.h"
#include "linalg/data_parallel/column_cholesky.h"
#include "linalg/data_parallel/data_parallel.h"
#include "linalg/data_parallel/replicated_factor.h"
#include "linalg/gram_solver.h"
#include "linalg/layer_operand.h"
#include "linalg/local_blas.h"
#include "linalg/products.h"

namespace admmnet {
namespace {

double as_double(Index n) {
  return static_cast<double>(n);
}

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
  const bool here = place == Place::first && !factor.is_shared && factor.L.local_cols() > 0;
  if (place == Place::own || here)
    return {factor.L.data(), factor.L.leading_dimension(), factor.order(), factor.inverses.data()};
  return {factor.whole.data(), factor.order(), factor.order(), factor.inverses.data()};
}

/// Whether a factor that is dealt out is streamed to so many right-hand sides: when its traffic
/// (n^2 words) is paid for by work (2 n^2 flops a side, on P ranks).
bool streams(Index order, Index sides) {
  constexpr Index kStreamedShare = 8;
  return sides >= order / kStreamedShare;
}

/// The grid with the blocks of the right-hand sides of a solve, or of Verb::share, if these are
/// samples.
Pricing with_sides(const Operation& o, Index slab, const Pricing& p) {
  return o.dealt == 0 ? p : Pricing(p.grid(), slab, p.machine());
}

/// Whether every rank makes the factor of W W^T for itself, W: m x n.
bool is_made_everywhere(Index m, Index n, const Pricing& p) {
  return place_of(m, p) == Place::first && crosses_once(m, n, p.ranks());
}

/// Whether a solve with a factor that rank 0 made takes place elsewhere, too: rows that are dealt
/// out, or columns, in blocks of so many, of which it has not all.
bool leaves_first(const Operation& share, Index block, const Pricing& p) {
  if (share.m == 0) return share.n > block;
  return rows_of_taker(share.m, share.k, true, with_sides(share, block, p)) < share.m;
}

}  // namespace

/// All ranks hear how it went.
static int factor_on_first(CholeskyFactor& factor) {
  BlockCyclicMatrix& L = factor.L;
  int info = 0;
  if (L.local_cols() > 0) info = factor_whole(L.rows(), L.data(), L.leading_dimension());
  ADMMNET_MPI(MPI_Bcast(&info, 1, MPI_INT, 0, L.grid().comm()));
  return info;
}

/// A factor that a rank has all of, and how its factorisation went.
static int with_inverses(int info, CholeskyFactor& factor) {
  if (info == 0 && factor.condition == Condition::moderate)
    invert_diagonal(whole(factor), factor.inverses.of_size(inverse_entries(factor.order())));
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
      return with_inverses(factor_whole(L.rows(), L.data(), L.leading_dimension()), factor);
    case Place::first:
      return factor_on_first(factor);
    case Place::everywhere:
      return with_inverses(factor_columns(L, factor.whole.of_size(L.rows() * L.rows())), factor);
    case Place::dealt:
      break;
  }
  return factor_columns(L, nullptr);
}

int DataParallel::factor_rows(const LayerOperand& W, const BlockCyclicMatrix& X, double shift,
                              CholeskyFactor& factor) const {
  if (place_of(factor) != Place::first || W.gathered() == nullptr)
    return Layout::factor_rows(W, X, shift, factor);
  const Index m = X.rows();
  double* K = factor.whole.of_size(m * m);
  const FullPrecision in_double;
  local_syrk("N", m, X.cols(), 1.0, {W.gathered(), m}, 0.0, K, m);
  for (Index i = 0; i < m; ++i) K[i * (m + 1)] += shift;
  factor.is_shared = true;
  return factor_whole(m, K, m);
}

void DataParallel::solve_right(CholeskyFactor& factor, BlockCyclicMatrix& B) const {
  if (place_of(factor) != Place::dealt)
    solve_right_whole(whole(factor), place_of(factor) == Place::first,
                      solves_in_single(factor, B.rows()), B);
  else if (streams(factor.order(), B.rows()))
    solve_right_streamed(factor.L, B);
  else
    pblas_solve_right(factor, B);
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

// ---- what it costs ----

bool is_shared_for(const Operation& share, const Pricing& p) {
  return place_of(share.k, p) == Place::first &&
         !is_made_everywhere(share.k, static_cast<Index>(share.weight), p) &&
         leaves_first(share, p.columns(share).block, p);
}

Work factor_rows_cost(const Operation& o, const Pricing& p) {
  if (is_made_everywhere(o.k, o.n, p)) return p.solve(flops(o), flops(o), as_double(o.k));
  return DataParallel().cost({Verb::gram, 0, o.k, o.n, kBlockOfUnits}, p) + factor_cost(o.k, p);
}

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

/// `sides`: with the blocks of the right-hand sides.
static Index rows_each(const Operation& o, const Pricing& sides, Place place) {
  if (place == Place::dealt) return slab_width(o.m, sides.ranks());
  return rows_of_taker(o.m, o.k, place == Place::first, sides);
}

Work solve_right_cost(const Operation& o, const Pricing& p) {
  const Index m = o.m, n = o.k;
  const Place place = place_of(n, p);
  const bool dealt = place == Place::dealt;
  if (dealt && !streams(n, m)) return pblas_solve_right_cost(o, p);
  const Pricing sides = with_sides(o, p.columns(o).block, p);
  const Index own = rows_each(o, sides, place);
  const double flops = 2.0 * as_double(n) * as_double(n);
  return p.solve(flops * as_double(m), flops * as_double(own), as_double(std::min(own, n))) +
         (dealt ? streamed_cost(n, p) : Work{}) + dealt_rows_cost(m, n, own, sides);
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

double factor_workspace(Index n, const Pricing& p) {
  return p.ranks() == 1 || place_of(n, p) == Place::first ? 0.0 : column_entries(n, p);
}

double solve_right_workspace(const Operation& o, const Pricing& p) {
  const Place place = place_of(o.k, p);
  const bool dealt = place == Place::dealt;
  if (dealt && !streams(o.k, o.m)) return pblas_solve_right_entries(o, p);
  const Pricing sides = with_sides(o, p.columns(o).block, p);
  const Index own = rows_each(o, sides, place);
  return solve_right_entries(o.k, !dealt && solves_in_single(o), own) +
         (p.ranks() == 1 ? 0.0 : dealt_row_entries(o.m, o.k, own, sides)) +
         (dealt ? streamed_entries(o.k, p) : 0.0);
}

double solve_left_workspace(const Operation& o, const Pricing& p) {
  if (place_of(o.k, p) != Place::dealt) return 0.0;
  return streams(o.k, o.n) ? streamed_entries(o.k, p) : pblas_entries(o, p);
}

double whole_factor_entries(Index n, const Pricing& p) {
  const Place place = place_of(n, p);
  const bool inverts = place == Place::own || place == Place::everywhere;
  const bool copied = place == Place::first || place == Place::everywhere;
  return (inverts ? as_double(inverse_entries(n)) : 0.0) +
         (copied ? as_double(n) * as_double(n) : 0.0);
}

}  // namespace admmnet
