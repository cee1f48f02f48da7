#include "linalg/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>

#include "linalg/products.h"
#include "linalg/scalapack.h"
#include "linalg/small_system.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// Entries that are as large as the largest one but for rounding; the first of them decides.
constexpr double kAsLarge = 1.0 - 1e-6;

/// Turns columns around so that the entry that decides is positive.
void fix_signs(BlockCyclicMatrix& U) {
  const auto n = static_cast<std::size_t>(U.cols());
  std::vector<double> largest(n, 0.0), sign(n, 0.0);
  std::vector<Index> place(n, U.rows());
  const auto each_entry = [&](auto&& look) {
    for (Index j = 0; j < U.local_cols(); ++j)
      for (Index i = 0; i < U.local_rows(); ++i)
        look(static_cast<std::size_t>(U.global_col(j)), U.global_row(i), U.at(i, j));
  };
  const auto reduce = [&](auto& values, MPI_Datatype type, MPI_Op op) {
    ADMMNET_MPI(
        MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(n), type, op, U.grid().comm()));
  };
  each_entry([&](std::size_t column, Index, double u) {
    largest[column] = std::max(largest[column], std::abs(u));
  });
  reduce(largest, MPI_DOUBLE, MPI_MAX);
  each_entry([&](std::size_t column, Index row, double u) {
    if (std::abs(u) >= kAsLarge * largest[column]) place[column] = std::min(place[column], row);
  });
  reduce(place, MPI_INT64_T, MPI_MIN);
  each_entry([&](std::size_t column, Index row, double u) {
    if (row == place[column]) sign[column] = u < 0.0 ? -1.0 : 1.0;
  });
  reduce(sign, MPI_DOUBLE, MPI_SUM);
  for (Index j = 0; j < U.local_cols(); ++j)
    for (Index i = 0; i < U.local_rows(); ++i)
      U.at(i, j) *= sign[static_cast<std::size_t>(U.global_col(j))];
}

/// Doubles of workspace for p?syevd, which asked for so many: it forgets those of p?ormtr, which
/// then does nothing (ScaLAPACK 2.2), nb^2 + (rows + columns) nb with both rounded up to blocks.
double enough(double asked, const BlockCyclicMatrix& A) {
  const auto nb = static_cast<double>(A.row_block());
  const auto rows = static_cast<double>(A.local_rows()), cols = static_cast<double>(A.local_cols());
  return asked + 2.0 * static_cast<double>(A.rows()) + nb * (3.0 * nb + rows + cols);
}

/// p?syevd, which destroys A: eigenvalues ascending. Returns its status.
int decompose(BlockCyclicMatrix& A, std::vector<double>& values, BlockCyclicMatrix& U) {
  const int n = static_cast<int>(A.rows()), one = 1;
  int length = -1, integers_length = -1, info = 0;
  std::vector<double> work(1);
  std::vector<int> integers(1);
  const auto call = [&] {
    pdsyevd_("V", "L", &n, A.data(), &one, &one, A.descriptor(), values.data(), U.data(), &one,
             &one, U.descriptor(), work.data(), &length, integers.data(), &integers_length, &info);
  };
  call();
  if (info != 0) return info;
  const double room = enough(work[0], A);
  if (!(room <= std::numeric_limits<int>::max())) return -1;
  length = static_cast<int>(room);
  integers_length = integers[0];
  work.resize(static_cast<std::size_t>(length));
  integers.resize(static_cast<std::size_t>(integers_length));
  call();
  return info;
}

/// On the first rank, from whose result all take theirs, so that mixed processors cannot disagree.
void decompose_whole(BlockCyclicMatrix& A, std::vector<double>& values, BlockCyclicMatrix& U) {
  const MPI_Comm comm = A.grid().comm();
  std::vector<double> whole = gather(A);
  collectively(comm, [&] {
    if (A.grid().rank() == 0) eigen_small(whole, values);
  });
  ADMMNET_MPI(MPI_Bcast(whole.data(), static_cast<int>(whole.size()), MPI_DOUBLE, 0, comm));
  U.fill([&](Index i, Index j) { return whole[static_cast<std::size_t>(i + j * A.rows())]; });
}

/// p?syevd. Throws NumericalBreakdown when it does not converge.
void decompose_distributed(BlockCyclicMatrix& A, std::vector<double>& values,
                           BlockCyclicMatrix& U) {
  if (const int info = decompose(A, values, U); info != 0)
    throw NumericalBreakdown("the eigenvalues of a matrix of order " + std::to_string(A.rows()) +
                             " were not found (pdsyevd: " + std::to_string(info) + ")");
}

}  // namespace

SymmetricEigen symmetric_eigen(const BlockCyclicMatrix& A, Index whole_order) {
  const Index n = A.rows();
  ADMMNET_REQUIRE(n == A.cols() && A.row_block() == A.col_block(),
                  "symmetric_eigen: not a square matrix in square blocks");
  // The eigenvalues of -A ascend where those of A descend.
  BlockCyclicMatrix negative(A.grid(), n, n, A.row_block(), A.col_block());
  for (Index j = 0; j < A.local_cols(); ++j)
    for (Index i = A.local_rows_below(A.global_col(j)); i < A.local_rows(); ++i)
      negative.at(i, j) = -A.at(i, j);
  if (!std::isfinite(sum_of_squares(negative, n)))
    throw NumericalBreakdown("a matrix of order " + std::to_string(n) +
                             " whose eigenvalues are wanted holds NaN or infinity");
  SymmetricEigen result{std::vector<double>(static_cast<std::size_t>(n)),
                        BlockCyclicMatrix(A.grid(), n, n, A.row_block(), A.col_block())};
  if (n == 0 || !A.grid().account({Verb::eigen, 0, n})) return result;
  const auto by = n <= whole_order ? decompose_whole : decompose_distributed;
  by(negative, result.values, result.vectors);
  // Of a matrix of one block p?syevd tells its owner alone, which is the first rank.
  ADMMNET_MPI(MPI_Bcast(result.values.data(), static_cast<int>(n), MPI_DOUBLE, 0, A.grid().comm()));
  for (double& value : result.values) value = -value;
  fix_signs(result.vectors);
  return result;
}

std::string kept_text(Index kept, Index all, const std::vector<double>& values, double rest) {
  const double trace = std::accumulate(values.begin(), values.end(), 0.0) + rest;
  const double sum = std::accumulate(values.begin(), values.begin() + kept, 0.0);
  char text[96];
  std::snprintf(text, sizeof text, "%lld of %lld, %.3g of the trace", static_cast<long long>(kept),
                static_cast<long long>(all), trace > 0.0 ? sum / trace : 1.0);
  return text;
}

}  // namespace admmnet
