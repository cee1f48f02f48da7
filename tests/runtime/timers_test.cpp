#include "runtime/timers.h"

#include <chrono>
#include <thread>

#include "runtime/communicator.h"
#include "support/mpi_check.h"

using namespace admmnet;

static const MPI_Comm world = MPI_COMM_WORLD;

static void sleep_ms(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

TEST_CASE("a phase has one number") {
  Timers timers;
  const int first = timers.phase("first"), second = timers.phase("second");
  CHECK(first != second);
  CHECK(timers.phase("first") == first);
}

TEST_CASE("calls, minimum, average and maximum over the ranks") {
  Timers timers;
  const int uneven = timers.phase("uneven"), never = timers.phase("never");
  const int rank = rank_of(world), size = size_of(world);
  for (int i = 0; i < 2; ++i) {
    const auto scope = timers.time(uneven);
    sleep_ms(20 + (rank == size - 1 ? 40 : 0));
  }
  const double mine = timers.seconds(uneven);
  const auto table = timers.summary(world);
  const double least = min_over(world, mine), most = max_over(world, mine);
  const double average = sum_over(world, mine) / size;
  REQUIRE_ALL(table.size() == 3);
  REQUIRE_ALL(table[0].name == "uneven" && table[1].name == "never" && table[2].name == "total");
  REQUIRE_ALL(table[0].calls == 2 && table[1].calls == 0);
  REQUIRE_ALL(mine >= 0.04);
  REQUIRE_ALL(table[0].min == least && table[0].max == most);
  REQUIRE_ALL(std::abs(table[0].average - average) <= 1e-12);  // the same sum in another order
  REQUIRE_ALL(size == 1 || most >= 0.12);
  REQUIRE_ALL(table[0].share > 0.0 && table[0].share <= 1.0);
  REQUIRE_ALL(table[2].share == 1.0 && table[2].min >= table[0].min);
  REQUIRE_ALL(table[1].max == 0.0);
  REQUIRE_ALL(timers.seconds(never) == 0.0);
}

TEST_CASE("a phase within a phase counts in both") {
  Timers timers;
  const int outer = timers.phase("outer"), inner = timers.phase("inner");
  {
    const auto all = timers.time(outer);
    const auto part = timers.time(inner);
    sleep_ms(10);
  }
  CHECK(timers.seconds(inner) >= 0.01);
  CHECK(timers.seconds(outer) >= timers.seconds(inner));
}

TEST_CASE("a listener hears of the phase that one is in") {
  std::vector<std::string> heard;
  Timers timers([&](const std::string& phase) { heard.push_back(phase); });
  const int outer = timers.phase("outer"), inner = timers.phase("inner");
  {
    const auto around = timers.time(outer);
    const auto within = timers.time(inner);
  }
  CHECK(heard == std::vector<std::string>{"outer", "inner", "outer", ""});
  CHECK(timers.names() == std::vector<std::string>{"outer", "inner"});
}

TEST_CASE("an exception ends the phase") {
  Timers timers;
  const int phase = timers.phase("fails");
  try {
    const auto scope = timers.time(phase);
    sleep_ms(5);
    throw 1;
  } catch (int) {
  }
  CHECK(timers.seconds(phase) >= 0.005);
  CHECK(timers.seconds(phase) < 5.0);
}

TEST_CASE("phases that a rank lacks count as zero there; ranks may differ in their order") {
  Timers timers;
  const bool first = rank_of(world) == 0;
  if (first) timers.phase("only on rank 0");
  const int common = timers.phase("common");
  if (!first) timers.phase("not on rank 0");
  { const auto scope = timers.time(common); }
  const auto table = timers.summary(world);
  REQUIRE_ALL(table.size() == 3);
  REQUIRE_ALL(table[0].name == "only on rank 0" && table[0].calls == 0);
  REQUIRE_ALL(table[1].name == "common" && table[1].calls == 1);
}

TEST_CASE("the table") {
  const std::string text =
      timing_table({{"weights", 12, 1.0, 1.5, 2.0, 0.75}, {"total", 1, 2, 2, 2, 1}});
  CHECK(text ==
        "phase                            calls     min [s]     avg [s]     max [s] share [%]\n"
        "weights                             12       1.000       1.500       2.000      75.0\n"
        "total                                1       2.000       2.000       2.000     100.0\n");
}
