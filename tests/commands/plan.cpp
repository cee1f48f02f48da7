// make_plan and its report: what train and `admmnet plan` say before a run, and what they refuse.
#include "commands/plan.h"

#include <algorithm>
#include <sstream>

#include <catch2/catch.hpp>

#include "commands/scaling.h"
#include "runtime/error.h"
#include "support/registered_methods.h"

namespace admmnet::test {
namespace {

using Catch::Matchers::Contains;

Topology topology(std::vector<Index> widths) {
  Topology result;
  result.widths = std::move(widths);
  return result;
}

Plan plan_for(const Options& options, std::vector<Index> widths, int ranks, double memory = 0.0) {
  Options resolved = options;
  const ProblemSize problem{topology(std::move(widths)), 55000, 5000, 10000};
  method_named("taylor").resolve(problem, resolved);
  return make_plan(resolved, problem, ranks, memory);
}

std::string refusal(const Options& options, std::vector<Index> widths, int ranks,
                    double memory = 0.0) {
  try {
    plan_for(options, std::move(widths), ranks, memory);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("the plan of a narrow network") {
  const Plan plan = plan_for({}, {784, 256, 10}, 4, 8e9);
  CHECK(plan.rows == 1);
  CHECK(plan.cols == 4);
  CHECK(plan.unit_block == 64);
  CHECK_THAT(plan.text, Contains("1 x 4: pure data parallelism") && Contains("next best"));
  CHECK_THAT(plan.text, Contains("blocks of 64") && Contains("of 8 GB a rank"));
  CHECK(plan.text.find('\n') == std::string::npos);
}

TEST_CASE("the report names grid, memory, phases and alternatives") {
  const std::string report = plan_report(plan_for({}, {784, 1000, 10}, 4, 8e9));
  for (const char* text :
       {"network: 784-1000-10", "samples: 55000 training, 5000 validation, 10000 test",
        "method: blocks, hidden Gram matrices every 6; 66 panels of 834 samples", "ranks: 4",
        "grid: 1 x 4", "block of units: 64", "8 GB are there", "checkpoint: ", "35 GF/s",
        "s for 8 passes", "  forward ", "  gram and outer products ", "  weights ", "  validation ",
        "  total ", "<- taken", "  2 x 2 "})
    CHECK_THAT(report, Contains(text));
  CHECK_THAT(plan_report(plan_for({}, {784, 1000, 10}, 4)), Contains("is not known"));
}

TEST_CASE("keys go before what the program would choose") {
  Options options;
  options.grid.rows = 2;
  options.grid.block = 16;
  options.plan.gflops = 10.0;
  options.plan.bandwidth = 0.5;
  options.plan.memory = 4.0;
  const Plan plan = plan_for(options, {784, 256, 10}, 4, 1e3);
  CHECK(plan.rows == 2);
  CHECK(plan.cols == 2);
  CHECK(plan.unit_block == 16);
  CHECK(plan.machine.gemm_gflops == 10.0);
  CHECK(plan.machine.bandwidth_bytes_per_second == 0.5e9);
  CHECK(plan.machine.memory_bytes_per_rank == 4e9);
}

TEST_CASE("a grid that does not fit the ranks") {
  Options options;
  options.grid.rows = 5;
  CHECK_THAT(refusal(options, {784, 256, 10}, 4),
             Contains("-grid_rows 5 does not fit 4 ranks: set fewer rows, or auto"));
}

TEST_CASE("a problem that does not fit the memory") {
  const std::vector<Index> wide{784, 20000, 20000, 10};
  CHECK_THAT(refusal({}, wide, 16, 1e9), Contains("784-20000-20000-10 on 16 ranks") &&
                                             Contains("GB a rank, and 1 GB are there") &&
                                             Contains("ranks or more") && Contains("-plan_memory"));
  Options options;
  options.plan.memory = 0.0;  // no limit
  CHECK(refusal(options, wide, 16, 1e9).empty());
  // The program alone is larger: more ranks do not help.
  CHECK_THAT(refusal({}, {784, 256, 10}, 4, 1e6), Contains("no number of ranks will do"));
}

TEST_CASE("a rank's array with more elements than an int can count") {
  CHECK_THAT(refusal({}, {784, 50000, 50000, 10}, 1), Contains("more than the 2^31 - 1") &&
                                                          Contains("ranks or more") &&
                                                          Contains("ScaLAPACK counts to"));
}

namespace {

std::vector<Plan> table(const Options& options, std::vector<Index> widths) {
  Options of_net = options;
  of_net.net.hidden.assign(widths.begin() + 1, widths.end() - 1);
  DataShape shape;
  shape.features = widths.front();
  shape.class_labels.assign(static_cast<std::size_t>(widths.back()), "");
  shape.train = 55000;
  shape.validation = 5000;
  return scaling_plans(of_net, shape);
}

Index lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

TEST_CASE("strong scaling: the plan of each number of ranks, efficiencies, and what does not fit") {
  Options options;
  options.plan.scaling = {1, 64, 1024};
  options.linalg.weight_solver = {WeightSolver::cholesky};  // has a Gram matrix of 50 000 units
  const std::vector<Plan> plans = table(options, {784, 50000, 10});
  REQUIRE(plans.size() == 3);
  CHECK_THAT(plans[0].refusal, Contains("more than the 2^31 - 1"));
  for (std::size_t i : {1U, 2U}) {
    const Plan alone = plan_for(options, {784, 50000, 10}, plans[i].ranks);
    CHECK(plans[i].rows == alone.rows);
    CHECK(plans[i].choice.best.cost.total.seconds == alone.choice.best.cost.total.seconds);
  }
  const std::vector<double> efficiency = efficiencies(plans);
  CHECK(efficiency[0] == 0.0);
  CHECK(efficiency[1] == 1.0);
  const double speed_up =
      plans[1].choice.best.cost.total.seconds / plans[2].choice.best.cost.total.seconds;
  CHECK(efficiency[2] == Approx(speed_up * 64 / 1024));

  const std::string report = scaling_report(plans, Growth::none);
  CHECK_THAT(report, Contains("PREDICTION, strong scaling") && Contains("35 GF/s, 2e-06 s") &&
                         Contains("method: blocks\n") && Contains("784-50000-10") &&
                         Contains("      1  does not fit: 2.5e+09 elements in one array"));
  const std::string csv = scaling_csv(plans);
  CHECK(lines(csv) == 4);
  CHECK_THAT(csv, Contains("ranks,rows,cols,block,samples,network,seconds,efficiency,") &&
                      Contains(",seconds of forward,") && Contains("\n1,,,,55000,784-50000-10,,"));
  std::istringstream rows(csv);
  std::string row;
  std::getline(rows, row);
  const auto columns = std::count(row.begin(), row.end(), ',');
  for (int i = 0; i < 3; ++i) {
    std::getline(rows, row);
    const std::string figures = row.substr(0, row.find('"'));
    CHECK(std::count(figures.begin(), figures.end(), ',') == columns);
  }
}

TEST_CASE("weak scaling: samples in proportion to the ranks, or widths as their square root") {
  Options options;
  options.plan.scaling = {2, 8};
  options.plan.growth = Growth::samples;
  std::vector<Plan> plans = table(options, {784, 256, 10});
  CHECK(plans[0].problem().samples == 55000);
  CHECK(plans[1].problem().samples == 220000);
  CHECK(plans[1].problem().validation == 5000);
  CHECK_THAT(plans[1].costs().describe({1, 1}), Contains("120 panels"));
  options.plan.growth = Growth::widths;
  plans = table(options, {784, 256, 100, 10});
  CHECK(plans[0].problem().topology.text() == "784-256-100-10");
  CHECK(plans[1].problem().topology.text() == "784-512-200-10");
  CHECK(plans[1].problem().samples == 55000);
}

TEST_CASE("a table in which nothing fits") {
  Options options;
  options.plan.scaling = {1, 2};
  options.plan.memory = 1e-3;
  const std::vector<Plan> plans = table(options, {784, 256, 10});
  CHECK(efficiencies(plans) == std::vector<double>{0.0, 0.0});
  CHECK_THAT(scaling_report(plans, Growth::none), Contains("GB a rank needed, 0.001 GB there"));
  CHECK(lines(scaling_csv(plans)) == 3);
}

}  // namespace admmnet::test
