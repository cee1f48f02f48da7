// The plan of damped Gauss-Newton: what a run on shapes says of a pass against what is counted.
#include <petscsys.h>

#include "linalg/grids.h"
#include "methods/gauss_newton/options.h"
#include "methods/method_cost.h"
#include "methods/sample_sets.h"
#include "reference/synthetic.h"
#include "support/mpi_check.h"
#include "support/registered_methods.h"

namespace admmnet::test {

// Three products a direction, so that none is left out, and so much damping that no direction is
// rejected: an outer step is then 1 + (1/3 + 1 + 3)/3 passes, and 22 passes are nine steps.
TEST_CASE("flops of a pass are predicted as counted", "[ranks:1-2]") {
  constexpr Index kSamples = 90, kFirst = 2, kPasses = 22;
  reference::Problem problem = reference::synthetic_problem(7, kSamples, {6, 5}, 4);
  problem.activation = {ActivationKind::tanh};
  const MethodKind& method = method_named("gauss_newton");
  const Topology topology = topology_of(problem);
  const ProblemSize size{topology, kSamples, 0, 0};
  Options options;
  options.train.iterations = 100;
  GaussNewtonOptions& gauss_newton = gauss_newton_options(options);
  gauss_newton.curvature_columns = 30;
  gauss_newton.cg_iterations = 3;
  gauss_newton.damping = 1e3;
  method.resolve(size, options);
  REQUIRE(method.rehearsed_passes(size, options) == kPasses);
  const double predicted = MethodCost(method, size, options, 0).flops();
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const SampleSet set =
        sample_set(problem, grid, block, method.panel_bounds(options, kSamples, grid.cols()));
    Timers timers;
    const auto run = method.make(size, options, {grid, block, set, 0, timers});
    Network initial(grid, topology, block);
    initial.initialise(InitScheme::xavier, 1);
    run->start(initial, false);
    for (Index k = 1; k <= kFirst; ++k) run->iterate(k);
    PetscLogDouble before = 0.0, after = 0.0;
    PetscGetFlops(&before);
    for (Index k = 1; k <= kPasses; ++k) CHECK(run->iterate(kFirst + k).notes.empty());
    PetscGetFlops(&after);
    const double counted = sum_over(grid.comm(), after - before) / kPasses;
    CAPTURE(grid.rows(), grid.cols(), block);
    CHECK(predicted == Approx(counted).epsilon(1e-12));
  });
}

}  // namespace admmnet::test
