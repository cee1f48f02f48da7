// dlADMM: what must hold whatever the numbers (src/methods/dladmm/README.md §2, §5, §6).
#include <cmath>

#include <petscsys.h>

#include "methods/dladmm_runs.h"
#include "methods/method_cost.h"
#include "proximal/loss_functions.h"
#include "runtime/error.h"

namespace admmnet::test {

TEST_CASE("stopped after any layer and continued: bitwise the same") {
  for (const DladmmSettings& settings : {exact(), published(DladmmOmega::l1, 0.003)}) {
    const std::vector<Index> splits =
        settings.exact ? std::vector<Index>{1, 6} : std::vector<Index>{4};
    for (const ProcessGrid& grid : all_grids()) {
      if (!grid.contains_this_rank()) continue;
      auto straight = started(settings, small_problem(), grid);
      IterationReport expected;
      for (Index k = 1; k <= 3; ++k) expected = straight->method->iterate(k);
      for (const Index split : splits) {  // layers of iteration 2
        CAPTURE(settings.exact, split, grid.rows(), grid.cols());
        auto first = started(settings, small_problem(), grid);
        first->method->iterate(1);
        StepReport step;
        while (step.done != split || step.of != 6) step = first->method->step(2);
        REQUIRE(step.resumable);
        REQUIRE(step.pass.has_value() == (split == 6));
        auto second = make_run(settings, small_problem(), grid, 3);
        copy_state(first->method->state(), second->method->state());
        second->method->resume();
        if (split < 6) second->method->iterate(2);
        const IterationReport report = second->method->iterate(3);
        REQUIRE_ALL_ON(grid.comm(),
                       same_weights(straight->method->network(), second->method->network()));
        REQUIRE(report.lagrangian == expected.lagrangian);
        REQUIRE(report.dual_residual == expected.dual_residual);
        REQUIRE(report.train.loss == expected.train.loss);
      }
    }
  }
}

TEST_CASE("with exact sub-solves an iteration is a map of z, a, m and u") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    auto straight = started(exact(), small_problem(), grid);
    for (Index k = 1; k <= 2; ++k) straight->method->iterate(k);
    auto other = make_run(exact(), small_problem(), grid, 3);
    Network zero(grid, topology_of(small_problem()), 3);
    other->method->start(zero, true);  // other weights, which must not matter
    copy_state(straight->method->map_state(), other->method->map_state());
    straight->method->iterate(3);
    other->method->iterate(3);
    REQUIRE_ALL_ON(grid.comm(),
                   same_weights(straight->method->network(), other->method->network()));
    REQUIRE(started(published(), small_problem(), grid)->method->map_state().tensors.empty());
  }
}

TEST_CASE("-u lies in the subdifferential of the loss at z_L after each iteration", "[ranks:1-2]") {
  // 0 = s + u in exact arithmetic; entries of size 1, so some hundred roundings.
  constexpr double kTolerance = 1e-12;
  for (Loss loss : {Loss::squared, Loss::hinge, Loss::multiclass_hinge, Loss::softmax})
    for (DladmmSettings settings : {exact(0.7, 0.1), published()}) {
      reference::Problem problem = small_problem();
      problem.loss = loss;
      const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
      const auto run = started(settings, problem, grid);
      for (Index k = 1; k <= 3; ++k) {
        run->method->iterate(k);
        bool holds = true;
        for (std::size_t p = 0; p < run->set.panels.size(); ++p) {
          const auto z = gather(run->sweep().z_output(p)), u = gather(run->sweep().multiplier(p));
          for (Index j = 0; j < run->set.panels[p].count; ++j) {
            double s[3];
            for (Index i = 0; i < 3; ++i) s[i] = -u[static_cast<std::size_t>(i + 3 * j)];
            const auto sample = static_cast<std::size_t>(run->set.panels[p].first + j);
            holds = holds && in_loss_subdifferential(loss, 3, z.data() + 3 * j,
                                                     problem.labels[sample], s, kTolerance);
          }
        }
        CAPTURE(loss->name, settings.exact, k);
        REQUIRE_ALL(holds);
      }
    }
}

TEST_CASE("the augmented Lagrangian never rises", "[ranks:1]") {
  // Every step but that of u minimises it or goes down along a gradient, and that of u adds
  // |u's change|^2 / rho, which is less where rho > 2 H, H the Lipschitz constant of the loss's
  // gradient (squared 1, softmax 1/2); below that it was found to hold as well
  // (src/methods/dladmm/README.md §7).
  // A ridge is no part of it, so that a large one is a case of its own.
  struct Regime {
    Loss loss;
    DladmmSettings settings;
  };
  const auto with_ridge = [](DladmmSettings settings, double first, double last) {
    settings.ridge_first = first;
    settings.ridge_last = last;
    settings.iterations = 20;
    return settings;
  };
  const Regime regimes[] = {
      {Loss::squared, with_ridge(exact(2.5, 2.5), 1e-9, 1e-9)},  // the theorem's
      {Loss::softmax, with_ridge(exact(1.1, 0.11), 1e-9, 1e-9)},
      {Loss::squared, with_ridge(exact(1.0, 0.025), 0.1, 0.01)},  // the defaults
      {Loss::softmax, with_ridge(exact(0.1, 0.1), 0.1, 0.01)},
      {Loss::squared, published()},
      {Loss::squared, published(DladmmOmega::ridge, 0.01)},
      {Loss::softmax, published(DladmmOmega::l1, 0.003)}};
  for (const Regime& regime : regimes) {
    reference::Problem problem = small_problem();
    problem.loss = regime.loss;
    const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
    const auto run = started(regime.settings, problem, grid);
    double before = run->method->iterate(1).lagrangian;
    for (Index k = 2; k <= 20; ++k) {
      const double now = run->method->iterate(k).lagrangian;
      CAPTURE(regime.loss->name, regime.settings.exact, regime.settings.rho, k, before, now);
      REQUIRE(now <= before * (1.0 + 1e-12));
      before = now;
    }
  }
}

// src/methods/dladmm/README.md §5.4, with ones and small matrices.
TEST_CASE("planned flops are those of the page, and those done") {
  const double N = 120, n0 = 10, n1 = 12, n2 = 7, n3 = 3;
  const reference::Problem& problem = small_problem();
  const auto solve = [](double n, double m) { return n * n * n / 3 + 2 * n * n * m; };
  const auto correction = [](double m, double n) {  // of m x n, m < n
    return 2 * (m * (m + 1) * n + m * m * m / 3 + 2 * m * m * n);
  };
  const double a = 1.0;  // the row of ones
  const double forward = 2 * N * (n1 * (n0 + a) + n2 * (n1 + a) + n3 * (n2 + a));
  const double gram = (n1 + a) * (n1 + 2 * a) + (n2 + a) * (n2 + 2 * a);
  const double expected = forward + forward          // m, and the score of training
                          + 2 * N * (n1 * (n0 + a))  // W_1
                          + 2 * N * (gram + 2 * n2 * (n1 + a) + 2 * n3 * (n2 + a)) +
                          2 * N * (4 * n1 * n2 + 2 * n2 + 4 * n2 * n3 + 2 * n3)  // a_1, a_2
                          + solve(n0 + a, n1) + 2 * solve(n1 + a, n2) + 2 * solve(n2 + a, n3) +
                          correction(n2, n1) + correction(n3, n2);
  DladmmSettings settings = exact();
  settings.iterations = 30;  // so that every iteration has a ridge of its own
  const Options options = options_for(settings, problem);
  const Cost cost =
      MethodCost(dladmm_method(), {topology_of(problem), 120, 0, 0}, options, 0).on({1, 1}, 3, {});
  CHECK(cost.total.flops == Approx(expected).epsilon(1e-12));
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    const auto run = started(settings, problem, grid);
    PetscLogDouble before = 0.0, after = 0.0;
    for (Index k = 1; k <= 2; ++k) run->method->iterate(k);
    PetscGetFlops(&before);
    run->method->iterate(3);
    PetscGetFlops(&after);
    CAPTURE(grid.rows(), grid.cols());
    CHECK(grid.sum(after - before) == Approx(cost.total.flops).epsilon(1e-9));
  }
}

TEST_CASE("NaN in the weights is a numerical breakdown on every rank") {
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  for (const DladmmSettings& settings : {exact(), published()})
    for (const bool trained : {false, true}) {
      CAPTURE(settings.exact, trained);
      auto run = make_run(settings, small_problem(), grid, 3);
      Network weights = weights_at_start(small_problem(), grid, 3);
      if (grid.rank() == 0 && weights.W(1).local_cols() > 0) weights.W(1).at(0, 0) = NAN;
      bool broke_down = false;
      try {
        run->method->start(weights, trained);
        run->method->iterate(1);
      } catch (const Error& error) {
        broke_down = error.code() == ExitCode::breakdown;
      }
      REQUIRE_ALL(broke_down);
    }
}

}  // namespace admmnet::test
