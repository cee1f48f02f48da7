// make_plan and its report: what train and `admmnet plan` say before a run, and what they refuse.
#include "commands/plan.h"

#include <catch2/catch.hpp>

#include "runtime/error.h"

namespace admmnet::test {
namespace {

using Catch::Matchers::Contains;

Topology topology(std::vector<Index> widths) {
  Topology result;
  result.widths = std::move(widths);
  return result;
}

Plan plan_for(const Options& options, std::vector<Index> widths, int ranks, double memory = 0.0) {
  return make_plan(options, topology(std::move(widths)), 55000, 5000, 10000, ranks, memory);
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
        "sweep: resync, 22 blocks of 2500 samples", "ranks: 4", "grid: 1 x 4", "block of units: 64",
        "8 GB are there", "checkpoint: ", "35 GF/s", "s for 10 passes", "  forward ",
        "  gram and outer products ", "  weights ", "  validation ", "  total ", "<- taken",
        "  2 x 2 "})
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
  CHECK_THAT(refusal({}, {784, 50000, 50000, 10}, 1), Contains("more than 2^31 - 1") &&
                                                          Contains("ranks or more") &&
                                                          Contains("64-bit integers"));
}

}  // namespace admmnet::test
