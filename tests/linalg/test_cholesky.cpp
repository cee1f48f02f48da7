#include <algorithm>
#include <cmath>
#include <vector>

#include "linalg/local_cholesky.h"
#include "support/mpi_check.h"
#include "support/worst.h"

using namespace admmnet;
using admmnet::test::Worst;

namespace {

/// Orders below, at and above the blocks of the recursion, and with uneven halves.
const std::vector<Index> kOrders = {1, 63, 64, 65, 128, 129, 193, 321};
constexpr Index kGap = 3;  // rows between columns that must stay as they are
constexpr double kUntouched = 7.25;

/// Column-major, with a gap after each column.
struct Array {
  Array(Index rows, Index cols)
      : ld(rows + kGap), entries(static_cast<std::size_t>(ld * cols), kUntouched) {}
  double& at(Index i, Index j) { return entries[static_cast<std::size_t>(i + j * ld)]; }
  double* data() { return entries.data(); }
  Index ld;
  std::vector<double> entries;
};

double entry(Index i, Index j) {
  return std::sin(static_cast<double>(3 * i + 7 * j + 1));
}

/// Diagonally dominant: eigenvalues between n and 3 n (Gershgorin), so that solutions keep all but
/// a few bits.
double symmetric_entry(Index i, Index j, Index n) {
  return i == j ? 2.0 * static_cast<double>(n) : entry(std::max(i, j), std::min(i, j));
}

Array lower_triangle(Index n) {
  Array A(n, n);
  for (Index j = 0; j < n; ++j)
    for (Index i = j; i < n; ++i) A.at(i, j) = symmetric_entry(i, j, n);
  return A;
}

// Rounding of sums of n terms, each a few eps of the largest entry, 2 n.
double tolerance(Index n) {
  return 4.0 * static_cast<double>(n) * 2.3e-16 * 2.0 * static_cast<double>(n);
}

}  // namespace

TEST_CASE("a factor by halves: L L^T is the matrix, nothing but the lower triangle changes") {
  for (Index n : kOrders) {
    Array L = lower_triangle(n);
    REQUIRE(factor_whole(n, L.data(), L.ld) == 0);
    Worst difference;
    for (Index j = 0; j < n; ++j)
      for (Index i = j; i < n; ++i) {
        double sum = 0.0;
        for (Index k = 0; k <= j; ++k) sum += L.at(i, k) * L.at(j, k);
        difference.add(std::abs(sum - symmetric_entry(i, j, n)), "entry", i, j);
      }
    INFO(n);
    CHECK(difference <= tolerance(n));
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i < j; ++i) REQUIRE(L.at(i, j) == kUntouched);
      for (Index i = n; i < L.ld; ++i) REQUIRE(L.at(i, j) == kUntouched);
    }
  }
}

TEST_CASE("a matrix that is not positive definite: the order of the first minor that is not") {
  for (Index n : {65, 129, 321})
    for (Index bad : {Index{1}, Index{64}, Index{65}, n}) {
      Array A = lower_triangle(n);
      A.at(bad - 1, bad - 1) = -1.0;
      CHECK(factor_whole(n, A.data(), A.ld) == bad);
    }
}

// L L^-1 = I for each block, in a product of triangles; as many roundings as it has columns, and
// the condition of a block is below 2 (its diagonal outweighs the rest).
TEST_CASE("inverses of the blocks on the diagonal") {
  for (Index n : kOrders) {
    Array L = lower_triangle(n);
    std::vector<double> inverses(static_cast<std::size_t>(inverse_entries(n)), kUntouched);
    invert_diagonal({L.data(), L.ld, n}, inverses.data());
    Worst difference;
    for (Index first = 0; first < n; first += kOnDiagonal)
      for (Index j = 0; j < std::min(kOnDiagonal, n - first); ++j)
        for (Index i = j; i < std::min(kOnDiagonal, n - first); ++i) {
          double sum = i == j ? -1.0 : 0.0;
          for (Index k = j; k <= i; ++k)
            sum += L.at(first + i, first + k) *
                   inverses[static_cast<std::size_t>((first + j) * kOnDiagonal + k)];
          difference.add(std::abs(sum), "entry", first + i, first + j);
        }
    INFO(n);
    CHECK(difference <= 4.0 * static_cast<double>(kOnDiagonal) * 2.3e-16);
  }
}

TEST_CASE("triangular solves by halves, on both sides, plain and transposed") {
  constexpr Index sides = 5;
  for (Index n : kOrders) {
    Array L = lower_triangle(n);  // as a factor: its diagonal, 2 n, outweighs the rest
    WholeFactor factor{L.data(), L.ld, n};
    std::vector<double> inverses(static_cast<std::size_t>(inverse_entries(n)), kUntouched);
    invert_diagonal(factor, inverses.data());
    for (const int way : {0, 1, 2, 3, 4, 5, 6, 7}) {
      const bool left = way % 2 > 0, transposed = way / 2 % 2 > 0, inverted = way / 4 > 0;
      factor.inverses = inverted ? inverses.data() : nullptr;
      const auto op_L = [&](Index i, Index j) {
        const Index row = transposed ? j : i, col = transposed ? i : j;
        return row >= col ? L.at(row, col) : 0.0;
      };
      Array X = left ? Array(n, sides) : Array(sides, n);
      const auto of_X = [&](Index k, Index s) -> double& { return left ? X.at(k, s) : X.at(s, k); };
      for (Index k = 0; k < n; ++k)  // X := op(L) times the solution, or the solution times op(L)
        for (Index s = 0; s < sides; ++s) {
          double sum = 0.0;
          for (Index i = 0; i < n; ++i) sum += (left ? op_L(k, i) : op_L(i, k)) * entry(i + 100, s);
          of_X(k, s) = sum;
        }
      triangular_solve(left ? "L" : "R", transposed ? "T" : "N", factor, sides, X.data(), X.ld);
      Worst difference;
      for (Index k = 0; k < n; ++k)
        for (Index s = 0; s < sides; ++s)
          difference.add(std::abs(of_X(k, s) - entry(k + 100, s)), "row", k, "side", s);
      CAPTURE(n, left, transposed, inverted);
      CHECK(difference <= tolerance(n) / static_cast<double>(n));  // divided by the diagonal
      REQUIRE(X.entries.back() == kUntouched);
    }
  }
}
