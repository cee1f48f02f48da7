// dlADMM against the plain serial reference on every grid and block size, and what must hold
// whatever the numbers (src/methods/dladmm/README.md §6, §8).
//
// Tolerances. All quantities are sums in another order. The systems of the exact sub-solves have
// a relative ridge of .01 at least, so that cond <= n/.01 + 1, some 2000 here: 3 iterations of 6
// systems of it amplify a rounding of 1e-16 to 1e-11 at most, one decade for the decisions of the z
// steps. Published steps have no system: 1e-10 for 3 iterations of products alone.
#include <cmath>
#include <iterator>

#include "methods/dladmm_runs.h"
#include "reference/proximal.h"

namespace admmnet::test {
namespace {

struct Case {
  const char* name;
  std::vector<Index> hidden;
  Index outputs;
  Loss loss;
  Activation activation;
  bool bias;
  DladmmSettings settings;
};

const Case kCases[] = {
    {"exact, squared", {17, 9}, 4, Loss::squared, {}, true, exact()},
    {"exact, widening, softmax", {6, 21}, 5, Loss::softmax, {}, true, exact(0.1, 0.1)},
    {"exact, no biases, leaky, one output",
     {12},
     1,
     Loss::squared,
     {ActivationKind::leaky_relu, 0.1},
     false,
     exact(2.5, 0.3)},
    {"exact, no hidden layer, Crammer-Singer", {}, 3, Loss::multiclass_hinge, {}, true, exact()},
    {"steps, squared", {17, 9}, 4, Loss::squared, {}, true, published()},
    {"steps, l2, no biases, hinge",
     {11},
     3,
     Loss::hinge,
     {},
     false,
     published(DladmmOmega::ridge, 0.01)},
    {"steps, l1, hard tanh",
     {8, 8},
     3,
     Loss::softmax,
     {ActivationKind::hard_tanh, 0.01},
     true,
     published(DladmmOmega::l1, 0.003)}};

reference::Problem problem_of(const Case& c) {
  reference::Problem problem = reference::synthetic_problem(13, 203, c.hidden, c.outputs);
  problem.loss = c.loss;
  problem.activation = c.activation;
  problem.bias = c.bias;
  return problem;
}

}  // namespace

TEST_CASE("dlADMM equals the reference on every grid") {
  for (const Case& c : kCases) {
    const reference::Problem problem = problem_of(c);
    reference::Dladmm expected(problem, c.settings);
    const reference::Layers at_start = expected.W;
    for (int k = 0; k < 3; ++k) expected.iterate();
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      const auto run = started(c.settings, problem, grid, block);
      const auto require_same = [&](const reference::Layers& W, double tolerance) {
        for (int l = 1; l <= problem.layers(); ++l) {
          const Worst difference =
              relative_difference(run->method->network().W(l), W[static_cast<std::size_t>(l)]);
          CAPTURE(c.name, grid.rows(), grid.cols(), block, l, difference);
          REQUIRE_ALL_ON(grid.comm(), difference <= tolerance);
        }
      };
      require_same(at_start, 1e-12);
      IterationReport report;
      for (Index k = 1; k <= 3; ++k) report = run->method->iterate(k);
      require_same(expected.W, 1e-10);
      CAPTURE(c.name, grid.rows(), grid.cols());
      REQUIRE(report.objective == Approx(expected.objective()).epsilon(1e-9));
      REQUIRE(report.lagrangian == Approx(expected.lagrangian()).epsilon(1e-9));
    });
  }
}

// src/methods/dladmm/README.md §6
TEST_CASE("residuals of the output") {
  const reference::Problem& problem = small_problem();
  const DladmmSettings settings = exact();
  reference::Dladmm expected(problem, settings);
  for (int k = 0; k < 2; ++k) expected.iterate();
  reference::Dladmm last = expected;  // z_L of the last backward half, which W_L was fitted to
  const reference::Matrix before = reference::prox_loss(
      problem.loss, settings.rho, last.product(3) - (1.0 / settings.rho) * last.u, last.T);
  expected.iterate();
  const reference::Matrix &z = expected.z[3], r = z - expected.product(3);
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const auto run = started(settings, problem, grid, block);
    IterationReport report;
    for (Index k = 1; k <= 3; ++k) report = run->method->iterate(k);
    REQUIRE(report.primal_residual ==
            Approx(std::sqrt(squared_norm(r) / squared_norm(z))).epsilon(1e-9));
    REQUIRE(report.dual_residual ==
            Approx(settings.rho * std::sqrt(squared_norm(z - before) / squared_norm(expected.u)))
                .epsilon(1e-9));
  });
}

// src/methods/dladmm/README.md §4.2
TEST_CASE("theta* is the least length that the published test accepts", "[ranks:1]") {
  // phi(W+) <= phi(W) + <G, D> + theta/2 |D|^2, D = W+ - W = -G/theta: equality
  // at theta*. The sums are of size phi(W): 1e-12 of it is rounding, .001 of <G, D> is not.
  const reference::Problem& problem = small_problem();
  reference::Dladmm run(problem, published());
  for (int k = 0; k < 2; ++k) run.iterate();
  for (int l = 1; l <= 3; ++l) {
    const reference::Matrix &W = run.W[l], A = run.input(l), t = run.target(l);
    const double mu = run.penalty(l);
    const auto step = reference::gradient_step(problem, published(), mu, W, A, t);
    const auto phi = [&](const reference::Matrix& V) { return 0.5 * mu * squared_norm(V * A - t); };
    const double squares = squared_norm(step.G);
    const auto excess = [&](double theta) {
      return phi(W - (1.0 / theta) * step.G) - (phi(W) - 0.5 * squares / theta);
    };
    CAPTURE(l, step.theta, phi(W), squares);
    CHECK(excess(step.theta) <= 1e-12 * phi(W));
    CHECK(excess(1.001 * step.theta) < -1e-12 * phi(W));
    CHECK(excess(0.999 * step.theta) > 1e-12 * phi(W));
  }
}

}  // namespace admmnet::test
