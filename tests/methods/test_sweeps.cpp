// Every sweep against the plain serial reference, on every grid and block size.
//
// Tolerances. All quantities are sums in another order, so one pass differs by rounding; passes
// amplify. The full batch must agree to 1e-10 after 10 passes and the blocks to 1e-7 after 4. The
// printed sweep solves with cond(G + ridge mbar I) up to 1/ridge = 1e6 on random auxiliary
// variables: 1e6 times the unit roundoff, times some 100 operations, allows 1e-8 per iteration;
// 1e-6 is the bound (src/methods/taylor/README.md §11).
#include <iterator>

#include "linalg/grids.h"
#include "methods/sample_sets.h"
#include "methods/taylor/block_sweep.h"
#include "methods/taylor/full_batch_sweep.h"
#include "methods/taylor/printed_sweep.h"
#include "proximal/loss_functions.h"
#include "reference/full_batch.h"
#include "reference/printed.h"
#include "reference/resync_blocks.h"
#include "reference/synthetic.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

constexpr Index kUnitBlocks[] = {1, 3, 64, 128};

struct Case {
  const char* name;
  std::vector<Index> hidden;
  Index outputs;
  Loss loss;
  Activation activation;
  bool bias;
};

const Case kCases[] = {
    {"two hidden layers, softmax", {17, 9}, 4, Loss::softmax, {}, true},
    {"widening, Crammer-Singer", {6, 21}, 5, Loss::multiclass_hinge, {}, true},
    {"one output, squared", {12}, 1, Loss::squared, {}, true},
    {"one-vs-all hinge, no biases", {11}, 3, Loss::hinge, {}, false},
    {"leaky", {10, 8}, 3, Loss::softmax, {ActivationKind::leaky_relu, 0.1}, true},
    {"hard sigmoid", {10}, 3, Loss::squared, {ActivationKind::hard_sigmoid, 0.01}, true},
    {"hard tanh, five hidden layers",
     {8, 8, 8, 8, 8},
     3,
     Loss::softmax,
     {ActivationKind::hard_tanh, 0.01},
     true},
    {"tanh", {9}, 3, Loss::softmax, {ActivationKind::tanh}, true},
    {"sigmoid", {7, 6}, 3, Loss::squared, {ActivationKind::sigmoid}, true}};

reference::Problem problem_of(const Case& c) {
  reference::Problem problem = reference::synthetic_problem(13, 203, c.hidden, c.outputs);
  problem.loss = c.loss;
  problem.activation = c.activation;
  problem.bias = c.bias;
  return problem;
}

void require_same_weights(const Network& network, const reference::Layers& W, double tolerance) {
  for (int l = 1; l <= network.layers(); ++l) {
    const Worst difference = relative_difference(network.W(l), W[static_cast<std::size_t>(l)]);
    CAPTURE(network.grid().rows(), network.grid().cols(), network.unit_block(), l, difference);
    REQUIRE_ALL_ON(network.grid().comm(), difference <= tolerance);
  }
}

Network initial_network(const ProcessGrid& grid, const reference::Problem& problem, Index block) {
  Network network(grid, topology_of(problem), block);
  network.initialise(problem.init, problem.seed);
  return network;
}

Topology smoothed_topology(const reference::Problem& problem, double smoothing) {
  Topology topology = topology_of(problem);
  topology.label_smoothing = smoothing;
  return topology;
}

constexpr Index kFull = 0;  // in the place of a number of blocks

ResyncParameters parameters_for(const reference::Problem& problem, Index blocks, Index iterations) {
  Options options;
  if (blocks == kFull)
    taylor_options(options).sweep = Sweep::full;
  else
    taylor_options(options).blocks = blocks;
  options.train.iterations = iterations;
  resolve({topology_of(problem), problem.samples(), 0, 0}, options);
  return resync_parameters(options, {topology_of(problem), problem.samples()});
}

}  // namespace

TEST_CASE("resync on blocks equals the reference on every grid") {
  for (const Case& c : kCases) {
    const reference::Problem problem = problem_of(c);
    const auto expected_parameters = reference::BlockParameters::defaults(problem, 4, 8);
    reference::ResyncBlocks expected(problem, expected_parameters);
    for (int k = 0; k < 4; ++k) expected.pass();
    on_every_layout(kUnitBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO(c.name);
      const SampleSet set =
          sample_set(problem, grid, block, reference::block_bounds(problem.samples(), 8));
      Timers timers;
      BlockSweep sweep(smoothed_topology(problem, expected_parameters.smoothing), block, grid, set,
                       parameters_for(problem, 8, 4), timers);
      sweep.start(initial_network(grid, problem, block), false);
      for (Index k = 1; k <= 4; ++k) sweep.iterate(k);
      REQUIRE_ALL_ON(grid.comm(), sweep.rejections() == expected.rejections);
      require_same_weights(sweep.network(), expected.W, 1e-7);
    });
  }
}

// What dual solves is the same system in another form; low_rank of full rank is the running Gram
// matrix but for the shift of 1e-12 that keeps its basis orthogonal.
TEST_CASE("the cheap forms of wide layers equal the reference on every grid") {
  using Form = reference::BlockParameters::Form;
  struct Forms {
    WeightSolver hidden, output;
    Form hidden_form, output_form;
    double clip;
    bool bias;
  };
  const Forms cases[] = {
      {WeightSolver::dual, WeightSolver::dual, Form::own, Form::own, 0.0, false},
      {WeightSolver::dual, WeightSolver::low_rank, Form::own, Form::running, 0.02, true},
      {WeightSolver::cholesky, WeightSolver::dual, Form::mean, Form::own, 0.02, true}};
  Case c = kCases[0];
  c.hidden = {40, 30};
  for (const Forms& forms : cases) {
    c.bias = forms.bias;
    const reference::Problem problem = problem_of(c);
    constexpr Index kBlocksAPass = 3;  // of 68 columns, of which a ray sees every second
    auto expected_parameters = reference::BlockParameters::defaults(problem, 4, kBlocksAPass);
    expected_parameters.along_ray = true;
    expected_parameters.step_clip = forms.clip;
    expected_parameters.forms = {forms.hidden_form, forms.output_form};
    ResyncParameters parameters = parameters_for(problem, kBlocksAPass, 4);
    parameters.along_ray = {true, true};
    parameters.basis_every = 2;
    parameters.step_clip = forms.clip;
    parameters.solvers[1].solver = forms.hidden;
    parameters.solvers[2].solver = forms.output;
    expected_parameters.basis_every = parameters.basis_every;
    reference::ResyncBlocks expected(problem, expected_parameters);
    for (int k = 0; k < 4; ++k) expected.pass();
    on_every_layout(kUnitBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO(name_of(forms.hidden) << ", " << name_of(forms.output) << ", bias " << forms.bias);
      const SampleSet set = sample_set(problem, grid, block,
                                       reference::block_bounds(problem.samples(), kBlocksAPass));
      Timers timers;
      BlockSweep sweep(smoothed_topology(problem, expected_parameters.smoothing), block, grid, set,
                       parameters, timers);
      sweep.start(initial_network(grid, problem, block), false);
      for (Index k = 1; k <= 4; ++k) sweep.iterate(k);
      REQUIRE_ALL_ON(grid.comm(), sweep.rejections() == expected.rejections);
      require_same_weights(sweep.network(), expected.W, 1e-7);
    });
  }
}

TEST_CASE("a far too long step is rejected by the safeguard as the reference does") {
  const reference::Problem problem = problem_of(kCases[0]);
  auto expected_parameters = reference::BlockParameters::defaults(problem, 2, 8);
  expected_parameters.step = 3000.0;
  reference::ResyncBlocks expected(problem, expected_parameters);
  for (int k = 0; k < 2; ++k) expected.pass();
  REQUIRE(expected.rejections > 0);
  on_every_layout(kUnitBlocks, [&](const ProcessGrid& grid, Index block) {
    const SampleSet set =
        sample_set(problem, grid, block, reference::block_bounds(problem.samples(), 8));
    Timers timers;
    ResyncParameters parameters = parameters_for(problem, 8, 2);
    parameters.step = 3000.0;
    BlockSweep sweep(smoothed_topology(problem, expected_parameters.smoothing), block, grid, set,
                     parameters, timers);
    sweep.start(initial_network(grid, problem, block), false);
    Index notes = 0;
    for (Index k = 1; k <= 2; ++k) notes += static_cast<Index>(sweep.iterate(k).notes.size());
    REQUIRE_ALL_ON(grid.comm(), sweep.rejections() == expected.rejections);
    REQUIRE_ALL_ON(grid.comm(), notes >= expected.rejections);
    require_same_weights(sweep.network(), expected.W, 1e-7);
  });
}

TEST_CASE("resync in full batch equals the reference on every grid") {
  for (const Case& c : kCases) {
    const reference::Problem problem = problem_of(c);
    reference::FullBatch expected(problem, {});
    for (int k = 0; k < 10; ++k) expected.iterate();
    on_every_layout(kUnitBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO(c.name);
      const SampleSet set = sample_set(problem, grid, block, {0, 70, 140, problem.samples()});
      Timers timers;
      FullBatchSweep sweep(topology_of(problem), block, grid, set,
                           parameters_for(problem, kFull, 10), timers);
      sweep.start(initial_network(grid, problem, block), false);
      for (Index k = 1; k <= 10; ++k) sweep.iterate(k);
      REQUIRE_ALL_ON(grid.comm(), sweep.rejections() == expected.rejections);
      REQUIRE_ALL_ON(grid.comm(), std::abs(sweep.step() - expected.eta) < 1e-9 * expected.eta);
      require_same_weights(sweep.network(), expected.W, 1e-10);
    });
  }
}

TEST_CASE("full batch: a step that makes the weights infinite is rejected, and nothing is lost") {
  const reference::Problem problem = problem_of(kCases[0]);
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    const SampleSet set = sample_set(problem, grid, 3, {0, 110, problem.samples()});
    Timers timers;
    ResyncParameters parameters = parameters_for(problem, kFull, 10);
    parameters.step = 1e300;
    FullBatchSweep sweep(topology_of(problem), 3, grid, set, parameters, timers);
    sweep.start(initial_network(grid, problem, 3), false);
    const IterationReport first = sweep.iterate(1);
    const IterationReport second = sweep.iterate(2);
    REQUIRE_ALL_ON(grid.comm(), sweep.rejections() == 1);
    REQUIRE_ALL_ON(grid.comm(), second.objective == first.objective);
    REQUIRE_ALL_ON(grid.comm(), sweep.network().all_finite());
  }
}

TEST_CASE("the printed sweep equals the reference on every grid") {
  for (const Case& c : kCases)
    for (const auto& [multiplier, init] : {std::pair{Multiplier::output, InitScheme::uniform},
                                           std::pair{Multiplier::residual, InitScheme::he},
                                           std::pair{Multiplier::none, InitScheme::normal}}) {
      reference::Problem problem = problem_of(c);
      problem.init = init;
      auto expected_parameters = reference::PrintedParameters::uniform(problem, 2.0, 3.0);
      expected_parameters.multiplier = multiplier;
      expected_parameters.warmup = 2;
      reference::Printed expected(problem, expected_parameters);
      for (int k = 0; k < 5; ++k) expected.iterate();
      const PrintedParameters parameters{expected_parameters.beta,
                                         expected_parameters.gamma,
                                         expected_parameters.ridge,
                                         2,
                                         multiplier,
                                         init,
                                         problem.seed,
                                         ActivationSolver::automatic,
                                         std::vector<SolverChoice>(c.hidden.size() + 1)};
      on_every_layout(kUnitBlocks, [&](const ProcessGrid& grid, Index block) {
        INFO(c.name);
        const SampleSet set = sample_set(problem, grid, block, {0, 100, problem.samples()});
        Timers timers;
        PrintedSweep sweep(topology_of(problem), block, grid, set, parameters, timers);
        sweep.start(initial_network(grid, problem, block), false);
        for (Index k = 1; k <= 5; ++k) sweep.iterate(k);
        require_same_weights(sweep.network(), expected.W, 1e-6);
      });
    }
}

}  // namespace admmnet::test
