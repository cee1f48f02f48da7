#include "linalg/replicated_factor.h"

#include <algorithm>

#include "linalg/local_samples.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// Rows of B dealt out in contiguous slabs, and how many columns each rank holds of it.
struct RowDeal {
  explicit RowDeal(const BlockCyclicMatrix& B)
      : ranks(B.grid().size()), rows(B.rows()), width(slab_width(B.rows(), ranks)) {
    for (int r = 0; r < ranks; ++r) cols.push_back(local_count(B.cols(), B.col_block(), r, ranks));
  }
  Index first(int rank) const { return std::min(rows, width * rank); }
  Index count(int rank) const { return first(rank + 1) - first(rank); }

  int ranks;
  Index rows, width;
  std::vector<Index> cols;
};

/// Counts and displacements of `elements(rank)` doubles to or from each rank.
struct Exchange {
  template <class F>
  Exchange(int ranks, F&& elements) {
    Index total = 0;
    for (int r = 0; r < ranks; ++r) {
      counts.push_back(static_cast<int>(elements(r)));
      displacements.push_back(static_cast<int>(total));
      total += elements(r);
    }
    require(total < (Index{1} << 31), "ReplicatedFactor: more than 2^31 - 1 elements on a rank");
    buffer.resize(static_cast<std::size_t>(total));
  }
  std::vector<int> counts, displacements;
  std::vector<double> buffer;
};

void exchange(const Exchange& from, Exchange& to, MPI_Comm comm) {
  check_mpi(
      MPI_Alltoallv(from.buffer.data(), from.counts.data(), from.displacements.data(), MPI_DOUBLE,
                    to.buffer.data(), to.counts.data(), to.displacements.data(), MPI_DOUBLE, comm),
      "MPI_Alltoallv");
}

/// Calls f(piece of a column of B in its owner's array, piece in the packed buffer, length) for
/// what this rank sends to (receives from) each rank: its own columns, cut into the slabs of rows.
template <class F>
void for_each_own_piece(BlockCyclicMatrix& B, const RowDeal& deal, Exchange& packed, F&& f) {
  for (int r = 0; r < deal.ranks; ++r) {
    double* piece = packed.buffer.data() + packed.displacements[static_cast<std::size_t>(r)];
    for (Index j = 0; j < B.local_cols(); ++j, piece += deal.count(r))
      f(B.column(j) + deal.first(r), piece, deal.count(r));
  }
}

/// Calls f(column of the row slab, piece in the packed buffer) for the columns of every rank.
template <class F>
void for_each_slab_piece(const BlockCyclicMatrix& B, const RowDeal& deal, Index rows,
                         Exchange& packed, std::vector<double>& slab, F&& f) {
  for (int r = 0; r < deal.ranks; ++r) {
    double* piece = packed.buffer.data() + packed.displacements[static_cast<std::size_t>(r)];
    for (Index j = 0; j < deal.cols[static_cast<std::size_t>(r)]; ++j, piece += rows)
      f(slab.data() + rows * global_index(j, B.col_block(), r, deal.ranks), piece);
  }
}

void triangular(const char* side, const char* transpose, const std::vector<double>& L, Index order,
                Index rows, Index cols, double* B, Index ldb) {
  if (rows == 0 || cols == 0) return;
  const int m = static_cast<int>(rows), n = static_cast<int>(cols), ld = static_cast<int>(order),
            lb = static_cast<int>(ldb);
  const double one = 1.0;
  dtrsm_(side, "L", transpose, "N", &m, &n, &one, L.data(), &ld, B, &lb);
}

}  // namespace

int ReplicatedFactor::factor(const BlockCyclicMatrix& A) {
  order_ = A.rows();
  L_.resize(static_cast<std::size_t>(order_ * order_));
  gather_columns(A, 0, A.cols(), L_.data());
  const int n = static_cast<int>(order_);
  int info = 0;
  dpotrf_("L", &n, L_.data(), &n, &info);
  require(info >= 0, "dpotrf: argument " + std::to_string(-info) + " is wrong");
  return info;
}

void ReplicatedFactor::solve_left(Index cols, BlockCyclicMatrix& B) const {
  const Index own = B.local_cols_below(cols);
  triangular("L", "N", L_, order_, order_, own, B.data(), B.leading_dimension());
  triangular("L", "T", L_, order_, order_, own, B.data(), B.leading_dimension());
}

void ReplicatedFactor::solve_right(BlockCyclicMatrix& B) const {
  const RowDeal deal(B);
  const int me = B.grid().rank();
  const Index rows = deal.count(me);
  if (deal.ranks == 1) {
    triangular("R", "T", L_, order_, rows, order_, B.data(), B.leading_dimension());
    triangular("R", "N", L_, order_, rows, order_, B.data(), B.leading_dimension());
    return;
  }
  Exchange own(deal.ranks, [&](int r) { return deal.count(r) * B.local_cols(); });
  Exchange slabs(deal.ranks, [&](int r) { return rows * deal.cols[static_cast<std::size_t>(r)]; });
  std::vector<double> slab(static_cast<std::size_t>(rows * B.cols()));

  for_each_own_piece(B, deal, own, [](const double* column, double* piece, Index length) {
    std::copy_n(column, length, piece);
  });
  exchange(own, slabs, B.grid().comm());
  for_each_slab_piece(B, deal, rows, slabs, slab, [&](double* column, const double* piece) {
    std::copy_n(piece, rows, column);
  });
  triangular("R", "T", L_, order_, rows, order_, slab.data(), std::max<Index>(1, rows));
  triangular("R", "N", L_, order_, rows, order_, slab.data(), std::max<Index>(1, rows));
  for_each_slab_piece(B, deal, rows, slabs, slab, [&](const double* column, double* piece) {
    std::copy_n(column, rows, piece);
  });
  exchange(slabs, own, B.grid().comm());
  for_each_own_piece(B, deal, own, [](double* column, const double* piece, Index length) {
    std::copy_n(piece, length, column);
  });
}

}  // namespace admmnet
