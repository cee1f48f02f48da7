#include "linalg/local_samples.h"

#include <algorithm>
#include <vector>

#include <petscsys.h>

#include "linalg/local_blas.h"

namespace admmnet {
namespace {

/// Columns of a unit matrix are worked through in ranges of bounded size: whole rounds of blocks
/// over the processes, so that all have the same share, or part of one where that is too much.
Index columns_per_range(const BlockCyclicMatrix& A) {
  const Index round = A.col_block() * A.grid().cols();
  const Index fitting = std::max<Index>(1, kRangeEntries / std::max<Index>(1, A.rows()));
  return fitting < round ? fitting : fitting / round * round;
}

/// What each rank owns of the columns [first, last): element counts and displacements, where column
/// j counts rows - start(j) elements. A range's elements are few enough for MPI's int counts.
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

/// The sum over the ranks of this rank's share of `packed`, which lies there by owner.
const double* sum_of_own_share(double* packed, const Shares& shares, const ProcessGrid& grid) {
  static Scratch<double> others;
  const auto me = static_cast<std::size_t>(grid.rank());
  const int ranks = grid.size(), count = shares.counts[me];
  double* own = packed + shares.displacements[me];
  if (ranks > kRanksOneByOne) {
    double* sum = others.of_size(count);
    check_mpi(
        MPI_Reduce_scatter(packed, sum, shares.counts.data(), MPI_DOUBLE, MPI_SUM, grid.comm()),
        "MPI_Reduce_scatter");
    return sum;
  }
  std::vector<int> sent = shares.counts, received(static_cast<std::size_t>(ranks), count), places;
  sent[me] = received[me] = 0;
  for (int r = 0, place = 0; r < ranks; place += received[static_cast<std::size_t>(r++)])
    places.push_back(place);
  double* summand = others.of_size(Index{count} * (ranks - 1));
  check_mpi(MPI_Alltoallv(packed, sent.data(), shares.displacements.data(), MPI_DOUBLE, summand,
                          received.data(), places.data(), MPI_DOUBLE, grid.comm()),
            "MPI_Alltoallv");
  for (int r = 1; r < ranks; ++r, summand += count)
    for (int i = 0; i < count; ++i) own[i] += summand[i];
  return own;
}

}  // namespace

void gather_columns(const BlockCyclicMatrix& W, Index first, Index last, double* whole) {
  static Scratch<double> own_columns, by_owner;
  const auto top = [](Index) { return Index{0}; };
  for (Index begin = first, step = columns_per_range(W); begin < last; begin += step) {
    const Index end = std::min(last, begin + step);
    const Shares shares = shares_of(W, begin, end, top);
    const int count = shares.counts[static_cast<std::size_t>(W.grid().rank())];
    double* own = own_columns.of_size(count);
    for (Index j = W.local_cols_below(begin); j < W.local_cols_below(end); ++j, own += W.rows())
      std::copy_n(W.column(j), W.rows(), own);
    double* received = by_owner.of_size(shares.total);
    check_mpi(MPI_Allgatherv(own_columns.data(), count, MPI_DOUBLE, received, shares.counts.data(),
                             shares.displacements.data(), MPI_DOUBLE, W.grid().comm()),
              "MPI_Allgatherv");
    for_each_packed_column(W, shares, begin, end, top, [&](Index j, int offset) {
      std::copy_n(received + offset, W.rows(), whole + (j - first) * W.rows());
    });
  }
}

void local_apply(Transpose op, Index m, Index k, double alpha, const UnitOperand& operand,
                 const BlockCyclicMatrix& H, double beta, BlockCyclicMatrix& Z) {
  const BlockCyclicMatrix& W = operand.matrix();
  const Index samples = H.local_cols();
  const bool single = W.grid().size() == 1;
  if (single || operand.gathered()) {
    local_gemm(op == Transpose::no ? "N" : "T", "N", m, samples, k, alpha,
               single ? W.data() : operand.gathered(), single ? W.leading_dimension() : W.rows(),
               H.data(), H.leading_dimension(), beta, Z.data(), Z.leading_dimension());
    return;
  }
  static Scratch<double> columns;
  const Index cols = op == Transpose::no ? k : m;  // columns of W that take part
  const Index step = columns_per_range(W);
  for (Index first = 0; first < cols; first += step) {
    const Index last = std::min(cols, first + step);
    double* range = columns.of_size(W.rows() * (last - first));
    gather_columns(W, first, last, range);
    if (op == Transpose::no)  // Z += W(:, range) H(range, :)
      local_gemm("N", "N", m, samples, last - first, alpha, range, W.rows(), H.data() + first,
                 H.leading_dimension(), first == 0 ? beta : 1.0, Z.data(), Z.leading_dimension());
    else  // Z(range, :) = W(:, range)^T H
      local_gemm("T", "N", last - first, samples, k, alpha, range, W.rows(), H.data(),
                 H.leading_dimension(), beta, Z.data() + first, Z.leading_dimension());
  }
}

/// Triangle::lower: the square on the diagonal by dsyrk, what is below it by dgemm.
void add_own_samples(Triangle triangle, double alpha, const BlockCyclicMatrix& D,
                     const BlockCyclicMatrix& H, Index first, Index last, double beta,
                     double* sum) {
  const Index width = last - first, inner = H.local_cols();
  const Index entries =
      triangle == Triangle::full ? D.rows() * width : width * (2 * H.rows() - first - last + 1) / 2;
  PetscLogFlops(2.0 * static_cast<double>(entries) * static_cast<double>(inner));
  if (triangle == Triangle::full) {
    local_gemm("N", "T", D.rows(), width, inner, alpha, D.data(), D.leading_dimension(),
               H.data() + first, H.leading_dimension(), beta, sum, D.rows());
    return;
  }
  local_syrk(width, inner, alpha, H.data() + first, H.leading_dimension(), beta, sum + first,
             H.rows());
  local_gemm("N", "T", H.rows() - last, width, inner, alpha, H.data() + last, H.leading_dimension(),
             H.data() + first, H.leading_dimension(), beta, sum + last, H.rows());
}

/// One range of reduce_columns.
static void reduce_range(Triangle triangle, const double* sum, Index first, Index last, double beta,
                         BlockCyclicMatrix& R) {
  static Scratch<double> by_owner;
  const Index rows = R.rows();
  const auto start = [&](Index j) { return triangle == Triangle::lower ? j : Index{0}; };
  const Shares shares = shares_of(R, first, last, start);
  double* packed = by_owner.of_size(shares.total);
  for_each_packed_column(R, shares, first, last, start, [&](Index j, int offset) {
    std::copy_n(sum + (j - first) * rows + start(j), rows - start(j), packed + offset);
  });
  const double* share = sum_of_own_share(packed, shares, R.grid());
  for (Index j = R.local_cols_below(first); j < R.local_cols_below(last); ++j) {
    double* column = R.column(j);
    for (Index i = start(R.global_col(j)); i < rows; ++i, ++share)
      column[i] = *share + (beta == 0.0 ? 0.0 : beta * column[i]);
  }
}

void reduce_columns(Triangle triangle, const double* sum, Index first, Index last, double beta,
                    BlockCyclicMatrix& R) {
  for (Index begin = first, step = columns_per_range(R); begin < last; begin += step)
    reduce_range(triangle, sum + (begin - first) * R.rows(), begin, std::min(last, begin + step),
                 beta, R);
}

void local_outer(Triangle triangle, double alpha, const BlockCyclicMatrix& D,
                 const BlockCyclicMatrix& H, double beta, BlockCyclicMatrix& R) {
  if (R.grid().size() == 1) {  // the local array is R, without gaps
    add_own_samples(triangle, alpha, D, H, 0, R.cols(), beta, R.data());
    return;
  }
  static Scratch<double> product;
  const Index step = columns_per_range(R);
  for (Index first = 0; first < R.cols(); first += step) {
    const Index last = std::min(R.cols(), first + step);
    double* sum = product.of_size(R.rows() * (last - first));
    add_own_samples(triangle, alpha, D, H, first, last, 0.0, sum);
    reduce_columns(triangle, sum, first, last, beta, R);
  }
}

}  // namespace admmnet
