// The printed sweep as a map of W, z and lambda, accelerated; its residuals and its Lagrangian
// (src/methods/taylor/README.md §4.4).
#include "linalg/grids.h"
#include "methods/anderson.h"
#include "methods/copied_state.h"
#include "methods/sample_sets.h"
#include "methods/taylor/printed_sweep.h"
#include "reference/anderson.h"
#include "reference/printed.h"
#include "reference/synthetic.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

constexpr Multiplier kMultipliers[] = {Multiplier::none, Multiplier::output, Multiplier::residual};
constexpr Index kWarmup = 2;

reference::Problem problem_of() {
  reference::Problem problem = reference::synthetic_problem(9, 101, {8, 6}, 3);
  problem.loss = Loss::squared;
  return problem;
}

reference::PrintedParameters reference_parameters(const reference::Problem& problem,
                                                  Multiplier multiplier) {
  auto parameters = reference::PrintedParameters::uniform(problem, 2.0, 3.0);
  parameters.multiplier = multiplier;
  parameters.warmup = kWarmup;
  return parameters;
}

struct Run {
  Timers timers;
  SampleSet set;
  std::unique_ptr<TrainingMethod> method;

  Run(const reference::Problem& problem, const ProcessGrid& grid, Multiplier multiplier)
      : set(sample_set(problem, grid, 3, {0, 60, problem.samples()})) {
    const auto parameters = reference_parameters(problem, multiplier);
    method = std::make_unique<PrintedSweep>(
        topology_of(problem), 3, grid, set,
        PrintedParameters{parameters.beta, parameters.gamma, parameters.ridge, kWarmup, multiplier,
                          problem.init, problem.seed, ActivationSolver::automatic,
                          std::vector<SolverChoice>(3)},
        timers);
  }

  void start(const reference::Problem& problem, const ProcessGrid& grid) {
    Network network(grid, topology_of(problem), 3);
    network.initialise(problem.init, problem.seed);
    method->start(network, false);
  }
};

/// All of W, z and lambda, one after the other.
std::vector<reference::Matrix*> parts_of(reference::Printed& printed) {
  std::vector<reference::Matrix*> parts{&printed.lambda};
  for (std::size_t l = 1; l < printed.W.size(); ++l) {
    parts.push_back(&printed.W[l]);
    parts.push_back(&printed.z[l]);
  }
  return parts;
}

reference::Matrix column_of(reference::Printed& printed) {
  reference::Matrix x;
  for (const reference::Matrix* part : parts_of(printed))
    x.values.insert(x.values.end(), part->values.begin(), part->values.end());
  x.rows = static_cast<Index>(x.values.size());
  x.cols = 1;
  return x;
}

void set_column(const reference::Matrix& x, reference::Printed& printed) {
  auto next = x.values.begin();
  for (reference::Matrix* part : parts_of(printed))
    for (double& value : part->values) value = *next++;
}

}  // namespace

TEST_CASE("the printed sweep, accelerated, is the serial one on every grid") {
  // As in test_sweeps.cpp: Gram matrices of condition 1e6 allow 1e-8 a pass, 1e-6 in all.
  const reference::Problem problem = problem_of();
  reference::Printed expected(problem, reference_parameters(problem, Multiplier::residual));
  reference::Anderson accelerator(2);
  constexpr Index kPasses = 7;
  for (Index k = 1; k <= kPasses; ++k) {
    const reference::Matrix x = column_of(expected);
    expected.iterate();
    if (k < kPasses) set_column(accelerator.next(x, column_of(expected)), expected);
  }
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    Run run(problem, grid, Multiplier::residual);
    run.method = std::make_unique<Anderson>(std::move(run.method), 2, run.timers);
    run.start(problem, grid);
    for (Index k = 1; k <= kPasses; ++k) run.method->iterate(k);
    for (int l = 1; l <= 3; ++l) {
      const Worst worst =
          relative_difference(run.method->network().W(l), expected.W[static_cast<std::size_t>(l)]);
      CAPTURE(grid.rows(), grid.cols(), l, worst);
      REQUIRE_ALL_ON(grid.comm(), worst <= 1e-6);
    }
  }
}

TEST_CASE("all that a pass of the printed sweep uses follows from its map's state") {
  const reference::Problem problem = problem_of();
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  for (Multiplier multiplier : kMultipliers) {
    Run first(problem, grid, multiplier), second(problem, grid, multiplier);
    first.start(problem, grid);
    second.start(problem, grid);
    for (Index k = 1; k <= 3; ++k) first.method->iterate(k);
    copy_state(first.method->map_state(), second.method->map_state());
    for (Index k = 4; k <= 5; ++k) {
      const double objective = first.method->iterate(k).objective;
      REQUIRE(second.method->iterate(k).objective == objective);
    }
    REQUIRE_ALL(same_bits(first.method->network(), second.method->network()));
  }
}

TEST_CASE("dual residual and Lagrangian of the printed sweep, where it has them") {
  const reference::Problem problem = problem_of();
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  for (Multiplier multiplier : kMultipliers) {
    reference::Printed expected(problem, reference_parameters(problem, multiplier));
    Run run(problem, grid, multiplier);
    run.start(problem, grid);
    for (Index k = 1; k <= 5; ++k) {
      CAPTURE(static_cast<int>(multiplier), k);
      const reference::Matrix before = expected.z[3];
      expected.iterate();
      const IterationReport report = run.method->iterate(k);
      const reference::Matrix& z = expected.z[3];
      const reference::Matrix m = expected.W[3] * reference::with_bias_row(problem, expected.a[2]);
      const reference::Matrix gap = multiplier == Multiplier::residual ? z - m : z;
      double lagrangian = expected.objective();
      for (std::size_t i = 0; i < gap.values.size(); ++i)
        lagrangian += expected.lambda.values[i] * gap.values[i];
      lagrangian /= static_cast<double>(problem.samples());
      const bool has_dual = multiplier == Multiplier::residual && k > kWarmup;
      REQUIRE(std::isnan(report.dual_residual) == !has_dual);
      if (has_dual) {
        const double dual = 2.0 * std::sqrt(reference::squared_norm(z - before) /
                                            reference::squared_norm(expected.lambda));
        REQUIRE(report.dual_residual == Approx(dual).epsilon(1e-6));
      }
      REQUIRE(std::isnan(report.lagrangian) == (multiplier == Multiplier::none));
      if (multiplier != Multiplier::none)
        REQUIRE(report.lagrangian == Approx(lagrangian).epsilon(1e-6));
    }
  }
}

}  // namespace admmnet::test
