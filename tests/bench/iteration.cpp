// A whole iteration of each sweep against the machine's own dgemm in the same run, and against the
// least number of flops and of bytes that it could do with. See kHelp.
#include <ctime>

#include <petscsys.h>

#include "config/config.h"
#include "driver.h"
#include "linalg/products.h"
#include "memory_use.h"
#include "methods/grid_choice.h"
#include "methods/taylor/parameters.h"
#include "methods/taylor/taylor.h"
#include "minimal_flops.h"
#include "runtime/error.h"
#include "synthetic_samples.h"

namespace admmnet::bench {
namespace {

const char* const kHelp =
    "mpirun -n 2 bench_iteration [-bench_KEY value ...] [any key of admmnet ...]\n"
    "  -bench_hidden 1024,1024    units of the hidden layers (784 inputs, 10 outputs)\n"
    "  -bench_inputs 784          -bench_outputs 10\n"
    "  -bench_samples 20000       random ones, the same on any grid\n"
    "  -bench_sweeps blocks,full,printed\n"
    "  -bench_repeats 3           iterations timed, after one or two that warm up\n"
    "  -bench_csv FILE            a row a sweep is appended\n"
    "  -grid_rows, -grid_block, -admm_..., -net_..., -linalg_...: as for admmnet train\n"
    "efficiency = flops / (median seconds x ranks x dgemm), with the flops counted and the least\n"
    "possible ones. Memory is the largest resident size of any rank, and by how much it grew for\n"
    "samples, state and work; the ratio is this growth, all ranks together, over the bytes of "
    "samples\n"
    "and state. Allocations of 64 KiB or more are those of one iteration, all ranks together.\n";

struct Problem {
  Topology topology;
  Index samples = 0;
  Options options;
  std::string sweep;
};

/// Of one iteration; sums over the ranks.
struct Counted {
  std::vector<double> seconds, cpu_seconds;
  double flops = 0.0, allocations = 0.0, allocated = 0.0;
  double peak = 0.0, growth = 0.0, growth_sum = 0.0, samples_and_state = 0.0;
  std::vector<PhaseTimes> phases;
  std::size_t notes = 0;
};

Problem make_problem(const Arguments& arguments, const std::string& sweep) {
  Problem problem;
  problem.sweep = sweep;
  problem.options = parse_options(arguments.others());
  TaylorOptions& admm = taylor_options(problem.options);
  if (sweep == "printed")
    admm.sweep = Sweep::printed;
  else if (sweep == "full")
    admm.sweep = Sweep::full;
  else if (sweep != "blocks")
    throw BadInput("-bench_sweeps: '" + sweep + "' is none of blocks, full, printed");
  problem.samples = arguments.number("samples", 20000);
  problem.topology.widths = {arguments.number("inputs", 784)};
  for (Index units : arguments.numbers("hidden", "1024")) problem.topology.widths.push_back(units);
  problem.topology.widths.push_back(arguments.number("outputs", 10));
  problem.topology.activation = problem.options.net.activation;
  problem.topology.bias = problem.options.net.bias;
  problem.topology.loss =
      problem.options.net.loss.value_or(taylor_method().default_loss(problem.options));
  taylor_method().resolve({problem.topology, problem.samples, 0, 0}, problem.options);
  return problem;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double flops_of_this_rank() {
  PetscLogDouble flops = 0.0;
  PetscGetFlops(&flops);
  return flops;
}

/// One timed iteration added to `counted`.
void time_iteration(TrainingMethod& method, Index k, MPI_Comm comm, Counted& counted) {
  const LargeAllocations before = large_allocations();
  const double flops = flops_of_this_rank(), cpu = cpu_seconds();
  counted.seconds.push_back(
      seconds_of(comm, [&] { counted.notes += method.iterate(k).notes.size(); }));
  counted.cpu_seconds.push_back(sum_over(comm, cpu_seconds() - cpu));
  counted.flops = sum_over(comm, flops_of_this_rank() - flops);
  const LargeAllocations after = large_allocations();
  counted.allocations = sum_over(comm, after.count - before.count);
  counted.allocated = sum_over(comm, after.bytes - before.bytes);
}

Counted measure(const Problem& problem, const ProcessGrid& grid, Index unit_block, Index repeats) {
  const MPI_Comm comm = grid.comm();
  Counted counted;
  forget_peak();
  const double before = resident_bytes();
  const SampleSet samples =
      synthetic_samples(problem.topology, problem.samples, grid, unit_block,
                        panel_bounds(problem.options, problem.samples, grid.cols()),
                        problem.options.linalg.precision == Precision::single);
  Timers timers;
  const auto method = taylor_method().make({problem.topology, problem.samples, 0, 0},
                                           problem.options, {grid, unit_block, samples, 0, timers});
  {
    Network initial(grid, problem.topology, unit_block);
    initial.initialise(InitScheme::he, 0);
    method->start(initial, false);
  }
  const Index warm_up = problem.sweep == "full" ? 2 : 1;  // its first takes no weight step
  for (Index k = 1; k <= warm_up; ++k) method->iterate(k);
  const std::vector<PhaseTimes> earlier = timers.summary(comm);
  for (Index k = 1; k <= repeats; ++k) time_iteration(*method, warm_up + k, comm, counted);
  counted.phases = timers.summary(comm);
  for (std::size_t i = 0; i < counted.phases.size(); ++i) {
    PhaseTimes& phase = counted.phases[i];
    phase.average = (phase.average - earlier[i].average) / static_cast<double>(repeats);
    phase.calls = (phase.calls - earlier[i].calls) / repeats;
  }
  counted.peak = max_over(comm, peak_bytes());
  counted.growth = max_over(comm, peak_bytes() - before);
  counted.growth_sum = sum_over(comm, peak_bytes() - before);
  counted.samples_and_state =
      bytes_of(method->state()) + 8.0 * static_cast<double>(problem.topology.extended(0)) *
                                      static_cast<double>(problem.samples);
  return counted;
}

void report(const Problem& problem, const ProcessGrid& grid, Index unit_block,
            const Counted& counted, const MachineRates& rates, const Csv& csv) {
  const MPI_Comm comm = grid.comm();
  constexpr double kMiB = 1048576.0;
  const MinimalFlops least = minimal_flops(problem.topology, problem.samples, problem.options);
  const Spread seconds = spread(counted.seconds), cpu = spread(counted.cpu_seconds);
  const double possible = 1e9 * seconds.median * grid.size() * rates.dgemm;
  const double efficiency = counted.flops / possible, minimal = least.total() / possible;
  const double memory_ratio = counted.growth_sum / counted.samples_and_state;
  const std::string shape = text({grid.rows(), grid.cols()});
  say(comm, "\n%s, %s, %lld samples, grid %s, blocks of %lld\n", problem.sweep.c_str(),
      problem.topology.text().c_str(), static_cast<long long>(problem.samples), shape.c_str(),
      static_cast<long long>(unit_block));
  say(comm, "  seconds             %8.3f  (%.3f to %.3f; CPU of all ranks %.3f)\n", seconds.median,
      seconds.min, seconds.max, cpu.median);
  say(comm, "  dgemm, sgemm        %8.1f  %.1f GF/s a rank\n", rates.dgemm, rates.sgemm);
  say(comm, "  flops counted       %8.2f  Gflop, %.3f of the least possible %.2f (%.2f cubic)\n",
      1e-9 * counted.flops, counted.flops / least.total(), 1e-9 * least.total(),
      1e-9 * least.cubic);
  say(comm, "  efficiency          %8.3f  of dgemm by counted flops, %.3f by least flops\n",
      efficiency, minimal);
  say(comm,
      "  memory              %8.0f  MiB a rank at most, %.0f more than before: %.2f x samples and "
      "state of %.0f MiB\n",
      counted.peak / kMiB, counted.growth / kMiB, memory_ratio, counted.samples_and_state / kMiB);
  say(comm, "  allocations         %8.0f  of 64 KiB or more, %.1f MiB\n", counted.allocations,
      counted.allocated / kMiB);
  if (counted.notes > 0) say(comm, "  rejections, fallbacks %6zu\n", counted.notes);
  for (const PhaseTimes& phase : counted.phases)
    if (phase.name != "total")
      say(comm, "    %-24s %8.3f s, %lld calls\n", phase.name.c_str(), phase.average,
          static_cast<long long>(phase.calls));
  csv.row({{"sweep", problem.sweep},
           {"network", problem.topology.text()},
           {"samples", std::to_string(problem.samples)},
           {"ranks", std::to_string(grid.size())},
           {"grid", shape},
           {"seconds_min", text_of("%.4f", seconds.min)},
           {"seconds_median", text_of("%.4f", seconds.median)},
           {"seconds_max", text_of("%.4f", seconds.max)},
           {"cpu_seconds", text_of("%.4f", cpu.median)},
           {"dgemm_gflops", text_of("%.2f", rates.dgemm)},
           {"gflop", text_of("%.3f", 1e-9 * counted.flops)},
           {"least_gflop", text_of("%.3f", 1e-9 * least.total())},
           {"efficiency", text_of("%.4f", efficiency)},
           {"least_efficiency", text_of("%.4f", minimal)},
           {"peak_mib", text_of("%.1f", counted.peak / kMiB)},
           {"growth_mib", text_of("%.1f", counted.growth / kMiB)},
           {"memory_ratio", text_of("%.3f", memory_ratio)},
           {"allocations", text_of("%.0f", counted.allocations)},
           {"allocated_mib", text_of("%.1f", counted.allocated / kMiB)}});
}

void run_sweep(const Problem& problem, Index repeats, const Csv& csv) {
  set_product_precision(problem.options.linalg.precision);
  const GridRequest request{size_of(MPI_COMM_WORLD), problem.options.grid.rows,
                            problem.options.grid.block};
  const GridCandidate choice =
      choose_grid(MethodCost(taylor_method(), {problem.topology, problem.samples, 0, 0},
                             problem.options, 0),
                  request, {})
          .best;
  const ProcessGrid grid(MPI_COMM_WORLD, choice.grid.rows, choice.grid.cols);
  if (!grid.contains_this_rank()) return;
  const MachineRates before = measure_machine(grid.comm());
  const Counted counted = measure(problem, grid, choice.unit_block, repeats);
  const MachineRates rates = best_of(before, measure_machine(grid.comm()));
  report(problem, grid, choice.unit_block, counted, rates, csv);
}

void run(const Arguments& arguments) {
  const Csv csv(arguments.text("csv", ""), MPI_COMM_WORLD);
  for (const std::string& sweep : arguments.list("sweeps", "blocks,full,printed"))
    run_sweep(make_problem(arguments, sweep), arguments.number("repeats", 3), csv);
}

}  // namespace
}  // namespace admmnet::bench

int main(int argc, char* argv[]) {
  using namespace admmnet::bench;
  admmnet::register_methods();
  return run_benchmark(argc, argv, kHelp,
                       {"hidden", "inputs", "outputs", "samples", "sweeps", "repeats", "csv"}, run);
}
