#include "runtime/phase_means.h"

#include <chrono>
#include <cmath>
#include <thread>

#include "runtime/communicator.h"
#include "support/mpi_check.h"

using namespace admmnet;

static const MPI_Comm world = MPI_COMM_WORLD;

/// A phase that takes 20 ms and sends the messages of three barriers.
static void work(Timers& timers, int phase) {
  const auto timing = timers.time(phase);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  for (int i = 0; i < 3; ++i) MPI_Barrier(world);
}

TEST_CASE("what an iteration costs, without what was before and after") {
  Timers timers;
  const int early = timers.phase("early"), used = timers.phase("used");
  start_counting_communication(world);
  work(timers, early);
  work(timers, used);
  const PhaseMeter meter(timers, world);
  for (int iteration = 0; iteration < 2; ++iteration) {
    work(timers, used);
    work(timers, used);
    work(timers, timers.phase("new"));
    MPI_Barrier(world);
  }
  const auto means = meter.means(2);
  const double rounds = std::ceil(std::log2(size_of(world)));
  REQUIRE_ALL(means.size() == 3);
  REQUIRE_ALL(means[0].name == "used" && means[1].name == "new");
  REQUIRE_ALL(means[2].name == "outside the phases");
  REQUIRE_ALL(means[0].calls == 2.0 && means[1].calls == 1.0);
  REQUIRE_ALL(means[0].messages == 6.0 * rounds && means[1].messages == 3.0 * rounds);
  REQUIRE_ALL(means[2].messages == rounds);
  REQUIRE_ALL(means[0].bytes == 0.0);
  REQUIRE_ALL(means[0].seconds >= 0.04 && means[1].seconds >= 0.02 && means[2].seconds >= 0.0);

  // All time between the two looks is in one of the lines, and none of that before.
  const double all = timers.summary(world).back().average;
  double in_iterations = 0.0;
  for (const PhaseMean& mean : means) in_iterations += 2.0 * mean.seconds;
  REQUIRE_ALL(in_iterations <= all - 0.04);
}

TEST_CASE("a phase is named once it was called") {
  Timers timers;
  const PhaseMeter meter(timers, world);
  const int used = timers.phase("used");
  REQUIRE_ALL(meter.means(1).size() == 1);  // outside the phases
  work(timers, used);
  const auto means = meter.means(1);
  REQUIRE_ALL(means.size() == 2 && means[0].name == "used");
}
