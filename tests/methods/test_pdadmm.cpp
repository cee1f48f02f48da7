// pdADMM against the plain serial reference on every grid and block size
// (src/methods/pdadmm/README.md §8).
//
// Tolerances. Sums in another order differ by rounding, and iterations amplify: the weight systems
// have a condition of up to 1/ridge = 100 relative to their mean diagonal, so that 1e-16 times some
// 1e4 for conditions and sums, 20 iterations that each may double it, allows 1e-6; 1e-8 is the
// bound, what was seen is below 1e-11.
#include <algorithm>
#include <cmath>

#include "methods/pdadmm_runs.h"
#include "reference/pdadmm.h"
#include "runtime/error.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

constexpr double kTolerance = 1e-8;

reference::Pdadmm reference_of(const reference::Problem& problem, const PdadmmParameters& p) {
  return {problem,
          {p.subsolve == Subsolve::exact, p.rho, p.nu, p.ridge, p.decay, p.z_proximal, p.growth,
           p.stage_iterations, p.growth_output == GrownOutput::keep, static_cast<int>(p.bits)}};
}

/// Largest |A - B|, relative to the largest |B| or, where that is less, to `size`.
Worst difference_of(const BlockCyclicMatrix& A, const reference::Matrix& B, double size) {
  const std::vector<double> whole = gather(A);
  const double scale = std::max(size, reference::max_abs(B));
  Worst difference;
  for (Index j = 0; j < B.cols; ++j)
    for (Index i = 0; i < B.rows; ++i)
      difference.add(std::abs(whole[static_cast<std::size_t>(i + j * A.rows())] - B(i, j)) / scale,
                     "entry", i, j);
  return difference;
}

void require_same(const BlockCyclicMatrix& A, const reference::Matrix& B, double size) {
  const Worst difference = difference_of(A, B, size);
  CAPTURE(difference);
  REQUIRE_ALL_ON(A.grid().comm(), difference <= kTolerance);
}

void require_same_state(const PdadmmSweep& sweep, const reference::Pdadmm& expected) {
  const int k = expected.depth(), L = sweep.network().layers();
  REQUIRE(sweep.depth() == k);
  for (int l = 1; l <= k; ++l) {
    INFO("layer " << l);
    const int place = l < k ? l : L;
    require_same(sweep.network().W(place), expected.W[l], 0.1);
    require_same(sweep.z(place), expected.z[l], 0.1);
    if (l == k) continue;
    require_same(sweep.coupling(l).q, expected.q[l], 0.1);
    // u = nu (q - h(z)) is a difference of these.
    require_same(sweep.coupling(l).u, expected.u[l],
                 expected.parameters.nu * reference::max_abs(expected.q[l]));
  }
}

}  // namespace

TEST_CASE("pdadmm equals the reference on every grid, stage by stage") {
  for (const Case& c : kCases) {
    const reference::Problem problem = problem_of(c);
    const PdadmmParameters parameters = parameters_of(c, problem);
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO(c.name << " on " << grid.rows() << " x " << grid.cols() << " in blocks of " << block);
      reference::Pdadmm expected = reference_of(problem, parameters);
      Run run(problem, parameters, grid, block);
      run.start();
      for (Index k = 1; k <= kPasses; ++k) {
        expected.iterate();
        const IterationReport report = run.sweep.iterate(k);
        if (k % 6 > 1 && k != 11) continue;
        INFO("iteration " << k);
        require_same_state(run.sweep, expected);
        const auto N = static_cast<double>(problem.samples());
        double split = 0.0, size = 0.0;
        for (int l = 1; l < expected.depth(); ++l) {
          split += reference::squared_norm(expected.p[l + 1] - expected.q[l]);
          size += reference::squared_norm(expected.q[l]);
        }
        CHECK(report.objective == Approx(expected.objective() / N).epsilon(kTolerance));
        CHECK(report.lagrangian == Approx(expected.lagrangian() / N).epsilon(kTolerance));
        CHECK(report.primal_residual == Approx(std::sqrt(split / size)).epsilon(1e-6));
        CHECK(report.dual_residual == Approx(std::sqrt(expected.change / size)).epsilon(1e-6));
      }
    });
  }
}

// The groups compute the same numbers, so that a pass differs by the rounding of other sums only.
TEST_CASE("pdadmm with layers on parts of the ranks equals the reference") {
  for (const Case& c : kCases) {
    const reference::Problem problem = problem_of(c);
    for (int groups = 2; groups <= static_cast<int>(c.hidden.size()) + 1; ++groups) {
      const PdadmmParameters parameters = parameters_of(c, problem, groups);
      on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
        if (grid.cols() % groups != 0) {
          REQUIRE_THROWS_AS(Run(problem, parameters, grid, block), InternalError);
          return;
        }
        INFO(c.name << " in " << groups << " groups on " << grid.rows() << " x " << grid.cols());
        reference::Pdadmm expected = reference_of(problem, parameters);
        Run run(problem, parameters, grid, block);
        run.start();
        for (Index k = 1; k <= kPasses; ++k) {
          expected.iterate();
          const IterationReport report = run.sweep.iterate(k);
          if (k % 6 > 1) continue;
          INFO("iteration " << k);
          const int last = expected.depth(), L = run.sweep.network().layers();
          for (int l = 1; l <= last; ++l)
            require_same(run.sweep.network().W(l < last ? l : L), expected.W[l], 1e-8);
          const auto N = static_cast<double>(problem.samples());
          CHECK(report.objective == Approx(expected.objective() / N).epsilon(1e-8));
          CHECK(report.lagrangian == Approx(expected.lagrangian() / N).epsilon(1e-8));
        }
      });
    }
  }
}

}  // namespace admmnet::test
