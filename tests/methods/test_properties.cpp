// What must hold whatever the numbers: restart equals no restart, runs repeat bitwise, multipliers
// lie in the subdifferential, the printed objective falls, NaN stops the run.
#include "config/names.h"
#include "linalg/grids.h"
#include "methods/copied_state.h"
#include "methods/made_method.h"
#include "methods/sample_sets.h"
#include "methods/taylor/printed_sweep.h"
#include "proximal/loss_functions.h"
#include "reference/synthetic.h"
#include "runtime/error.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

struct Setup {
  const char* name;
  Sweep sweep;
  std::vector<Index> bounds;
};

const Setup kSetups[] = {{"blocks", Sweep::blocks, {}},
                         {"full", Sweep::full, {0, 80, 160}},
                         {"printed", Sweep::printed, {0, 80, 160}}};
constexpr Index kBlocksOfPass = 9;

struct Run {
  SampleSet set;
  Timers timers;
  std::unique_ptr<TrainingMethod> method;
};

/// A method of the setup on this grid, not started yet.
std::unique_ptr<Run> make_run(const Setup& setup, const reference::Problem& problem,
                              const ProcessGrid& grid) {
  Options options;
  taylor_options(options).sweep = setup.sweep;
  taylor_options(options).blocks = kBlocksOfPass;
  taylor_options(options).warmup = 2;
  options.train.iterations = 6;
  options = resolved(options, topology_of(problem), problem.samples());
  auto run = std::make_unique<Run>();
  const auto bounds =
      setup.bounds.empty() ? panel_bounds(options, problem.samples(), grid.cols()) : setup.bounds;
  run->set = sample_set(problem, grid, 3, bounds);
  run->method = made(options, topology_of(problem), 3, grid, run->set, run->timers);
  return run;
}

Network start_weights(const reference::Problem& problem, const ProcessGrid& grid) {
  Network network(grid, topology_of(problem), 3);
  network.initialise(InitScheme::he, 1);
  return network;
}

}  // namespace

TEST_CASE("k iterations, a fresh object given the state, and the rest: bitwise the same") {
  const auto problem = reference::synthetic_problem(10, 160, {12, 7}, 3);
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (const Setup& setup : kSetups) {
      auto straight = make_run(setup, problem, grid);
      straight->method->start(start_weights(problem, grid), false);
      for (Index k = 1; k <= 6; ++k) straight->method->iterate(k);
      for (Index split : {1, 2, 5}) {  // within and after what is done every other time
        INFO(setup.name << ", split after " << split);
        auto first = make_run(setup, problem, grid);
        first->method->start(start_weights(problem, grid), false);
        for (Index k = 1; k <= split; ++k) first->method->iterate(k);
        auto second = make_run(setup, problem, grid);
        copy_state(first->method->state(), second->method->state());
        second->method->resume();
        for (Index k = split + 1; k <= 6; ++k) second->method->iterate(k);
        REQUIRE_ALL_ON(grid.comm(),
                       same_bits(straight->method->network(), second->method->network()));
      }
    }
  }
}

TEST_CASE("in the middle of a pass of blocks the state is all that the rest depends on") {
  const auto problem = reference::synthetic_problem(10, 160, {12, 7}, 3);
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    auto straight = make_run(kSetups[0], problem, grid);
    straight->method->start(start_weights(problem, grid), false);
    straight->method->iterate(1);
    const IterationReport expected = straight->method->iterate(2);
    for (Index split : {1, 4, 8}) {
      INFO("split after step " << split);
      auto first = make_run(kSetups[0], problem, grid);
      first->method->start(start_weights(problem, grid), false);
      first->method->iterate(1);
      StepReport step;
      while (step.done != split || step.of != kBlocksOfPass) step = first->method->step(2);
      REQUIRE(step.resumable);
      REQUIRE_FALSE(step.pass);
      auto second = make_run(kSetups[0], problem, grid);
      copy_state(first->method->state(), second->method->state());
      second->method->resume();
      const IterationReport report = second->method->iterate(2);
      REQUIRE_ALL_ON(grid.comm(),
                     same_bits(straight->method->network(), second->method->network()));
      REQUIRE(report.objective == expected.objective);
      REQUIRE(report.primal_residual == expected.primal_residual);
      REQUIRE(report.train.score == expected.train.score);
    }
  }
}

TEST_CASE("full and printed say that the middle of a pass cannot be resumed") {
  const auto problem = reference::synthetic_problem(10, 160, {12, 7}, 3);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  for (const Setup& setup : {kSetups[1], kSetups[2]}) {
    INFO(setup.name);
    auto run = make_run(setup, problem, grid);
    run->method->start(start_weights(problem, grid), false);
    for (Index i = 1; i <= 4; ++i) {  // two panels, each seen twice
      const StepReport step = run->method->step(1);
      REQUIRE(step.done == i);
      REQUIRE(step.of == 4);
      REQUIRE(step.resumable == (i == 4));
      REQUIRE(step.pass.has_value() == (i == 4));
    }
  }
}

TEST_CASE("-lambda lies in the subdifferential of the loss at z_L once the multiplier moves") {
  // lambda + s = 0 in exact arithmetic; entries of size 1, so some hundred roundings.
  constexpr double kTolerance = 1e-12;
  for (Loss loss : {Loss::squared, Loss::hinge, Loss::multiclass_hinge, Loss::softmax})
    for (Multiplier multiplier : {Multiplier::output, Multiplier::residual}) {
      auto problem = reference::synthetic_problem(8, 90, {9}, 3);
      problem.loss = loss;
      for (const ProcessGrid& grid : all_grids()) {
        if (!grid.contains_this_rank()) continue;
        const SampleSet set = sample_set(problem, grid, 3, {0, 50, 90});
        Timers timers;
        PrintedSweep sweep(topology_of(problem), 3, grid, set,
                           {{1.0, 2.0},
                            {3.0},
                            1e-6,
                            1,
                            multiplier,
                            InitScheme::he,
                            0,
                            ActivationSolver::automatic,
                            std::vector<SolverChoice>(2)},
                           timers);
        sweep.start(start_weights(problem, grid), false);
        for (Index k = 1; k <= 4; ++k) {
          sweep.iterate(k);
          if (k == 1) continue;  // warm-up
          bool holds = true;
          for (std::size_t p = 0; p < set.panels.size(); ++p) {
            const auto z = gather(sweep.z_output(p)), lambda = gather(sweep.multiplier(p));
            for (Index j = 0; j < set.panels[p].count; ++j) {
              double s[3];
              for (Index i = 0; i < 3; ++i) s[i] = -lambda[static_cast<std::size_t>(i + 3 * j)];
              holds =
                  holds && in_loss_subdifferential(
                               loss, 3, z.data() + 3 * j,
                               problem.labels[static_cast<std::size_t>(set.panels[p].first + j)], s,
                               kTolerance);
            }
          }
          CAPTURE(name_of(loss), name_of(multiplier), k);
          REQUIRE_ALL_ON(grid.comm(), holds);
        }
      }
    }
}

TEST_CASE("without multiplier the printed objective never rises") {
  const auto problem = reference::synthetic_problem(8, 120, {10, 6}, 3);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const SampleSet set = sample_set(problem, grid, 3, {0, 120});
  Timers timers;
  // Without ridge every step is an exact minimisation of the objective.
  PrintedSweep sweep(topology_of(problem), 3, grid, set,
                     {{1.0, 1.0, 1.0},
                      {2.0, 2.0},
                      1e-12,
                      0,
                      Multiplier::none,
                      InitScheme::normal,
                      0,
                      ActivationSolver::automatic,
                      std::vector<SolverChoice>(3)},
                     timers);
  sweep.start(start_weights(problem, grid), false);
  double before = INFINITY;
  for (Index k = 1; k <= 15; ++k) {
    const double objective = sweep.iterate(k).objective;
    REQUIRE(objective <= before * (1.0 + 1e-9));  // the ridge of 1e-12 and rounding
    before = objective;
  }
}

TEST_CASE("both activation solvers give the same iterates") {
  const auto problem = reference::synthetic_problem(8, 120, {10, 6}, 3);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const SampleSet set = sample_set(problem, grid, 3, {0, 120});
  Timers timers;
  std::vector<double> results[2];
  for (int i = 0; i < 2; ++i) {
    PrintedSweep sweep(topology_of(problem), 3, grid, set,
                       {{1.0, 1.0, 1.0},
                        {2.0, 2.0},
                        1e-6,
                        0,
                        Multiplier::none,
                        InitScheme::he,
                        0,
                        i == 0 ? ActivationSolver::correction : ActivationSolver::cholesky,
                        std::vector<SolverChoice>(3)},
                       timers);
    sweep.start(start_weights(problem, grid), false);
    for (Index k = 1; k <= 3; ++k) sweep.iterate(k);
    results[i] = gather(sweep.network().W(2));
  }
  // cond of the Gram matrices up to 1e6, three iterations
  REQUIRE(largest_difference(results[0], results[1]) <= 1e-8);
}

TEST_CASE("full batch: hidden z kept or formed twice, bitwise the same iterates") {
  const auto problem = reference::synthetic_problem(8, 120, {10, 6}, 3);
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    const SampleSet set = sample_set(problem, grid, 3, {0, 50, 90, 120});
    Options options;
    taylor_options(options).sweep = Sweep::full;
    options = resolved(options, topology_of(problem), problem.samples());
    Timers timers;
    std::vector<double> results[2];
    for (int i = 0; i < 2; ++i) {
      taylor_options(options).hidden_z = i == 0 ? HiddenZ::keep : HiddenZ::recompute;
      const auto method = made(options, topology_of(problem), 3, grid, set, timers);
      method->start(start_weights(problem, grid), false);
      for (Index k = 1; k <= 3; ++k) method->iterate(k);
      results[i] = gather(method->network().W(2));
    }
    REQUIRE_ALL_ON(grid.comm(), results[0] == results[1]);
  }
}

TEST_CASE("NaN in the state is a numerical breakdown on every rank") {
  const auto problem = reference::synthetic_problem(8, 160, {10}, 3);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  for (const Setup& setup : kSetups) {
    INFO(setup.name);
    auto run = make_run(setup, problem, grid);
    Network weights = start_weights(problem, grid);
    if (grid.rank() == 0 && weights.W(1).local_cols() > 0) weights.W(1).at(0, 0) = NAN;
    bool broke_down = false;
    try {
      run->method->start(weights, true);
      for (Index k = 1; k <= 2; ++k) run->method->iterate(k);
    } catch (const Error& error) {
      broke_down = error.code() == ExitCode::breakdown;
    }
    REQUIRE_ALL(broke_down);
  }
}

}  // namespace admmnet::test
