#include "runtime/heartbeat.h"

#include <chrono>
#include <string>

#include "runtime/timers.h"
#include "support/mpi_check.h"

using namespace admmnet;
using Verdict = StallTimer::Verdict;

TEST_CASE("reports once after the limit, ends after the grace") {
  StallTimer timer(10.0, 2.0, 1.0);
  CHECK(timer.look(7, 1.0) == Verdict::alive);  // the first look finds signs of life
  for (int second = 1; second <= 9; ++second) CHECK(timer.look(7, 1.0) == Verdict::alive);
  CHECK(timer.look(7, 1.0) == Verdict::report);
  CHECK(timer.look(7, 1.0) == Verdict::alive);
  CHECK(timer.look(7, 1.0) == Verdict::end);
}

TEST_CASE("every sign of life begins the limit anew, within the grace too") {
  StallTimer timer(3.0, 2.0, 1.0);
  for (unsigned long beats = 1; beats <= 100; ++beats)
    CHECK(timer.look(beats, 1.0) == Verdict::alive);
  for (int second = 1; second <= 2; ++second) CHECK(timer.look(100, 1.0) == Verdict::alive);
  CHECK(timer.look(100, 1.0) == Verdict::report);
  CHECK(timer.look(101, 1.0) == Verdict::alive);
  CHECK(timer.idle() == 0.0);
  CHECK(timer.look(101, 1.0) == Verdict::alive);
  CHECK(timer.look(101, 1.0) == Verdict::alive);
  CHECK(timer.look(101, 1.0) == Verdict::report);
}

TEST_CASE("time for which this process was stopped does not count") {
  StallTimer timer(10.0, 2.0, 1.0);
  timer.look(1, 1.0);
  for (int stop = 1; stop <= 4; ++stop) CHECK(timer.look(1, 3600.0) == Verdict::alive);
  CHECK(timer.idle() == 8.0);  // two looks' time for each
  CHECK(timer.look(1, 1.0) == Verdict::alive);
  CHECK(timer.look(1, 1.0) == Verdict::report);
}

TEST_CASE("the place: phases within phases, what was done there, and the step") {
  CHECK(heartbeat_place() == "no timed phase");
  Timers timers;
  const int outer = timers.phase("outer"), inner = timers.phase("inner");
  {
    const auto all = timers.time(outer);
    CHECK(heartbeat_place() == "phase outer");
    beat(lasting_text("reading " + std::string("a.csv")));
    CHECK(heartbeat_place() == "phase outer (reading a.csv)");
    {
      const auto part = timers.time(inner);
      heartbeat_step(3, 2, 9);
      CHECK(heartbeat_place() == "phase inner, pass 3, step 2 of 9");
    }
    CHECK(heartbeat_place() == "phase outer, pass 3, step 2 of 9");
  }
  heartbeat_step(4);
  CHECK(heartbeat_place() == "no timed phase, pass 4");
  heartbeat_step(0);
}

TEST_CASE("a long name is cut, and not the rest of the place") {
  heartbeat_step(12);
  beat(lasting_text(std::string(5000, 'x')));
  CHECK(heartbeat_place() == "no timed phase (" + std::string(240, 'x') + "), pass 12");
  heartbeat_step(0);
}

TEST_CASE("lasting texts") {
  const char* const text = lasting_text("some text that is not short");
  CHECK(lasting_text("some text that is not short") == text);
  for (int i = 0; i < 1000; ++i) lasting_text(std::to_string(i));
  CHECK(std::string(text) == "some text that is not short");
}

TEST_CASE("the watchdog goes at once") {
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  { const Watchdog patient(60.0, MPI_COMM_WORLD); }
  { const Watchdog off(0.0, MPI_COMM_WORLD); }
  CHECK(seconds() < 0.9);  // a look of the first takes a second
}
