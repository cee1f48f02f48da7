// Weight and activation systems: residuals, fallbacks, breakdown.
#include <algorithm>

#include "grids.h"
#include "linalg/correction.h"
#include "linalg/data_parallel/column_cholesky.h"
#include "linalg/local_cholesky.h"
#include "linalg/products.h"
#include "runtime/error.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

/// G = H H^T + shift on the diagonal, both triangles, as a dense matrix.
std::vector<double> dense_gram(Index n, Index samples, double all, double units, Index exempt) {
  std::vector<double> G(static_cast<std::size_t>(n * n), 0.0);
  for (Index j = 0; j < n; ++j)
    for (Index i = 0; i < n; ++i) {
      for (Index s = 0; s < samples; ++s) G[i + j * n] += entry(i, s, 1) * entry(j, s, 1);
      if (i == j) G[i + j * n] += all + (i < n - exempt ? units : 0.0);
    }
  return G;
}

}  // namespace

TEST_CASE("GramSolver: B (G + shift)^-1 and (G + shift)^-1 B leave small residuals") {
  const Index n = 21, samples = 60, m = 8;
  const auto G_dense = dense_gram(n, samples, 0.3, 0.2, 1);
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kBlocks)
      for (bool replicated : {true, false})
        for (int way : {0, 1, 2, 3}) {
          const bool keep = way % 2 > 0;  // and with the inverses of the diagonal blocks
          const Condition condition = way / 2 > 0 ? Condition::moderate : Condition::any;
          const auto H = make(grid, n, samples, block, slab_width(samples, grid.cols()), 1);
          BlockCyclicMatrix G(grid, n, n, block, block);
          const auto form = [&](BlockCyclicMatrix& gram) { accumulate_gram(1.0, H, 0.0, gram); };
          GramSolver solver(replicated ? n : n - 1, condition);
          const DiagonalShift shift{0.3, 0.2, 1};
          form(G);
          REQUIRE_FALSE(
              (keep ? solver.factor(G, shift) : solver.factor(grid, n, block, form, shift))
                  .fell_back());
          auto B = make(grid, m, n, block, block, 2);
          auto C = make(grid, n, m, block, block, 4);
          solver.solve_right(B);
          solver.solve_left(m, C);
          const auto X = gather(B), Y = gather(C);
          Worst worst;
          for (Index i = 0; i < m; ++i)
            for (Index j = 0; j < n; ++j) {
              double right = -entry(i, j, 2), left = -entry(j, i, 4);
              for (Index l = 0; l < n; ++l) {
                right += X[i + l * m] * G_dense[l + j * n];
                left += G_dense[j + l * n] * Y[l + i * n];
              }
              worst.add(std::abs(right), "right", i, j);
              worst.add(std::abs(left), "left", j, i);
            }
          // Backward error n eps |G| |X|: |G| is about 60, |X| below 10.
          CAPTURE(worst);
          REQUIRE_ALL_ON(grid.comm(), worst <= 21 * 2.3e-16 * 60 * 10 * 10);
        }
  }
}

TEST_CASE("GramSolver: a factor held whole and one that passes by in panels give the same") {
  const Index n = 700, m = 100;  // two panels; more right-hand sides than an eighth of the order
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  BlockCyclicMatrix G(grid, n, n, 64, 64);
  G.fill([](Index i, Index j) { return i == j ? 4.0 : entry(i, j, 1) / (1.0 + std::abs(i - j)); });
  GramSolver whole(n), streamed(n - 1);
  whole.factor(G, {});
  streamed.factor(G, {});
  auto B = make(grid, m, n, 64, 64, 2), C = make(grid, m, n, 64, 64, 2);
  whole.solve_right(B);
  streamed.solve_right(C);
  auto D = make(grid, n, m, 64, 64, 2), E = make(grid, n, m, 64, 64, 2);
  whole.solve_left(m - 1, D);
  streamed.solve_left(m - 1, E);
  // Entries below 1; the condition is about 10, and rounding grows like the root of the order.
  const double tolerance = 10 * 2.3e-16 * 27 * 10;
  REQUIRE(largest_difference(gather(B), gather(C)) <= tolerance);
  REQUIRE(largest_difference(gather(D), gather(E)) <= tolerance);
}

// One block: rank 0 factors it, and solves for few rows; for many the factor goes to all of them.
TEST_CASE("GramSolver: a matrix on one rank gives the same as one that is dealt out") {
  const Index n = 1000;
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const auto matrix = [](Index i, Index j) {
    return i == j ? 4.0 : entry(i, j, 1) / (1.0 + static_cast<double>((i - j) * (i - j)));
  };
  BlockCyclicMatrix G(grid, n, n, n, n), dealt(grid, n, n, 64, 64);
  G.fill(matrix);
  dealt.fill(matrix);
  GramSolver one, several;
  one.factor(G, {});
  several.factor(dealt, {});
  // Entries below 1; the condition is about 10, and rounding grows like the root of the order.
  const double tolerance = 10 * 2.3e-16 * 32 * 10;
  for (const Index m : {Index{3}, n}) {
    auto B = make(grid, m, n, n, n, 2), C = make(grid, m, n, 64, 64, 2);
    one.solve_right(B);
    several.solve_right(C);
    CHECK(largest_difference(gather(B), gather(C)) <= tolerance);
  }
  auto D = make(grid, n, 3, n, n, 2), E = make(grid, n, 3, 64, 64, 2);
  one.solve_left(3, D);
  several.solve_left(3, E);
  CHECK(largest_difference(gather(D), gather(E)) <= tolerance);
}

TEST_CASE("a singular Gram matrix falls back, and NaN breaks down") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    BlockCyclicMatrix G(grid, 12, 12, 3, 3);
    const auto form = [](BlockCyclicMatrix& gram) {
      gram.fill([](Index i, Index j) { return i == j && i != 5 ? 1.0 : 0.0; });
    };
    form(G);
    GramSolver solver;
    for (bool keep : {true, false}) {
      const FactorStatus status =
          keep ? solver.factor(G, {}) : solver.factor(grid, 12, 3, form, {});
      REQUIRE(status.fell_back());
      REQUIRE(status.failed_minor == 6);
      REQUIRE(status.added > 0.0);
      BlockCyclicMatrix B(grid, 4, 12, 3, 3);
      B.fill([](Index i, Index j) { return i == j ? 1.0 : 0.0; });  // rows 0..3: untouched by it
      solver.solve_right(B);
      const auto X = gather(B);
      for (Index i = 0; i < 4; ++i) REQUIRE(std::abs(X[i + i * 4] - 1.0) <= 2.0 * status.added);
    }
    G.fill([](Index i, Index j) { return i == j ? (i == 5 ? -1.0 : 1.0) : 0.0; });
    REQUIRE_THROWS_AS(solver.factor(G, {}), NumericalBreakdown);
    G.fill([](Index i, Index j) { return i == j ? (i == 7 ? NAN : 1.0) : 0.0; });
    REQUIRE_THROWS_AS(solver.factor(G, {}), NumericalBreakdown);
  }
}

// Orders on both sides of the 512 columns that are taken together, in blocks that do and do not
// divide them.
TEST_CASE("Cholesky factors on 1 x P grids are the serial ones, whole on every rank if wanted") {
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  for (auto [n, block] : {std::pair<Index, Index>{5, 2}, {100, 128}, {500, 64}, {700, 96}}) {
    const auto matrix = [n = n](Index i, Index j) {  // positive definite: diagonally dominant
      return i == j ? static_cast<double>(n) : entry(std::max(i, j), std::min(i, j), 3);
    };
    BlockCyclicMatrix A(grid, n, n, block, block);
    A.fill(matrix);
    std::vector<double> expected = gather(A), whole(static_cast<std::size_t>(n * n));
    REQUIRE(factor_whole(n, expected.data(), n) == 0);
    REQUIRE(factor_columns(A, whole.data()) == 0);
    const auto L = gather(A);
    Worst worst;
    bool the_same = true;
    for (Index j = 0; j < n; ++j)
      for (Index i = j; i < n; ++i) {
        worst.add(std::abs(L[i + j * n] - expected[i + j * n]), "entry", i, j);
        the_same = the_same && whole[i + j * n] == L[i + j * n];
      }
    CAPTURE(n, block);
    CHECK(worst <= 2.3e-16 * static_cast<double>(n));  // entries are sqrt(n) at most, errors n eps
    CHECK(the_same);
    for (Index bad : {Index{0}, n / 2, n - 1}) {  // the same report on every rank
      A.fill([&](Index i, Index j) { return i == j && i == bad ? -1.0 : matrix(i, j); });
      CHECK(factor_columns(A, nullptr) == bad + 1);
    }
  }
}

/// Optimality with a = h + delta, r = t - W h: the largest entry of W^T (r - W delta) - eps delta,
/// with W = entry(., ., 1) of m x n and r = entry(., ., 2).
static Worst largest_gradient(const std::vector<double>& delta, Index m, Index n, Index samples,
                              double eps) {
  Worst worst;
  for (Index s = 0; s < samples; ++s)
    for (Index i = 0; i < n; ++i) {
      double gradient = eps * delta[i + s * n];
      for (Index k = 0; k < m; ++k) {
        double residual = entry(k, s, 2);
        for (Index j = 0; j < n; ++j) residual -= entry(k, j, 1) * delta[j + s * n];
        gradient -= entry(k, i, 1) * residual;
      }
      worst.add(std::abs(gradient), "entry", i, s);
    }
  return worst;
}

// Formed (many columns to come) and in factors (one), with the factor on every rank or distributed.
TEST_CASE("Correction: both sides give the minimiser of beta/2 |t - W a|^2 + gamma/2 |a - h|^2") {
  const Index samples = 10;
  const double eps = 0.4;
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kBlocks)
      for (auto [m, n] : {std::pair<Index, Index>{6, 19}, {19, 6}, {1, 5}, {2, 17}, {7, 7}})
        for (CorrectionSide side : {CorrectionSide::smaller, CorrectionSide::units})
          for (Index columns : {1, 100})
            for (int way : {0, 1, 2, 3}) {
              const Index replicated_order = way % 2 > 0 ? kReplicatedOrder : 0;
              const bool spread = way / 2 > 0;
              const Index slab = slab_width(samples, grid.cols());
              const auto W = make(grid, m, n + 1, block, block, 1);  // the last column is a bias
              const auto r = make(grid, m, samples, block, slab, 2);
              const Index rows = spread ? n : n + 1;
              BlockCyclicMatrix a(grid, rows, samples, block, slab);
              a.fill([&](Index i, Index) { return i == n ? 1.0 : 0.5; });
              Correction correction(replicated_order);
              LayerOperand operand;
              if (spread) {
                operand.assign(W);
                correction.form(operand, n, eps, side, columns);
              } else {
                correction.form(W, n, eps, side, columns);
              }
              correction.apply(r, 2.0, a);  // 2 (1/2) + delta, and a last row of its own
              std::vector<double> delta;
              const auto whole = gather(a);
              bool last_row_kept = true;
              for (Index s = 0; s < samples; ++s) {
                for (Index i = 0; i < n; ++i) delta.push_back(whole[i + s * rows] - 1.0);
                last_row_kept = last_row_kept && (spread || whole[n + s * rows] == 1.0);
              }
              const Worst worst = largest_gradient(delta, m, n, samples, eps);
              CAPTURE(grid.rows(), grid.cols(), block, m, n, static_cast<int>(side), columns,
                      replicated_order, spread, worst);
              // W W^T has norm <= 19*19; n eps |W|^2 |delta| with delta of size about 1.
              REQUIRE_ALL_ON(grid.comm(), worst <= 20 * 2.3e-16 * 361 * 10);
              REQUIRE(last_row_kept);
            }
  }
}

}  // namespace admmnet::test
