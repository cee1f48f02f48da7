#include "commands/scaling.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "commands/formatted.h"
#include "commands/topology.h"

namespace admmnet {
namespace {

const Cost& cost_of(const Plan& plan) {
  return plan.choice.best.cost;
}

const Plan* first_that_fits(const std::vector<Plan>& plans) {
  for (const Plan& plan : plans)
    if (plan.refusal.empty()) return &plan;
  return nullptr;
}

double rate(const Plan& plan) {
  return cost_of(plan).total.flops / cost_of(plan).total.seconds / plan.ranks;
}

/// What does not fit, in a few words.
std::string short_refusal(const Plan& plan) {
  const Cost& cost = cost_of(plan);
  return cost.longest_array > std::numeric_limits<int>::max()
             ? formatted("does not fit: %.3g elements in one array, 2^31 - 1 is the limit",
                         cost.longest_array)
             : formatted("does not fit: %.3g GB a rank needed, %.3g GB there",
                         1e-9 * cost.memory_bytes, 1e-9 * plan.machine.memory_bytes_per_rank);
}

/// What is done to save memory: ", admm_hidden_z recompute".
std::string way_of(const Plan& plan) {
  std::string text;
  if (plan.way > 0)
    for (const auto& [key, value] : plan.costs().choices()) text += ", " + key + " " + value;
  return text;
}

std::string line_of(const Plan& plan, double efficiency) {
  const std::string ranks = formatted("%7d  ", plan.ranks);
  if (!plan.refusal.empty()) return ranks + short_refusal(plan) + "\n";
  const Cost& cost = cost_of(plan);
  return ranks + formatted("%-13s %5lld %11.4g %10.3f %9.3g %10.4g %10.4g %9.3g  %lld, %s%s\n",
                           text(plan.choice.best.grid).c_str(),
                           static_cast<long long>(plan.unit_block), cost.total.seconds, efficiency,
                           1e-9 * rate(plan), 1e-6 * cost.total.bytes, cost.total.messages,
                           1e-9 * cost.memory_bytes, static_cast<long long>(plan.problem().samples),
                           plan.problem().topology.text().c_str(), way_of(plan).c_str());
}

std::string in_quotes(const std::string& words) {
  return '"' + words + '"';
}

}  // namespace

std::vector<Plan> scaling_plans(const Options& options, const DataShape& shape) {
  std::vector<Plan> plans;
  for (const int ranks : options.plan.scaling) {
    const double more = static_cast<double>(ranks) / options.plan.scaling.front();
    Options grown = options;
    DataShape data = shape;
    if (options.plan.growth == Growth::samples)
      data.train = std::llround(static_cast<double>(shape.train) * more);
    if (options.plan.growth == Growth::widths)
      for (Index& width : grown.net.hidden)
        width = std::llround(static_cast<double>(width) * std::sqrt(more));
    const ProblemSize problem = resolve(data, grown);
    plans.push_back(consider_plan(grown, problem, ranks, 0.0));
  }
  return plans;
}

std::vector<double> efficiencies(const std::vector<Plan>& plans) {
  const Plan* base = first_that_fits(plans);
  std::vector<double> result;
  for (const Plan& plan : plans)
    result.push_back(plan.refusal.empty() ? rate(plan) / rate(*base) : 0.0);
  return result;
}

std::string scaling_report(const std::vector<Plan>& plans, Growth growth) {
  const MachineParameters& machine = plans.front().machine;
  const char* kinds[] = {"strong scaling, the problem stays as it is",
                         "weak scaling, samples in proportion to the ranks",
                         "weak scaling, hidden layers as wide as the square root of the ranks"};
  std::string report = std::string("PREDICTION, ") + kinds[static_cast<int>(growth)] + "\n";
  report +=
      formatted("machine, a rank: %.3g GF/s, %.3g s a message, %.3g GB/s, ", machine.gemm_gflops,
                machine.latency_seconds, 1e-9 * machine.bandwidth_bytes_per_second);
  report += machine.memory_bytes_per_rank > 0.0
                ? formatted("%.3g GB\n", 1e-9 * machine.memory_bytes_per_rank)
                : "memory without limit (-plan_memory)\n";
  report += "method: " + plans.front().costs().name() + "\n\n";
  report +=
      "  ranks  grid          block      s/pass efficiency GF/s/rank    MB/rank  msgs/rank   "
      "GB/rank  samples, network\n";
  const std::vector<double> efficiency = efficiencies(plans);
  for (std::size_t i = 0; i < plans.size(); ++i) report += line_of(plans[i], efficiency[i]);
  return report +
         "\nof one pass; efficiency: GF/s a rank against the first line that fits; MB and messages "
         "sent\n";
}

std::string scaling_csv(const std::vector<Plan>& plans) {
  std::string csv =
      "ranks,rows,cols,block,samples,network,seconds,efficiency,flops,messages,bytes,memory_bytes,"
      "checkpoint_bytes";
  const Plan* base = first_that_fits(plans);
  if (base != nullptr)
    for (const PhaseCost& phase : cost_of(*base).phases) csv += ",seconds of " + phase.name;
  csv += ",refusal\n";
  const std::vector<double> efficiency = efficiencies(plans);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const Plan& plan = plans[i];
    const Cost& cost = cost_of(plan);
    const std::string problem = formatted("%lld,", static_cast<long long>(plan.problem().samples)) +
                                plan.problem().topology.text();
    if (!plan.refusal.empty()) {
      const std::size_t empty = 7 + (base != nullptr ? cost.phases.size() : 0);
      csv += std::to_string(plan.ranks) + ",,,," + problem + std::string(empty, ',') + "," +
             in_quotes(plan.refusal) + "\n";
      continue;
    }
    csv += formatted("%d,%d,%d,%lld,", plan.ranks, plan.rows, plan.cols,
                     static_cast<long long>(plan.unit_block)) +
           problem +
           formatted(",%.6g,%.6g,%.9g,%.6g,%.9g,%.6g,%.6g", cost.total.seconds, efficiency[i],
                     cost.total.flops, cost.total.messages, cost.total.bytes, cost.memory_bytes,
                     cost.checkpoint_bytes);
    for (const PhaseCost& phase : cost.phases) csv += formatted(",%.6g", phase.work.seconds);
    csv += ",\n";
  }
  return csv;
}

}  // namespace admmnet
