#include "linalg/data_parallel/data_parallel.h"

#include <algorithm>

#include "linalg/data_parallel/cholesky.h"
#include "linalg/data_parallel/inner_products.h"
#include "linalg/data_parallel/local_samples.h"
#include "linalg/data_parallel/replicated_factor.h"
#include "linalg/elementwise.h"
#include "linalg/gram_solver.h"
#include "linalg/layer_operand.h"
#include "linalg/local_blas.h"
#include "linalg/products.h"
#include "linalg/sparse_products.h"

namespace admmnet {
namespace {

double as_double(Index n) {
  return static_cast<double>(n);
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

bool crosses_once(Index rows, Index cols, int ranks) {
  return ranks > 1 && rows * cols > 0 && rows * cols <= kLargestGathered;
}

static bool crosses_once(const BlockCyclicMatrix& W) {
  return crosses_once(W.rows(), W.cols(), W.grid().size());
}

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

// One rank has all samples, and every block of K.
void DataParallel::inner(double alpha, const SampleOperand& H, BlockCyclicMatrix& room,
                         BlockCyclicMatrix& K) const {
  const bool alone = K.grid().size() == 1;
  if (H.sparse() != nullptr && !alone)
    Layout::inner(alpha, H, room, K);
  else if (H.sparse() != nullptr)
    sparse_inner(alpha, *H.sparse(), K);
  else if (alone)
    local_syrk("T", H.cols(), H.rows(), alpha, local_part(H), 0.0, K.data(), K.leading_dimension());
  else
    inner_by_features(alpha, H, K);
}

// R U is small, and summed up on every rank.
void DataParallel::subtract_low_rank(double a, const std::vector<double>& d,
                                     const BlockCyclicMatrix& Ut, BlockCyclicMatrix&,
                                     BlockCyclicMatrix& R) const {
  static Scratch<double> memory;
  const Index m = R.rows(), k = Ut.rows(), own = R.local_cols();
  const FullPrecision in_double;
  double* S = memory.of_size(m * k);
  local_gemm("N", "T", m, k, own, 1.0, {R.data(), R.leading_dimension()}, local_part(Ut), 0.0, S,
             m);
  if (R.grid().size() > 1)  // the count fits: S has fewer rows and columns than layers have units
    ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, S, static_cast<int>(m * k), MPI_DOUBLE, MPI_SUM,
                              R.grid().comm()));
  for (Index j = 0; j < k; ++j)
    for (Index i = 0; i < m; ++i) S[i + j * m] *= d[static_cast<std::size_t>(j)];
  local_gemm("N", "N", m, own, k, -1.0, {S, m}, local_part(Ut), a, R.data(), R.leading_dimension());
}

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
    case Verb::sample_inner:
      return inner_cost(o, p);
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
    case Verb::low_rank: {
      const auto own = local_count(o.n, p.unit_block(), 0, p.ranks());
      return p.compute(flops(o), 4.0 * full * as_double(own), as_double(std::min(o.m, o.k))) +
             p.allreduce(full);
    }
    case Verb::factor:
      return factor_cost(o.k, p);
    case Verb::factor_rows:
      return factor_rows_cost(o, p);
    case Verb::share:
      return is_shared_for(o, p) ? share_cost(o.k, p) : Work{};
    case Verb::solve_right:
      return solve_right_cost(o, p);
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
      return crosses_once(o.m, o.k, p.ranks())
                 ? together_entries(as_double(o.m) * as_double(o.k), p)
                 : 0.0;
    case Verb::gram:
      return summed(o.k) + sum(Triangle::lower, false);
    case Verb::add_gram:
      return summed(o.k) + sum(Triangle::lower, true);
    case Verb::finish_gram:
      return crosses_once(o.k, o.k, p.ranks()) ? together_entries(half(o.k), p) : 0.0;
    case Verb::sample_inner:
      return inner_workspace(o, p);
    case Verb::low_rank:
      return as_double(o.m) * as_double(o.k);
    case Verb::factor:
      return factor_workspace(o.k, p);
    case Verb::factor_rows:
      return std::max(factor_workspace(o.k, p), workspace({Verb::gram, 0, o.k, o.n}, p));
    case Verb::solve_right:
      return solve_right_workspace(o, p);
    case Verb::solve_left:
      return solve_left_workspace(o, p);
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
      return whole_factor_entries(a.rows, p);
    case Array::Kind::everywhere:
      return all;
  }
  return 0.0;
}

std::string DataParallel::describe(GridShape grid) const {
  return grid.ranks() == 1 ? "one rank" : "pure data parallelism";
}

}  // namespace admmnet
