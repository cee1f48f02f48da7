#include "commands/plan.h"

#include <algorithm>
#include <limits>

#include "commands/commands.h"
#include "commands/formatted.h"
#include "commands/input_components.h"
#include "commands/scaling.h"
#include "commands/topology.h"
#include "config/schema.h"
#include "data/dataset.h"
#include "linalg/products.h"
#include "runtime/error.h"
#include "runtime/files.h"
#include "runtime/log.h"
#include "runtime/machine.h"

namespace admmnet {
namespace {

std::string gigabytes(double bytes) {
  return formatted("%.3g GB", 1e-9 * bytes);
}

MachineParameters machine_parameters(const PlanOptions& options, double memory) {
  MachineParameters machine;
  machine.gemm_gflops = options.gflops.value_or(machine.gemm_gflops);
  machine.latency_seconds = options.latency.value_or(machine.latency_seconds);
  if (options.bandwidth) machine.bandwidth_bytes_per_second = 1e9 * *options.bandwidth;
  machine.memory_bytes_per_rank = options.memory ? 1e9 * *options.memory : memory;
  return machine;
}

std::string number_of(int ranks) {
  return std::to_string(ranks) + (ranks == 1 ? " rank" : " ranks");
}

/// Why no grid will do, and what to do about it.
std::string refusal(const Plan& plan, const GridRequest& request) {
  const Cost& cost = plan.choice.best.cost;
  const std::string where =
      " on " + number_of(plan.ranks) + " (grid " + text(plan.choice.best.grid) + ")";
  const int enough = ranks_that_fit(plan.costs(), request, plan.machine);
  const std::string remedy = enough > 0 ? "use " + std::to_string(enough) + " ranks or more"
                                        : std::string("no number of ranks will do");
  if (cost.longest_array > std::numeric_limits<int>::max())
    return plan.problem().topology.text() + where +
           formatted(
               " puts %.3g elements into one array of a rank, more than the 2^31 - 1 that "
               "ScaLAPACK counts to: ",
               cost.longest_array) +
           remedy + (request.rows ? ", or leave -grid_rows auto" : "");
  return plan.problem().topology.text() + where + " needs " + gigabytes(cost.memory_bytes) +
         " a rank, and " + gigabytes(plan.machine.memory_bytes_per_rank) + " are there: " + remedy +
         (request.rows ? ", leave -grid_rows auto," : ",") +
         " put fewer ranks on a node, or set -plan_memory if there is more than the system says";
}

std::string summary(const Plan& plan) {
  const Cost& cost = plan.choice.best.cost;
  std::string memory = gigabytes(cost.memory_bytes);
  if (plan.machine.memory_bytes_per_rank > 0.0)
    memory += " of " + gigabytes(plan.machine.memory_bytes_per_rank);
  return plan.choice.reason + "; blocks of " + std::to_string(plan.unit_block) + ", " + memory +
         formatted(" a rank, %.3g Tflop a pass", 1e-12 * cost.total.flops);
}

std::string row(const GridCandidate& candidate, bool chosen) {
  const Cost& cost = candidate.cost;
  return formatted("  %-13s %6lld %11.4g %11.4g %12.4g %10.4g%s\n", text(candidate.grid).c_str(),
                   static_cast<long long>(candidate.unit_block), cost.total.seconds,
                   1e-9 * cost.total.bytes, cost.total.messages, 1e-9 * cost.memory_bytes,
                   chosen ? "  <- taken" : "");
}

std::string row(const std::string& name, const Work& work) {
  return formatted("  %-26s %11.4g %12.4g %11.4g %11.4g\n", name.c_str(), 1e-9 * work.flops,
                   work.messages, 1e-6 * work.bytes, work.seconds);
}

/// Whether it is to be taken rather than one before it.
bool better(const GridChoice& choice, const GridChoice& before) {
  if (!choice.runs) return false;
  if (choice.fits != before.fits) return choice.fits;
  const Cost &a = choice.best.cost, &b = before.best.cost;
  return choice.fits ? a.total.seconds < b.total.seconds : a.memory_bytes < b.memory_bytes;
}

}  // namespace

Plan consider_plan(const Options& options, const ProblemSize& problem, int ranks, double memory) {
  if (options.grid.rows && *options.grid.rows > ranks)
    throw BadInput("-grid_rows " + std::to_string(*options.grid.rows) + " does not fit " +
                   number_of(ranks) + ": set fewer rows, or auto");
  Plan plan;
  plan.ranks = ranks;
  plan.iterations = options.train.iterations.value();
  plan.machine = machine_parameters(options.plan, memory);
  const MethodKind& method = method_named(options.train.method);
  for (std::size_t way = 0; way < method.ways(options); ++way)
    plan.ways.push_back(std::make_shared<const MethodCost>(method, problem, options, way));
  const GridRequest request{ranks, options.grid.rows, options.grid.block};
  for (std::size_t way = 0; way < plan.ways.size(); ++way) {
    GridChoice choice = choose_grid(*plan.ways[way], request, plan.machine);
    if (!plan.choice.runs || better(choice, plan.choice)) {
      plan.way = way;
      plan.choice = std::move(choice);
    }
  }
  if (!plan.choice.runs)
    throw BadInput(method.keys().method + " cannot run on " + number_of(ranks) +
                   " with these keys: the columns of the process grid must be a multiple of " +
                   std::to_string(method.parts(options, 0)));
  if (!plan.choice.fits) plan.refusal = refusal(plan, request);
  plan.rows = plan.choice.best.grid.rows;
  plan.cols = plan.choice.best.grid.cols;
  plan.unit_block = plan.choice.best.unit_block;
  plan.text = summary(plan);
  return plan;
}

Plan make_plan(const Options& options, const ProblemSize& problem, int ranks, double memory) {
  Plan plan = consider_plan(options, problem, ranks, memory);
  if (!plan.refusal.empty()) throw BadInput(plan.refusal);
  return plan;
}

std::map<std::string, std::string> choices_here(const Options& options, const Plan& plan) {
  std::map<std::string, std::string> here = plan.costs().choices();
  here["grid_rows"] = std::to_string(plan.rows);
  here["grid_block"] = std::to_string(plan.unit_block);
  std::map<std::string, std::string> left_open;
  for (const auto& [name, value] : here)
    if (find_key(name)->write(options) == "auto") left_open[name] = "here " + value;
  return left_open;
}

std::string plan_report(const Plan& plan) {
  const MachineParameters& machine = plan.machine;
  const Cost& cost = plan.choice.best.cost;
  const auto line = [](const char* key, const std::string& value) {
    return std::string(key) + ": " + value + "\n";
  };
  std::string report;
  report += line("network", plan.problem().topology.text());
  report += line("samples", formatted("%lld training, %lld validation, %lld test",
                                      static_cast<long long>(plan.problem().samples),
                                      static_cast<long long>(plan.problem().validation),
                                      static_cast<long long>(plan.problem().test)));
  report += line("method", plan.costs().describe(plan.choice.best.grid));
  report += line("ranks", std::to_string(plan.ranks));
  report += line("grid", plan.choice.reason);
  report += line("block of units", std::to_string(plan.unit_block));
  report += line("memory", gigabytes(cost.memory_bytes) + " a rank, " +
                               (machine.memory_bytes_per_rank > 0.0
                                    ? gigabytes(machine.memory_bytes_per_rank) + " are there"
                                    : "what is there is not known (-plan_memory)"));
  report += line("checkpoint", gigabytes(cost.checkpoint_bytes));
  report += line("machine, a rank",
                 formatted("%.3g GF/s, %.3g s a message, %.3g GB/s (-plan_gflops, -plan_latency, "
                           "-plan_bandwidth)",
                           machine.gemm_gflops, machine.latency_seconds,
                           1e-9 * machine.bandwidth_bytes_per_second));
  report +=
      line("predicted",
           formatted("%.3g s a pass, %.3g s for %lld passes, %.3g GF/s a rank", cost.total.seconds,
                     cost.total.seconds * static_cast<double>(plan.iterations),
                     static_cast<long long>(plan.iterations),
                     1e-9 * cost.total.flops / cost.total.seconds / plan.choice.best.grid.ranks()));

  report += "\none pass by phase: flops of all ranks, messages and bytes sent by a rank\n";
  report += "  phase                            GFlop     messages    MB sent     seconds\n";
  for (const PhaseCost& phase : cost.phases) report += row(phase.name, phase.work);
  report += row("total", cost.total);

  report += "\ngrids, a pass and a rank\n";
  report += "  grid           block     seconds     GB sent     messages  GB memory\n";
  report += row(plan.choice.best, true);
  for (const GridCandidate& other : plan.choice.others) report += row(other, false);
  return report;
}

namespace {

/// Keys that make a pass cheaper, as a user gives them, and the plan with them.
struct CheaperPlan {
  std::string words;
  Plan plan;
};

/// Those that fit; `asked`: before resolve().
std::vector<CheaperPlan> cheaper_plans(const Options& asked, const Options& resolved,
                                       const DataShape& shape, const Plan& plan) {
  std::vector<CheaperPlan> plans;
  for (const auto& keys : method_named(asked.train.method).cheaper(plan.problem(), resolved)) {
    Options options = asked;
    std::string words;
    for (const auto& [key, value] : keys) {
      ADMMNET_REQUIRE(find_key(key)->read(value, options), "cheaper: " + key + " " + value);
      if (value != "auto") words += " -" + key + " " + value;
    }
    const ProblemSize problem = resolve(shape, options);
    Plan other = consider_plan(options, problem, plan.ranks, plan.machine.memory_bytes_per_rank);
    if (other.refusal.empty()) plans.push_back({words, std::move(other)});
  }
  return plans;
}

/// The first that takes at most twice the least time there is: each further one teaches less, and
/// saves less than a half. -1: the plan itself does.
int worth(const Plan& plan, const std::vector<CheaperPlan>& cheaper) {
  constexpr double kWorth = 2.0;
  double least = plan.choice.best.cost.total.seconds;
  for (const CheaperPlan& other : cheaper)
    least = std::min(least, other.plan.choice.best.cost.total.seconds);
  if (plan.choice.best.cost.total.seconds <= kWorth * least) return -1;
  int i = 0;
  while (cheaper[static_cast<std::size_t>(i)].plan.choice.best.cost.total.seconds > kWorth * least)
    ++i;
  return i;
}

/// What the method's cheaper keys would save, as lines of the report.
std::string savings(const Options& asked, const Options& resolved, const DataShape& shape,
                    const Plan& plan) {
  const std::vector<CheaperPlan> cheaper = cheaper_plans(asked, resolved, shape, plan);
  if (cheaper.empty()) return "";
  const Work& now = plan.choice.best.cost.total;
  std::string text;
  for (const CheaperPlan& other : cheaper) {
    const Work& then = other.plan.choice.best.cost.total;
    text += "\nwith" + other.words +
            formatted(": %.3g of the seconds of a pass", then.seconds / now.seconds);
    if (now.messages > 0.0)
      text += formatted(", %.3g of its messages and %.3g of its bytes",
                        then.messages / now.messages, then.bytes / now.bytes);
    text += " on " + admmnet::text(other.plan.choice.best.grid) + ", but less is learnt in it";
  }
  const int taken = worth(plan, cheaper);
  const std::string words =
      taken < 0 ? " the blocks that are there" : cheaper[static_cast<std::size_t>(taken)].words;
  return text + "\nfor " + number_of(plan.ranks) + " it would take" + words +
         ": the first in at most twice the least time\n";
}

}  // namespace

double free_memory_per_rank(MPI_Comm comm) {
  const Machine machine = describe_machine(comm);
  return machine.min_available_memory_per_node / std::max(1, machine.max_ranks_per_node);
}

/// The report for one number of ranks, or the table for several, which rank 0 also writes to
/// -plan_csv.
static std::string report_for(const Options& options, const DataShape& shape, MPI_Comm comm) {
  if (!options.plan.scaling.empty()) {
    const auto plans = scaling_plans(options, shape);
    collectively(comm, [&] {
      if (!options.plan.csv.empty() && rank_of(comm) == 0)
        write_text_atomically(options.plan.csv, scaling_csv(plans));
    });
    return scaling_report(plans, options.plan.growth);
  }
  // Another machine's memory is not known here.
  const bool here = !options.plan.ranks || *options.plan.ranks == size_of(comm);
  const double memory = here ? free_memory_per_rank(comm) : 0.0;
  Options resolved = options;
  const ProblemSize problem = resolve(shape, resolved);
  const Plan plan =
      make_plan(resolved, problem, options.plan.ranks.value_or(size_of(comm)), memory);
  return plan_report(plan) + savings(options, resolved, shape, plan);
}

ExitCode run_plan(const Options& asked, MPI_Comm comm) {
  Options options = asked;
  set_product_precision(options.linalg.precision);  // it needs other memory
  const PlanOptions& imagined = options.plan;
  const DataShape shape = imagined.samples ? imagined_shape(options.data, *imagined.samples,
                                                            *imagined.features, *imagined.classes)
                                           : probe(options.data, comm);
  if (shape.targets > 0) options = as_regression(options, Command::plan, size_of(comm));
  const std::string assumed = assume_components(options, shape);
  const std::string report = report_for(options, shape, comm);
  Log log(comm);
  log.section("admmnet plan");
  for (const std::string& note : shape.notes) log.line("note: " + note);
  if (!assumed.empty()) log.line("note: " + assumed);
  for (const std::string& warning : shape.warnings) log.warning(warning);
  log.line(report);
  return ExitCode::finished;
}

}  // namespace admmnet
