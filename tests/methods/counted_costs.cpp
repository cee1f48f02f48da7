// The cost model against what the sweeps really do: flops as PETSc logs them, messages and bytes as
// the communication counter sees them, on every grid of the ranks at hand.
#include <cmath>

#include <petscsys.h>

#include "linalg/grids.h"
#include "methods/sample_sets.h"
#include "methods/taylor/cost_model.h"
#include "methods/taylor/parameters.h"
#include "methods/taylor/taylor.h"
#include "runtime/communication_counter.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

constexpr Index kBlock = 32;

/// 150-220-180-10: several blocks in every dimension but the last.
reference::Problem problem() {
  reference::Problem result;
  const Index samples = 480;
  result.X = reference::Matrix(150, samples);
  for (Index j = 0; j < samples; ++j)
    for (Index i = 0; i < 150; ++i) result.X(i, j) = entry(i, j, 1);
  for (Index j = 0; j < samples; ++j) result.labels.push_back(static_cast<int>(j % 10));
  result.hidden = {220, 180};
  result.outputs = 10;
  return result;
}

struct Counted {
  double flops, messages, bytes;
};

/// The mean over the second and third iteration, a rank; flops of all ranks.
Counted count(const Options& options, const reference::Problem& samples, const ProcessGrid& grid) {
  const Topology topology = topology_of(samples);
  const SampleSet set =
      sample_set(samples, grid, kBlock, panel_bounds(options.admm, samples.samples(), grid.cols()));
  Timers timers;
  const auto method = make_taylor(options, topology, kBlock, grid, set, timers).method;
  Network start(grid, topology, kBlock);
  start.initialise(InitScheme::he, 1);
  method->start(start, false);
  method->iterate(1);
  PetscLogDouble before = 0.0, after = 0.0;
  PetscGetFlops(&before);
  start_counting_communication();
  method->iterate(2);
  method->iterate(3);
  const PhaseCommunication total = communication_summary(grid.comm()).back();
  PetscGetFlops(&after);
  return {sum_over(grid.comm(), after - before) / 2.0, total.messages.average / 2.0,
          total.bytes.average / 2.0};
}

void compare(const Options& options, Loss loss) {
  reference::Problem samples = problem();
  samples.loss = loss;
  const SweepShape sweep = sweep_shape(options, topology_of(samples), samples.samples());
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    const Counted counted = count(options, samples, grid);
    const Work predicted = predict({topology_of(samples), samples.samples(), 0, 0}, sweep,
                                   {grid.rows(), grid.cols()}, kBlock, {})
                               .total;
    INFO(grid.rows() << " x " << grid.cols() << ": flops " << counted.flops << " predicted "
                     << predicted.flops << ", messages " << counted.messages << " predicted "
                     << predicted.messages << ", bytes " << counted.bytes << " predicted "
                     << predicted.bytes);
    // Flops: the same closed forms. Bytes: exact on 1 x P but for a few scalars; else the edges of
    // panels are smoothed out, which these small matrices show. Messages: an estimate.
    const bool data_parallel = grid.rows() == 1;
    CHECK(predicted.flops == Approx(counted.flops).epsilon(1e-12));
    CHECK(predicted.bytes == Approx(counted.bytes).epsilon(data_parallel ? 0.01 : 0.15));
    CHECK(predicted.messages <= 2.0 * counted.messages);
    CHECK(predicted.messages >= 0.5 * counted.messages);
  }
}

}  // namespace

TEST_CASE("blocks: predicted as counted") {
  Options options;
  options.admm.blocks = 4;
  options.admm.step = options.admm.step_output = 0.01;  // no block is rejected
  compare(options, Loss::softmax);
}

TEST_CASE("full batch: predicted as counted") {
  Options options;
  options.admm.blocks = 1;
  compare(options, Loss::multiclass_hinge);
}

TEST_CASE("printed: predicted as counted") {
  Options options;
  options.admm.sweep = Sweep::printed;
  compare(options, Loss::squared);
}

}  // namespace admmnet::test
