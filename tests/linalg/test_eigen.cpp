// Eigenvalues and vectors on every grid against Jacobi's rotations on one rank.
#include <limits>

#include "grids.h"
#include "linalg/symmetric_eigen.h"
#include "runtime/error.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

using Dense = std::vector<double>;  // n x n, column-major

/// Cyclic Jacobi: the eigenvectors as columns of U; A becomes diagonal. Nothing of LAPACK.
void jacobi(Index n, Dense& A, Dense& U) {
  const auto at = [n](Dense& M, Index i, Index j) -> double& {
    return M[static_cast<std::size_t>(i + j * n)];
  };
  U.assign(A.size(), 0.0);
  for (Index i = 0; i < n; ++i) at(U, i, i) = 1.0;
  for (int sweep = 0; sweep < 30; ++sweep)
    for (Index p = 0; p < n; ++p)
      for (Index q = p + 1; q < n; ++q) {
        if (at(A, p, q) == 0.0) continue;
        const double theta = 0.5 * (at(A, q, q) - at(A, p, p)) / at(A, p, q);
        const double t = (theta < 0.0 ? -1.0 : 1.0) / (std::abs(theta) + std::hypot(theta, 1.0));
        const double c = 1.0 / std::hypot(t, 1.0), s = t * c;
        const auto turn = [&](double& x, double& y) {
          const double old = x;
          x = c * old - s * y;
          y = s * old + c * y;
        };
        for (Index k = 0; k < n; ++k) turn(at(A, k, p), at(A, k, q));
        for (Index k = 0; k < n; ++k) turn(at(A, p, k), at(A, q, k));
        for (Index k = 0; k < n; ++k) turn(at(U, k, p), at(U, k, q));
      }
}

/// Symmetric and not definite, its eigenvalues well apart: i - n/3 on the diagonal and coupling.
double coupled(Index i, Index j) {
  const double off = 0.2 * entry(std::min(i, j), std::max(i, j), 1);
  return i == j ? 0.7 * static_cast<double>(i) - 2.0 : off;
}

/// Lower triangle; what stands above must not matter.
BlockCyclicMatrix lower(const ProcessGrid& grid, Index n, Index block, double (*a)(Index, Index)) {
  BlockCyclicMatrix A(grid, n, n, block, block);
  A.fill([&](Index i, Index j) {
    return i >= j ? a(i, j) : std::numeric_limits<double>::quiet_NaN();
  });
  return A;
}

}  // namespace

TEST_CASE("eigenvalues descend and agree with Jacobi's, vectors with their sign") {
  const Index whole_order = GENERATE(0, 100);  // distributed, on one rank
  for (const Index n : {Index{1}, Index{9}, Index{40}}) {
    Dense diagonal(static_cast<std::size_t>(n * n)), U;
    for (Index j = 0; j < n; ++j)
      for (Index i = 0; i < n; ++i) diagonal[static_cast<std::size_t>(i + j * n)] = coupled(i, j);
    jacobi(n, diagonal, U);
    std::vector<Index> order;
    for (Index i = 0; i < n; ++i) order.push_back(i);
    const auto value = [&](Index i) { return diagonal[static_cast<std::size_t>(i + i * n)]; };
    std::sort(order.begin(), order.end(), [&](Index a, Index b) { return value(a) > value(b); });
    for (const ProcessGrid& grid : all_grids()) {
      if (!grid.contains_this_rank()) continue;
      for (const Index block : kBlocks) {
        const SymmetricEigen eigen = symmetric_eigen(lower(grid, n, block, coupled), whole_order);
        const Dense vectors = gather(eigen.vectors);
        Worst values, angle;
        for (Index j = 0; j < n; ++j) {
          const double* u = vectors.data() + j * n;
          const double* v = U.data() + order[static_cast<std::size_t>(j)] * n;
          const auto largest = std::max_element(
              u, u + n, [](double a, double b) { return std::abs(a) < std::abs(b); });
          const double sign = (*largest < 0.0 ? -1.0 : 1.0) * (v[largest - u] < 0.0 ? -1.0 : 1.0);
          if (*largest < 0.0) angle.add(INFINITY, "sign of column", j);
          for (Index i = 0; i < n; ++i) angle.add(std::abs(u[i] - sign * v[i]), "entry", i, j);
          values.add(std::abs(eigen.values[static_cast<std::size_t>(j)] -
                              value(order[static_cast<std::size_t>(j)])),
                     "value", j);
        }
        CAPTURE(grid.rows(), grid.cols(), block, n, values, angle);
        REQUIRE_ALL_ON(grid.comm(), values <= 1e-12 * static_cast<double>(n));
        // Neighbours are about .7 apart: rounding over the distance.
        REQUIRE_ALL_ON(grid.comm(), angle <= 1e-12 * static_cast<double>(n));
      }
    }
  }
}

TEST_CASE("eigenvalues that are equal have orthonormal vectors, and NaN is no matrix") {
  constexpr Index n = 20;
  const Index whole_order = GENERATE(0, 100);
  const auto twice = [](Index i, Index j) {
    return (i == j ? 3.0 : 0.0) + (i < 5 && j < 5 ? 2.0 : 0.0);
  };
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    const SymmetricEigen eigen = symmetric_eigen(lower(grid, n, 3, twice), whole_order);
    const Dense U = gather(eigen.vectors);
    Worst wrong;
    for (std::size_t i = 0; i < n; ++i)
      wrong.add(std::abs(eigen.values[i] - (i == 0 ? 13.0 : 3.0)), "value", i);
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < n; ++j) {
        double sum = 0.0;
        for (Index k = 0; k < n; ++k)
          sum += U[static_cast<std::size_t>(k + i * n)] * U[static_cast<std::size_t>(k + j * n)];
        wrong.add(std::abs(sum - (i == j ? 1.0 : 0.0)), "product of columns", i, j);
      }
    CAPTURE(grid.rows(), grid.cols(), wrong);
    REQUIRE_ALL_ON(grid.comm(), wrong <= 1e-12);
    const auto bad = [](Index i, Index) { return i == 7 ? std::nan("") : 1.0; };
    REQUIRE_THROWS_AS(symmetric_eigen(lower(grid, n, 3, bad)), Error);
  }
}

}  // namespace admmnet::test
