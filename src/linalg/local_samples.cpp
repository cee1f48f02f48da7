#include "linalg/local_samples.h"

#include <algorithm>
#include <vector>

#include "linalg/scalapack.h"

namespace admmnet {
namespace {

/// Staging per rank is kept near this many doubles (128 MiB).
constexpr Index kStagingElements = Index{1} << 24;

/// Columns of a unit matrix are worked through in ranges that start at a whole round of blocks over
/// the processes, so that in every range the owners' shares are contiguous in their local arrays.
Index columns_per_range(const BlockCyclicMatrix& A) {
  const Index round = A.col_block() * A.grid().cols();
  const Index fitting = kStagingElements / std::max<Index>(1, A.rows());
  return std::max<Index>(1, fitting / round) * round;
}

/// What each rank owns of the columns [first, last): element counts and displacements, where column
/// j counts rows - start(j) elements.
struct Shares {
  std::vector<int> counts, displacements;
  Index total = 0;
};

template <class Start>
Shares shares_of(const BlockCyclicMatrix& A, Index first, Index last, Start&& start) {
  const int ranks = A.grid().cols();
  Shares shares{std::vector<int>(ranks, 0), std::vector<int>(ranks, 0), 0};
  for (Index j = first; j < last; ++j)
    shares.counts[j / A.col_block() % ranks] += static_cast<int>(A.rows() - start(j));
  for (int r = 0; r < ranks; ++r) {
    shares.displacements[r] = static_cast<int>(shares.total);
    shares.total += shares.counts[r];
  }
  return shares;
}

/// Calls f(global column, its position in a buffer ordered by owner) for the columns [first, last).
template <class Start, class F>
void for_each_packed_column(const BlockCyclicMatrix& A, const Shares& shares, Index first,
                            Index last, Start&& start, F&& f) {
  std::vector<int> position = shares.displacements;
  for (Index j = first; j < last; ++j) {
    int& offset = position[j / A.col_block() % A.grid().cols()];
    f(j, offset);
    offset += static_cast<int>(A.rows() - start(j));
  }
}

void gemm(const char* op_A, const char* op_B, Index m, Index n, Index k, double alpha,
          const double* A, Index lda, const double* B, Index ldb, double beta, double* C,
          Index ldc) {
  if (m == 0 || n == 0) return;
  const int mi = static_cast<int>(m), ni = static_cast<int>(n), ki = static_cast<int>(k);
  const int la = static_cast<int>(std::max<Index>(1, lda));
  const int lb = static_cast<int>(std::max<Index>(1, ldb));
  const int lc = static_cast<int>(std::max<Index>(1, ldc));
  dgemm_(op_A, op_B, &mi, &ni, &ki, &alpha, A, &la, B, &lb, &beta, C, &lc);
}

/// C := alpha A B^T + beta C for the rows >= first of D and H's rows [first, last); with
/// Triangle::lower the square on the diagonal is formed by dsyrk.
void partial_outer(Triangle triangle, double alpha, const BlockCyclicMatrix& D,
                   const BlockCyclicMatrix& H, Index first, Index last, double beta, double* C,
                   Index ldc) {
  const Index width = last - first, inner = H.local_cols();
  if (triangle == Triangle::full) {
    gemm("N", "T", D.rows(), width, inner, alpha, D.data(), D.leading_dimension(), H.data() + first,
         H.leading_dimension(), beta, C, ldc);
    return;
  }
  const int n = static_cast<int>(width), k = static_cast<int>(inner);
  const int ld = static_cast<int>(H.leading_dimension()), lc = static_cast<int>(ldc);
  dsyrk_("L", "N", &n, &k, &alpha, H.data() + first, &ld, &beta, C + first, &lc);
  gemm("N", "T", H.rows() - last, width, inner, alpha, H.data() + last, H.leading_dimension(),
       H.data() + first, H.leading_dimension(), beta, C + last, ldc);
}

}  // namespace

void gather_columns(const BlockCyclicMatrix& W, Index first, Index last,
                    std::vector<double>& whole) {
  const auto top = [](Index) { return Index{0}; };
  const Shares shares = shares_of(W, first, last, top);
  std::vector<double> own, received(static_cast<std::size_t>(shares.total));
  own.reserve(static_cast<std::size_t>(shares.counts[W.grid().rank()]));
  for (Index j = W.local_cols_below(first); j < W.local_cols_below(last); ++j)
    own.insert(own.end(), W.column(j), W.column(j) + W.rows());
  check_mpi(MPI_Allgatherv(own.data(), shares.counts[W.grid().rank()], MPI_DOUBLE, received.data(),
                           shares.counts.data(), shares.displacements.data(), MPI_DOUBLE,
                           W.grid().comm()),
            "MPI_Allgatherv");
  whole.resize(received.size());
  for_each_packed_column(W, shares, first, last, top, [&](Index j, int offset) {
    std::copy_n(received.data() + offset, W.rows(), whole.data() + (j - first) * W.rows());
  });
}

void local_apply(Transpose op, Index m, Index k, double alpha, const BlockCyclicMatrix& W,
                 const BlockCyclicMatrix& H, double beta, BlockCyclicMatrix& Z) {
  const Index samples = H.local_cols();
  const Index cols = op == Transpose::no ? k : m;  // columns of W that take part
  if (W.grid().size() == 1) {
    gemm(op == Transpose::no ? "N" : "T", "N", m, samples, k, alpha, W.data(),
         W.leading_dimension(), H.data(), H.leading_dimension(), beta, Z.data(),
         Z.leading_dimension());
    return;
  }
  std::vector<double> range;
  const Index step = columns_per_range(W);
  for (Index first = 0; first < cols; first += step) {
    const Index last = std::min(cols, first + step);
    gather_columns(W, first, last, range);
    if (op == Transpose::no)  // Z += W(:, range) H(range, :)
      gemm("N", "N", m, samples, last - first, alpha, range.data(), W.rows(), H.data() + first,
           H.leading_dimension(), first == 0 ? beta : 1.0, Z.data(), Z.leading_dimension());
    else  // Z(range, :) = W(:, range)^T H
      gemm("T", "N", last - first, samples, k, alpha, range.data(), W.rows(), H.data(),
           H.leading_dimension(), beta, Z.data() + first, Z.leading_dimension());
  }
}

void local_outer(Triangle triangle, double alpha, const BlockCyclicMatrix& D,
                 const BlockCyclicMatrix& H, double beta, BlockCyclicMatrix& R) {
  if (R.grid().size() == 1) {
    partial_outer(triangle, alpha, D, H, 0, R.cols(), beta, R.data(), R.leading_dimension());
    return;
  }
  const auto start = [&](Index j) { return triangle == Triangle::lower ? j : Index{0}; };
  const Index rows = R.rows(), step = columns_per_range(R);
  std::vector<double> product, packed, share;
  for (Index first = 0; first < R.cols(); first += step) {
    const Index last = std::min(R.cols(), first + step);
    product.resize(static_cast<std::size_t>(rows * (last - first)));
    partial_outer(triangle, alpha, D, H, first, last, 0.0, product.data(), rows);

    const Shares shares = shares_of(R, first, last, start);
    packed.resize(static_cast<std::size_t>(shares.total));
    for_each_packed_column(R, shares, first, last, start, [&](Index j, int offset) {
      std::copy_n(product.data() + (j - first) * rows + start(j), rows - start(j),
                  packed.data() + offset);
    });
    share.resize(static_cast<std::size_t>(shares.counts[R.grid().rank()]));
    check_mpi(MPI_Reduce_scatter(packed.data(), share.data(), shares.counts.data(), MPI_DOUBLE,
                                 MPI_SUM, R.grid().comm()),
              "MPI_Reduce_scatter");
    const double* next = share.data();
    for (Index j = R.local_cols_below(first); j < R.local_cols_below(last); ++j) {
      double* column = R.column(j);
      for (Index i = start(R.global_col(j)); i < rows; ++i, ++next)
        column[i] = *next + (beta == 0.0 ? 0.0 : beta * column[i]);
    }
  }
}

}  // namespace admmnet
