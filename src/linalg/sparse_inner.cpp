/// The inner products of sparse samples, and what products with sparse samples cost.
#include <algorithm>

#include <petscsys.h>

#include "linalg/data_parallel/local_samples.h"
#include "linalg/sparse_products.h"

namespace admmnet {
namespace {

template <class T>
void broadcast(std::vector<T>& values, MPI_Datatype type, int from, MPI_Comm comm) {
  auto size = static_cast<int>(values.size());
  ADMMNET_MPI(MPI_Bcast(&size, 1, MPI_INT, from, comm));
  values.resize(static_cast<std::size_t>(size));
  ADMMNET_MPI(MPI_Bcast(values.data(), size, type, from, comm));
}

/// Slab q on every process of the row.
CompressedRows slab(const SparseSamples& H, int q) {
  const ProcessGrid& grid = H.grid();
  CompressedRows rows;
  if (grid.my_col() == q) rows = H.by_feature();
  broadcast(rows.rows, MPI_INT32_T, q, grid.row_comm());
  broadcast(rows.begins, MPI_INT64_T, q, grid.row_comm());
  broadcast(rows.cols, MPI_INT32_T, q, grid.row_comm());
  broadcast(rows.values, MPI_DOUBLE, q, grid.row_comm());
  return rows;
}

/// f(place in A, place in B) for each row that both have.
template <class F>
void for_each_common(const CompressedRows& A, const CompressedRows& B, F&& f) {
  for (std::size_t a = 0, b = 0; a < A.rows.size() && b < B.rows.size();) {
    if (A.rows[a] == B.rows[b])
      f(a++, b++);
    else if (A.rows[a] < B.rows[b])
      ++a;
    else
      ++b;
  }
}

/// K(top + i, j) += alpha sum_f other_fi own_fj; `diagonal`: i >= j only, and other = own. Returns
/// the flops.
double add_block(double alpha, const CompressedRows& other, const CompressedRows& own, Index top,
                 bool diagonal, BlockCyclicMatrix& K) {
  Index products = 0;
  for_each_common(other, own, [&](std::size_t a, std::size_t b) {
    for (Index e = own.begins[b]; e < own.begins[b + 1]; ++e) {
      const auto at = static_cast<std::size_t>(e);
      double* column = K.column(own.cols[at]) + top;
      const double factor = alpha * own.values[at];
      const Index first = diagonal ? e : other.begins[a];
      products += other.begins[a + 1] - first;
      for (Index o = first; o < other.begins[a + 1]; ++o)
        column[other.cols[static_cast<std::size_t>(o)]] +=
            factor * other.values[static_cast<std::size_t>(o)];
    }
  });
  return 2.0 * static_cast<double>(products);
}

}  // namespace

void sparse_inner(double alpha, const SparseSamples& H, BlockCyclicMatrix& K) {
  const ProcessGrid& grid = H.grid();
  const Index width = H.col_block();
  K.fill_constant(0.0);
  double square = 0.0;  // |c|^2
  for (const double c : H.shift()) square += c * c;
  std::vector<double> own_shift;
  if (H.shifted()) own_shift = H.shift_times(H.by_feature(), H.local_cols());
  for (int q = 0; q < grid.cols(); ++q) {
    const CompressedRows other = slab(H, q);
    const Index columns = local_count(H.cols(), width, q, grid.cols());
    if (q < grid.my_col() || q % grid.rows() != grid.my_row() || columns == 0) continue;
    const Index top = q / grid.rows() * width;
    PetscLogFlops(add_block(alpha, other, H.by_feature(), top, q == grid.my_col(), K));
    if (!H.shifted()) continue;
    const std::vector<double> other_shift = H.shift_times(other, columns);
    for (Index j = 0; j < H.local_cols(); ++j)
      for (Index i = 0; i < columns; ++i)
        K.at(top + i, j) += alpha * (square - other_shift[static_cast<std::size_t>(i)] -
                                     own_shift[static_cast<std::size_t>(j)]);
  }
}

double apply_weight(const SparseSamples& H) {
  const auto k = static_cast<double>(H.rows()), w = static_cast<double>(H.cols());
  return H.counts().entries + (H.shifted() ? k + w : 0.0);
}

double gram_weight(const SparseSamples& H) {
  const auto k = static_cast<double>(H.rows());
  return H.counts().sample_pairs + (H.shifted() ? 3.0 * k * k : 0.0);
}

double inner_weight(const SparseSamples& H) {
  const auto w = static_cast<double>(H.cols());
  return H.counts().feature_pairs + (H.shifted() ? 2.0 * H.counts().entries + w * w : 0.0);
}

// ---- what it costs: a process row by itself ----

namespace {

/// Doubles to or from memory for each two flops: an entry of each operand and of the result.
constexpr double kTouched = 3.0;

Pricing of_row(const Pricing& p) {
  return Pricing({1, p.grid().cols}, p.unit_block(), p.machine());
}

/// Of a process row: of the one with most of them, and on average.
Index most_rows(Index rows, const Pricing& p) {
  return local_count(rows, p.unit_block(), 0, p.grid().rows);
}

Index mean_rows(Index rows, const Pricing& p) {
  return (rows + p.grid().rows - 1) / p.grid().rows;
}

/// The lower triangle, of which a process row has the columns up to its last row.
Work triangle_cost(Index order, const Pricing& p) {
  const int R = p.grid().rows;
  const Index rows = mean_rows(order, p);
  const double half = 0.5 * static_cast<double>(rows) * static_cast<double>(order + 1);
  Work mean;
  for (int r = 0; r < R; ++r) {
    const Index own = local_count(order, p.unit_block(), r, R);
    const Index cols = own > 0 ? global_index(own - 1, p.unit_block(), r, R) + 1 : 0;
    mean += (1.0 / R) * reduce_cost(rows, cols, half, of_row(p));
  }
  return mean;
}

Work work(double flops, const Pricing& p) {
  Work result = p.copy(0.5 * kTouched * flops / p.ranks());
  result.flops = flops;
  return result;
}

}  // namespace

Work sparse_cost(const Operation& o, bool crosses, const Pricing& p) {
  const Pricing row = of_row(p);
  const Work own = work(flops(o), p);
  switch (o.verb) {
    case Verb::sparse_apply:
      return own + (crosses ? gather_cost(mean_rows(o.m, p), o.k, row) : Work{});
    case Verb::sparse_outer:
    case Verb::add_sparse_outer: {
      const Index m = mean_rows(o.m, p);
      const double all = static_cast<double>(m) * static_cast<double>(o.k);
      return own + (crosses ? reduce_cost(m, o.k, all, row) : Work{});
    }
    case Verb::sparse_gram:
    case Verb::add_sparse_gram: {
      return own + (crosses ? triangle_cost(o.k, p) : Work{});
    }
    default: {  // inner: the slabs pass through the row, four arrays each with its size
      constexpr double kMessages = 8.0;
      const int Q = p.grid().cols;
      const double k = static_cast<double>(o.k);
      const double filled = std::min(static_cast<double>(o.n), o.entries / Q);  // rows of a slab
      const double elements = 1.5 * o.entries + Q * (1.5 * filled + 3.0);
      return own + row.traffic(kMessages * Q * rounds(Q), (Q - 1) * elements) +
             p.copy(k * k / p.ranks());
    }
  }
}

double sparse_workspace(const Operation& o, bool crosses, const Pricing& p) {
  const Pricing row = of_row(p);
  const bool gram = o.verb == Verb::sparse_gram || o.verb == Verb::add_sparse_gram;
  if (o.verb == Verb::sparse_inner)  // another slab
    return 3.0 * o.entries / p.grid().cols;
  const Index rows = most_rows(gram ? o.k : o.m, p);
  const double own = gram ? 3.0 * o.entries / p.grid().cols : 0.0;  // by samples
  if (!crosses && p.ranks() > 1) return own;
  if (o.verb == Verb::sparse_apply) return p.ranks() == 1 ? 0.0 : range_entries(rows, o.k, row);
  return own + range_entries(rows, o.k, row) +
         crossing_entries(gram ? Triangle::lower : Triangle::full, rows, o.k, row);
}

}  // namespace admmnet
