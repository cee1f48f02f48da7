// The solver menu: every way to the weights on every grid, where one is better than the others, and
// how auto chooses.
#include <algorithm>

#include "grids.h"
#include "linalg/dual_fit.h"
#include "linalg/gram_system.h"
#include "linalg/products.h"
#include "linalg/pseudo_inverse.h"
#include "linalg/sample_factor.h"
#include "linalg/solver_choice.h"
#include "runtime/error.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

/// A least-squares problem by closed forms, dealt out in two panels.
struct Fit {
  Index n, m, N;
  DiagonalShift shift;
  double (*a)(Index i, Index s);
  double (*t)(Index k, Index s);

  template <class F>
  BlockCyclicMatrix panel(const ProcessGrid& grid, Index rows, Index block, int part, F&& f) const {
    const Index first = part == 0 ? 0 : N / 3, last = part == 0 ? N / 3 : N;
    BlockCyclicMatrix P(grid, rows, N - N / 3, block, slab_width(N - N / 3, grid.cols()));
    P.set_cols(last - first);
    P.fill([&](Index i, Index s) { return f(i, first + s); });
    return P;
  }
  template <class Solver>
  void add_to(Solver& solver, const ProcessGrid& grid, Index block) const {
    for (int part : {0, 1})
      solver.add(panel(grid, m, block, part, t), panel(grid, n, block, part, a));
  }
  void sums(const ProcessGrid& grid, Index block, BlockCyclicMatrix& G,
            BlockCyclicMatrix& S) const {
    for (int part : {0, 1}) {
      const auto A = panel(grid, n, block, part, a);
      accumulate_gram(1.0, A, part, G);
      accumulate_outer(1.0, panel(grid, m, block, part, t), A, part, S);
    }
  }

  BlockCyclicMatrix solve(WeightSolver solver, const ProcessGrid& grid, Index block,
                          FactorStatus& status) const {
    BlockCyclicMatrix W(grid, m, n, block, block);
    if (solver == WeightSolver::qr || solver == WeightSolver::svd) {
      SampleFactor factor(grid, n, m, block);
      add_to(factor, grid, block);
      status = factor.solve(shift, solver == WeightSolver::svd, W);
    } else if (solver == WeightSolver::dual) {
      DualFit dual(grid, n, m, N, block);
      add_to(dual, grid, block);
      status = dual.solve(shift, W);
    } else {
      status = solve_gram(solver, grid, block, W);
    }
    return W;
  }
  FactorStatus solve_gram(WeightSolver solver, const ProcessGrid& grid, Index block,
                          BlockCyclicMatrix& W) const {
    BlockCyclicMatrix G(grid, n, n, block, block);
    sums(grid, block, G, W);
    GramSystem system(solver);
    FactorStatus status = system.factor(G, shift);
    const FactorStatus solved = system.solve_right(W, nullptr);
    return status.fell_back() ? status : solved;
  }

  /// Largest entry of the gradient (W A - T) A^T + W diag(s), by plain loops.
  Worst gradient(const std::vector<double>& W) const {
    std::vector<double> residual(static_cast<std::size_t>(m * N));
    for (Index k = 0; k < m; ++k)
      for (Index s = 0; s < N; ++s) {
        double sum = -t(k, s);
        for (Index i = 0; i < n; ++i) sum += W[k + i * m] * a(i, s);
        residual[k + s * m] = sum;
      }
    Worst worst;
    for (Index k = 0; k < m; ++k)
      for (Index i = 0; i < n; ++i) {
        double sum = W[k + i * m] * shift.at(i, n);
        for (Index s = 0; s < N; ++s) sum += residual[k + s * m] * a(i, s);
        worst.add(std::abs(sum), "entry", k, i);
      }
    return worst;
  }
};

double inputs(Index i, Index s) {
  return entry(i, s, 1);
}
double targets(Index k, Index s) {
  return entry(k, s, 2);
}

constexpr WeightSolver kGramSolvers[] = {WeightSolver::cholesky, WeightSolver::svd,
                                         WeightSolver::cg};

}  // namespace

TEST_CASE("qr, svd, dual, cholesky and cg give the minimiser on every grid") {
  const DiagonalShift shift{0.3, 0.2, 1};
  // More samples than inputs, so many that the triangle is folded thrice, and fewer.
  for (const Fit& fit : {Fit{21, 5, 60, shift, inputs, targets},
                         {5, 2, 90, shift, inputs, targets},
                         {40, 3, 13, shift, inputs, targets}})
    for (const ProcessGrid& grid : all_grids()) {
      if (!grid.contains_this_rank()) continue;
      for (Index block : kBlocks)
        for (WeightSolver solver : {WeightSolver::cholesky, WeightSolver::qr, WeightSolver::svd,
                                    WeightSolver::dual, WeightSolver::cg}) {
          if (solver == WeightSolver::dual && fit.N >= fit.n) continue;
          FactorStatus status;
          const Worst gradient = fit.gradient(gather(fit.solve(solver, grid, block, status)));
          CAPTURE(grid.rows(), grid.cols(), block, fit.n, fit.N, static_cast<int>(solver),
                  gradient);
          REQUIRE_ALL_ON(grid.comm(), !status.fell_back());
          // Rounding of sums of 90 terms below 1 with weights of size 1, n of them: 40 90 eps, with
          // a factor 10. cg stops at 1e-12 of |T A^T|, at most 90 sqrt(3 40).
          REQUIRE_ALL_ON(grid.comm(),
                         gradient <= (solver == WeightSolver::cg ? 1e-9 : 10 * 40 * 90 * 2.3e-16));
        }
    }
}

TEST_CASE("GramSystem by svd and by cg gives the same as by cholesky") {
  const Fit fit{21, 5, 60, {0.3, 0.2, 1}, inputs, targets};
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    std::vector<double> by_cholesky;
    for (WeightSolver solver : kGramSolvers) {  // cholesky first
      BlockCyclicMatrix W(grid, fit.m, fit.n, 3, 3);
      REQUIRE_ALL_ON(grid.comm(), !fit.solve_gram(solver, grid, 3, W).fell_back());
      // cg: see above. svd: backward error 10 n eps |G|, with |G| < 21 60.
      REQUIRE_ALL_ON(grid.comm(), fit.gradient(gather(W)) <= 1e-9);
      if (solver == WeightSolver::cholesky) by_cholesky = gather(W);
      // A gradient of 1e-9 over the least eigenvalue, 0.3.
      REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(W), by_cholesky) <= 1e-9 / 0.3);
    }
  }
}

namespace {

/// Row i differs from the others by 1e-6 e_i only (in N = 60 columns): cond(A) about 1e7, and of
/// the Gram matrix 1e14.
double nearly_equal(Index i, Index s) {
  return entry(0, s, 1) + 1e-6 * (s % 8 == i ? 1.0 : 0.0);
}
double sum_of_nearly_equal(Index k, Index s) {
  double sum = 0.0;
  for (Index i = 0; i < 8; ++i) sum += static_cast<double>((i + k) % 3 - 1) * nearly_equal(i, s);
  return sum;
}
Worst error_of(const std::vector<double>& W) {
  Worst worst;
  for (Index k = 0; k < 2; ++k)
    for (Index i = 0; i < 8; ++i)
      worst.add(std::abs(W[k + i * 2] - static_cast<double>((i + k) % 3 - 1)), "entry", k, i);
  return worst;
}

}  // namespace

TEST_CASE("qr finds weights that cholesky loses with the square of the condition") {
  const Fit fit{8, 2, 60, {}, nearly_equal, sum_of_nearly_equal};
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    FactorStatus status;
    const Worst by_qr = error_of(gather(fit.solve(WeightSolver::qr, grid, 3, status)));
    REQUIRE_ALL_ON(grid.comm(), !status.fell_back());
    const Worst by_cholesky = error_of(gather(fit.solve(WeightSolver::cholesky, grid, 3, status)));
    CAPTURE(by_qr, by_cholesky);
    REQUIRE_ALL_ON(grid.comm(), by_qr <= 1e7 * 100 * 2.3e-16);  // cond(A) times some eps
    REQUIRE_ALL_ON(grid.comm(), by_cholesky.value() > 100.0 * by_qr.value());
  }
}

TEST_CASE("svd gives the solution of least norm, and qr turns to it when the rank falls short") {
  // Inputs 1 and 3 are equal, 2 is dead: whatever they need in sum, least norm gives each the half.
  const auto doubled = [](Index i, Index s) {
    return i == 2 ? 0.0 : entry(i == 3 ? 1 : i, s * s, 1);
  };
  const auto target = [](Index, Index s) { return 3.0 * entry(1, s * s, 1) - entry(4, s * s, 1); };
  const Fit fit{5, 1, 60, {}, doubled, target};
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (WeightSolver solver : {WeightSolver::svd, WeightSolver::qr}) {
      FactorStatus status;
      const auto W = gather(fit.solve(solver, grid, 3, status));
      REQUIRE_ALL_ON(grid.comm(), status.fell_back() == (solver == WeightSolver::qr));
      // Weights up to 3, a condition of about 10 besides the null space.
      REQUIRE_ALL_ON(grid.comm(), largest_difference(W, {0.0, 1.5, 0.0, 1.5, -1.0}) <= 1e-12);
    }
    BlockCyclicMatrix W(grid, 1, 5, 3, 3);
    REQUIRE_ALL_ON(grid.comm(), !fit.solve_gram(WeightSolver::svd, grid, 3, W).fell_back());
    REQUIRE_ALL_ON(grid.comm(), largest_difference(gather(W), {0.0, 1.5, 0.0, 1.5, -1.0}) <= 1e-12);
  }
}

TEST_CASE("PseudoInverse: a distributed decomposition gives the same as one on every rank") {
  const Index n = 150, m = 7;
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : {Index{32}, Index{64}}) {
      BlockCyclicMatrix A(grid, n, n, block, block);  // rank n - 1: the last row is zero
      A.fill([](Index i, Index j) {
        return i == n - 1 ? 0.0 : (i == j ? 4.0 : entry(i, j, 1) / (1.0 + std::abs(i - j)));
      });
      PseudoInverse everywhere(n), distributed(0);
      REQUIRE_ALL_ON(grid.comm(), everywhere.factor(A) && distributed.factor(A));
      REQUIRE_ALL_ON(grid.comm(), everywhere.rank() == n - 1 && distributed.rank() == n - 1);
      auto B = make(grid, m, n, block, block, 2), C = make(grid, m, n, block, block, 2);
      everywhere.solve_right(B);
      distributed.solve_right(C);
      // Entries of size 1, a condition of about 10 besides the null space.
      REQUIRE_ALL_ON(grid.comm(),
                     largest_difference(gather(B), gather(C)) <= 10 * n * 2.3e-16 * 10);
    }
  }
}

TEST_CASE("cg starts from a guess that helps, and cholesky takes over where it does not converge") {
  const Fit fit{21, 5, 60, {0.3, 0.2, 1}, inputs, targets};
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    BlockCyclicMatrix G(grid, 21, 21, 3, 3), S(grid, 5, 21, 3, 3), W(grid, 5, 21, 3, 3);
    fit.sums(grid, 3, G, S);
    ConjugateGradients cg;
    cg.set(G, fit.shift);
    W.copy_from(S);
    const CgStatus cold = cg.solve_right(W, nullptr);
    CAPTURE(cold.steps, cold.converged);
    REQUIRE_ALL_ON(grid.comm(), cold.converged && cold.steps > 2);
    for (Index j = 0; j < W.local_cols(); ++j)  // the solution, badly scaled
      for (Index i = 0; i < W.local_rows(); ++i) W.at(i, j) *= -7.0;
    const CgStatus warm = cg.solve_right(S, &W);
    REQUIRE_ALL_ON(grid.comm(), warm.converged && warm.steps <= 2);
    REQUIRE_ALL_ON(grid.comm(), fit.gradient(gather(S)) <= 1e-9);

    G.fill([](Index i, Index j) { return i == j && i != 5 ? 1.0 : 0.0; });
    W.fill_constant(1.0);  // nothing solves W G = this
    GramSystem system(WeightSolver::cg);
    REQUIRE_FALSE(system.factor(G, {}).fell_back());
    const FactorStatus status = system.solve_right(W, nullptr);
    REQUIRE(!status.instead.empty());
    REQUIRE(status.added > 0.0);
  }
}

TEST_CASE("solver_flops counts what the solvers do, and auto takes the least") {
  WeightProblem p;
  p.inputs = 100;
  p.targets = 10;
  p.samples = 1000;
  p.shift = 1e-6;
  const SolverFlops flops = solver_flops(p);
  CHECK(flops.cholesky == Approx(1000.0 * 100 * 101 + 2e6 + 1e6 / 3 + 2e5));
  CHECK(flops.qr == Approx(2.0 * 110 * 110 * (1250 + 100)));
  CHECK(std::isinf(flops.dual));
  CHECK(choose_solver(WeightSolver::automatic, p).solver == WeightSolver::cholesky);
  p.samples = 20;  // fewer samples than inputs
  CHECK(solver_flops(p).dual == Approx(20.0 * 100 * 21 + 8000.0 / 3 + 2.0 * 10 * 400 + 4e4));
  CHECK(choose_solver(WeightSolver::automatic, p).solver == WeightSolver::dual);
  p.all_shifted = false;
  CHECK(choose_solver(WeightSolver::automatic, p).solver == WeightSolver::cholesky);

  WeightProblem wide;  // a step that only knows the Gram matrix: one output, a strong proximal term
  wide.inputs = 10000;
  wide.targets = 1;
  wide.shift = 10.0;
  const SolverChoice choice = choose_solver(WeightSolver::automatic, wide);
  CHECK(choice.solver == WeightSolver::cg);
  CHECK(choice.reason.find("cholesky 3.3e+11") != std::string::npos);
  wide.targets = 10000;
  CHECK(choose_solver(WeightSolver::automatic, wide).solver == WeightSolver::cholesky);
  wide.targets = 1;
  wide.refreshes = 0.0;  // the factor is there
  CHECK(choose_solver(WeightSolver::automatic, wide).solver == WeightSolver::cholesky);
  CHECK(choose_solver(WeightSolver::svd, wide).reason.rfind("svd (", 0) == 0);
}

TEST_CASE("a diagonal Gram matrix is solved by a division, as by Cholesky") {
  constexpr Index n = 9, m = 4;
  const auto g = [](Index i) { return i == 6 ? 0.0 : 1.0 + static_cast<double>(i * i); };
  const DiagonalShift shift{0.25, 0.5, 1};
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (const Index block : kBlocks) {
      BlockCyclicMatrix G(grid, n, n, block, block);
      // Beside the diagonal: what rounding leaves there, much larger. It must not matter.
      G.fill([&](Index i, Index j) { return i == j ? g(i) : 0.1; });
      BlockCyclicMatrix B = make(grid, m, n, block, block, 1);
      GramSystem system(WeightSolver::cholesky, true);
      CHECK_FALSE(system.factor(G, shift).fell_back());
      system.solve_right(B, nullptr);
      const std::vector<double> b = dense(m, n, 1), x = gather(B);
      Worst wrong;
      for (Index j = 0; j < n; ++j)
        for (Index i = 0; i < m; ++i) {
          const auto at = static_cast<std::size_t>(i + j * m);
          wrong.add(std::abs(x[at] * (g(j) + 0.25 + (j < n - 1 ? 0.5 : 0.0)) - b[at]), i, j);
        }
      CAPTURE(grid.rows(), grid.cols(), block, wrong);
      REQUIRE_ALL_ON(grid.comm(), wrong <= 1e-14);
      const FactorStatus raised = system.factor(G, {});  // an entry of 0, as where Cholesky fails
      CHECK(raised.fell_back());
      CHECK(raised.failed_minor == 7);
      CHECK(raised.added > 0.0);
    }
  }
  WeightProblem p;
  p.inputs = 1000;
  p.targets = 10;
  p.refreshes = 0.0;
  p.shift = 1e4;
  p.diagonal = true;
  CHECK(solver_flops(p).cholesky == 1e4);
  CHECK(choose_solver(WeightSolver::automatic, p).diagonal);
  CHECK_THAT(choose_solver(WeightSolver::automatic, p).reason, Catch::Contains("a division"));
}

}  // namespace admmnet::test
