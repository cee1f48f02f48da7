#include "methods/counted_sweep.h"

#include <algorithm>
#include <map>

#include <petscsys.h>

#include "linalg/grids.h"
#include "methods/made_method.h"
#include "methods/method_cost.h"
#include "methods/sample_sets.h"
#include "methods/taylor/parameters.h"
#include "runtime/communication_counter.h"

namespace admmnet::test {
namespace {

constexpr Index kFirst = 2;    // iterations before
constexpr Index kCounted = 1;  // iterations; each sends the same

reference::Problem make_problem(const CaseSize& size, Loss loss) {
  reference::Problem problem;
  problem.X = reference::Matrix(size.widths.front(), size.samples);
  for (Index j = 0; j < size.samples; ++j)
    for (Index i = 0; i < problem.X.rows; ++i) problem.X(i, j) = entry(i, j, 1);
  problem.outputs = size.widths.back();
  for (Index j = 0; j < size.samples; ++j)
    problem.labels.push_back(static_cast<int>(j % problem.outputs));
  problem.hidden.assign(size.widths.begin() + 1, size.widths.end() - 1);
  problem.loss = loss;
  return problem;
}

/// This rank's flops in the phase so far, as PETSc logged them; with the name "total", all of them.
double logged_flops(const std::string& phase) {
  PetscLogDouble all = 0.0;
  PetscGetFlops(&all);
  if (phase == "total") return all;
  PetscLogEvent event = -1;
  PetscLogEventGetId(phase.c_str(), &event);
  PetscEventPerfInfo info{};
  if (event >= 0) PetscLogEventGetPerfInfo(0, event, &info);
  return info.flops;
}

/// The phases are named as the communication counter names them.
std::vector<ComparedPhase> count(const SweepCase& sweep, const CaseSize& size,
                                 const ProcessGrid& grid) {
  // One for all cases: each phase has one log event.
  static Timers timers;
  const reference::Problem problem = make_problem(size, sweep.loss);
  const Topology topology = topology_of(problem);
  const Options options = resolved(sweep.options, topology, size.samples);
  const SampleSet train =
      sample_set(problem, grid, size.unit_block, panel_bounds(options, size.samples, grid.cols()));
  const auto method = made(options, topology, size.unit_block, grid, train, timers);
  Network start(grid, topology, size.unit_block);
  start.initialise(InitScheme::he, 1);
  method->start(start, false);
  // The first iterations find the phases; the full batch does less in its first, and makes matrices
  // in its second.
  PetscLogDefaultBegin();
  start_counting_communication(grid.comm());
  for (Index k = 1; k <= kFirst; ++k) method->iterate(k);
  std::map<std::string, double> before;
  for (const PhaseCommunication& phase : communication_summary(grid.comm()))
    before[phase.name] = logged_flops(phase.name);
  start_counting_communication(grid.comm());
  for (Index k = 1; k <= kCounted; ++k) method->iterate(kFirst + k);
  std::vector<ComparedPhase> result;
  for (const PhaseCommunication& phase : communication_summary(grid.comm())) {
    const double flops = logged_flops(phase.name) - before[phase.name];
    const Work all{sum_over(grid.comm(), flops), phase.messages.average, phase.bytes.average, 0.0};
    result.push_back({phase.name, 1.0 / kCounted * all, {}});
  }
  return result;
}

}  // namespace

std::vector<SweepCase> sweep_cases() {
  SweepCase blocks{"blocks", {}, Loss::softmax};
  TaylorOptions& admm = taylor_options(blocks.options);
  admm.blocks = 4;
  admm.step = admm.step_output = 0.01;  // no block is rejected
  blocks.options.linalg.weight_solver = {WeightSolver::cholesky};
  blocks.options.linalg.activation_solver = ActivationSolver::correction;
  SweepCase full{"full batch", {}, Loss::multiclass_hinge};
  taylor_options(full.options).sweep = Sweep::full;
  SweepCase printed{"printed", {}, Loss::squared};
  taylor_options(printed.options).sweep = Sweep::printed;
  return {blocks, full, printed};
}

SweepCase wide_case() {
  SweepCase wide = sweep_cases().front();
  wide.name = "blocks, wide";
  wide.options.linalg.weight_solver = {WeightSolver::cholesky, WeightSolver::dual,
                                       WeightSolver::low_rank};
  wide.options.linalg.activation_solver = ActivationSolver::ray;
  return wide;
}

std::vector<ComparedPhase> compare_with_model(const SweepCase& sweep, const CaseSize& size,
                                              const ProcessGrid& grid) {
  Topology topology;
  topology.widths = size.widths;
  topology.loss = sweep.loss;
  const Options options = resolved(sweep.options, topology, size.samples);
  std::vector<ComparedPhase> phases = count(sweep, size, grid);
  const Cost cost = MethodCost(taylor_method(), {topology, size.samples, 0, 0}, options, 0)
                        .on({grid.rows(), grid.cols()}, size.unit_block, {});
  std::vector<ComparedPhase> unknown;
  for (const PhaseCost& phase : cost.phases) {
    const auto same = std::find_if(phases.begin(), phases.end(),
                                   [&](const ComparedPhase& p) { return p.name == phase.name; });
    if (same != phases.end())
      same->predicted = phase.work;
    else
      unknown.push_back({phase.name, {}, phase.work});
  }
  phases.back().predicted = cost.total;
  phases.insert(phases.end() - 1, unknown.begin(), unknown.end());
  return phases;
}

}  // namespace admmnet::test
