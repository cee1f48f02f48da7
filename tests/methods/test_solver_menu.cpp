// Every solver of the weights in every sweep against the plain serial reference, and the refusals.
#include "config/names.h"
#include "linalg/grids.h"
#include "methods/made_method.h"
#include "methods/sample_sets.h"
#include "methods/taylor/parameters.h"
#include "methods/taylor/weight_system.h"
#include "reference/full_batch.h"
#include "reference/printed.h"
#include "reference/resync_blocks.h"
#include "reference/synthetic.h"
#include "runtime/error.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

constexpr Index kBlock = 8;
constexpr Index kPasses = 3;

/// 13-60-9-3 on 40 samples: fewer than the inputs of layer 2.
reference::Problem wide_problem(Loss loss) {
  reference::Problem problem = reference::synthetic_problem(13, 40, {60, 9}, 3);
  problem.loss = loss;
  return problem;
}

Options options_for(Sweep sweep, WeightSolver solver) {
  Options options;
  TaylorOptions& admm = taylor_options(options);
  admm.sweep = sweep;
  admm.blocks = 4;
  admm.gamma = {3.0};
  if (sweep == Sweep::printed) admm.beta = {2.0};
  options.train.iterations = kPasses;
  options.linalg.weight_solver = {solver};
  return options;
}

void compare(const reference::Problem& problem, const Options& asked,
             const reference::Layers& expected, double tolerance) {
  const Options options = resolved(asked, topology_of(problem), problem.samples());
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    const Topology topology = topology_of(problem);
    const SampleSet set =
        sample_set(problem, grid, kBlock, panel_bounds(options, problem.samples(), grid.cols()));
    Timers timers;
    const auto method = made(options, topology, kBlock, grid, set, timers);
    Network start(grid, topology, kBlock);
    start.initialise(problem.init, problem.seed);
    method->start(start, false);
    for (Index k = 1; k <= kPasses; ++k) method->iterate(k);
    for (int l = 1; l <= topology.layers(); ++l) {
      const Worst difference =
          relative_difference(method->network().W(l), expected[static_cast<std::size_t>(l)]);
      CAPTURE(name_of(asked.linalg.weight_solver[0]), grid.rows(), grid.cols(), l, difference);
      REQUIRE_ALL_ON(grid.comm(), difference <= tolerance);
    }
  }
}

constexpr WeightSolver kAll[] = {WeightSolver::automatic, WeightSolver::cholesky, WeightSolver::qr,
                                 WeightSolver::svd,       WeightSolver::dual,     WeightSolver::cg};
bool needs_samples(WeightSolver solver) {
  return solver == WeightSolver::qr || solver == WeightSolver::dual;
}

}  // namespace

TEST_CASE("resync on blocks is the same with every solver that it can use") {
  const reference::Problem problem = wide_problem(Loss::softmax);
  auto parameters = reference::BlockParameters::defaults(problem, kPasses, 4);
  parameters.smoothing = 0.0;
  reference::ResyncBlocks expected(problem, parameters);
  for (Index k = 0; k < kPasses; ++k) expected.pass();
  for (WeightSolver solver : kAll)
    if (!needs_samples(solver) &&
        solver != WeightSolver::
                      automatic)  // to rounding, and 1e-12 where cg stops, amplified by the passes
      compare(problem, options_for(Sweep::blocks, solver), expected.W, 1e-7);
}

TEST_CASE("full batch is the same with every solver") {
  reference::Problem problem = wide_problem(Loss::multiclass_hinge);
  problem.hidden = {9, 60};  // the output layer is the one that is fitted from samples
  reference::FullBatch expected(problem, {});
  for (Index k = 0; k < kPasses; ++k) expected.iterate();
  // The output's fit has a jitter of 1e-7 mbar for the bias: a condition of 60e7 and 1e-16 in each
  // number allow 6e-8 a pass.
  for (WeightSolver solver : kAll)
    compare(problem, options_for(Sweep::full, solver), expected.W, 1e-6);
}

TEST_CASE("the printed sweep is the same with every solver") {
  reference::Problem problem = wide_problem(Loss::squared);
  problem.init = InitScheme::normal;
  auto parameters = reference::PrintedParameters::uniform(problem, 2.0, 3.0);
  parameters.multiplier = Multiplier::none;
  parameters.ridge = 1e-4;
  reference::Printed expected(problem, parameters);
  for (Index k = 0; k < kPasses; ++k) expected.iterate();
  for (WeightSolver solver : kAll) {
    Options options = options_for(Sweep::printed, solver);
    options.init.scheme = InitScheme::normal;
    options.init.seed = problem.seed;
    taylor_options(options).multiplier = Multiplier::none;
    taylor_options(options).ridge = parameters.ridge;
    // A condition of 61/1e-4, some 100 operations of 1e-16 an iteration.
    compare(problem, options, expected.W, 1e-7);
  }
}

TEST_CASE("a solver that serves no layer of the sweep is refused; auto says what it took") {
  const reference::Problem problem = wide_problem(Loss::softmax);
  const Topology topology = topology_of(problem);
  REQUIRE_THROWS_AS(resolved(options_for(Sweep::blocks, WeightSolver::qr), topology, 40), BadInput);
  Options undamped = options_for(Sweep::blocks, WeightSolver::dual);
  taylor_options(undamped).proximal = 0.0;
  REQUIRE_THROWS_AS(resolved(undamped, topology, 40), BadInput);
  for (const Sweep sweep : {Sweep::full, Sweep::printed})
    REQUIRE_THROWS_AS(resolved(options_for(sweep, WeightSolver::low_rank), topology, 40), BadInput);
  const Options dual = options_for(Sweep::full, WeightSolver::dual);
  REQUIRE_THROWS_AS(resolved(dual, topology, 40), BadInput);  // 10 inputs of the output
  const Options printed = options_for(Sweep::printed, WeightSolver::dual);
  REQUIRE_THROWS_AS(resolved(printed, topology, 61), BadInput);
  const Options some = resolved(printed, topology, 60);
  REQUIRE(some.linalg.weight_solver == std::vector<WeightSolver>{WeightSolver::cholesky,
                                                                 WeightSolver::dual,
                                                                 WeightSolver::cholesky});
  const auto choices = printed_parameters(some, {topology, 60}).solvers;
  REQUIRE_THAT(choices[1].reason,
               Catch::Matchers::Contains("dual (") && Catch::Matchers::Contains("; cholesky "));
  // What was resolved stays as it is.
  REQUIRE(resolved(some, topology, 60).linalg.weight_solver == some.linalg.weight_solver);
}

TEST_CASE(
    "the step of layer 1 on components divides, and its penalties are those of the features") {
  constexpr Index k = 4, units = 3;  // of 10 features
  constexpr double rho = 0.5, p = 2.0, length = 3.0, N = 8.0, left_out = 5.0;
  const auto lambda = [](Index i) { return i < k ? 9.0 - 2.0 * static_cast<double>(i) : N; };
  double trace = left_out;
  for (Index i = 0; i <= k; ++i) trace += lambda(i);
  const double mbar = trace / (10 + 1);
  SampleSet train;
  train.features = 10;
  train.left_out = left_out;
  Topology topology;
  topology.widths = {k, units, 2};
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (const WeightSolver solver : {WeightSolver::cholesky, WeightSolver::cg}) {
      const Network network(grid, topology, 2);
      WeightSystem system(network, 1, {solver, true, ""});
      system.take_inputs(train);
      system.G().fill([&](Index i, Index j) { return i == j ? lambda(i) : 0.0; });
      system.R().fill([](Index i, Index j) { return entry(i, j, 1); });
      BlockCyclicMatrix W = make(grid, units, k + 1, 2, 2, 2);
      Notes notes;
      system.step({rho, p, {length, 0.0, 0.0}}, W, notes);
      const std::vector<double> V = gather(system.V());
      Worst wrong;
      for (Index j = 0; j <= k; ++j)
        for (Index i = 0; i < units; ++i) {
          const double shrink = j < k ? rho * mbar : 0.0;
          const double expected =
              length * (entry(i, j, 1) - shrink * entry(i, j, 2)) / (lambda(j) + shrink + p * mbar);
          wrong.add(std::abs(V[static_cast<std::size_t>(i + j * units)] - expected), i, j);
        }
      CAPTURE(grid.rows(), grid.cols(), wrong);
      CHECK(notes.empty());
      REQUIRE_ALL_ON(grid.comm(), wrong <= (solver == WeightSolver::cg ? 1e-10 : 1e-14));
    }
  }
}

}  // namespace admmnet::test
