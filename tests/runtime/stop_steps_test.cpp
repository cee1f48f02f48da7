// StopMonitor between the steps of a pass.
#include <chrono>
#include <csignal>
#include <thread>

#include "runtime/communicator.h"
#include "runtime/stop.h"
#include "stop_fixture.h"
#include "support/mpi_check.h"

using namespace admmnet;
using namespace admmnet::test;

static const MPI_Comm world = MPI_COMM_WORLD;

TEST_CASE("in the middle of a pass: wall clock and signals, but nothing that ends the training") {
  const SignalWatch watch;
  Fixture fixture;
  fixture.rules.iterations = 2;
  fixture.rules.tolerance = 0.1;
  fixture.rules.patience = 1;
  StopMonitor stop = fixture.monitor();
  // All three hold at the end of the last pass, as when more is asked of a finished run.
  stop.resume({record_of(1, 5.0, 0.9), record_of(2, 5.0, 0.9)});
  CHECK(reason_here(stop) == StopReason::budget);
  stop.record_step(1.0);
  CHECK(reason_here(stop) == StopReason::none);
  std::raise(SIGUSR2);
  const Requests todo = stop.agree(MPI_COMM_SELF);
  CHECK(todo.reason == StopReason::signal);
  CHECK(todo.checkpoint);
  stop.record_step(1.0);
  stop.record_iteration(record_of(3, 5.0, 0.9));
  CHECK(reason_here(stop) == StopReason::budget);
}

TEST_CASE("target: at a look in the middle of a pass, until the next step") {
  const SignalWatch watch;
  Fixture fixture;
  fixture.rules.target = 0.9;
  StopMonitor stop = fixture.monitor();
  stop.record_step(1.0);
  stop.record_look(0.89);
  CHECK(reason_here(stop) == StopReason::none);
  stop.record_step(1.0);
  stop.record_look(0.9);
  CHECK(stop.agree(MPI_COMM_SELF, false).reason == StopReason::none);
  const Requests todo = stop.agree(MPI_COMM_SELF);
  CHECK(todo.reason == StopReason::target);
  CHECK(todo.checkpoint);
  stop.record_step(1.0);
  CHECK(reason_here(stop) == StopReason::none);
}

TEST_CASE("wall clock: the longest stretch between two points, not the pass, must fit") {
  const SignalWatch watch;
  Fixture fixture;
  fixture.rules.max_walltime = 100.0;
  StopMonitor stop = fixture.monitor();
  stop.record_step(2.0);
  stop.record_step(5.0);
  stop.record_step(3.0);
  stop.record_iteration(record_of(1, 0.0, IterationRecord::absent, 60.0));
  fixture.now = 94.9;
  CHECK(reason_here(stop) == StopReason::none);
  stop.record_step(1.0);
  fixture.now = 95.0;
  CHECK(reason_here(stop) == StopReason::wall_clock);
}

TEST_CASE("where the method cannot go on only the second TERM counts, the rest waits") {
  const SignalWatch watch;
  Fixture fixture;
  fixture.rules.iterations = 1;
  fixture.rules.max_walltime = 100.0;
  fixture.rules.checkpoint_seconds = 60.0;
  StopMonitor stop = fixture.monitor();
  record_pass(stop, record_of(1, 0.0));
  fixture.now = 200.0;
  std::raise(SIGUSR1);
  std::raise(SIGUSR2);
  std::raise(SIGTERM);
  const Requests waiting = stop.agree(world, false);
  REQUIRE_ALL(!waiting.stop && !waiting.checkpoint && waiting.reason == StopReason::none);
  REQUIRE_ALL(stop.agree(world).reason == StopReason::budget);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  if (rank_of(world) == 0) std::raise(SIGTERM);
  const Requests now = stop.agree(world, false);
  REQUIRE_ALL(now.stop && now.stop_now && !now.checkpoint);
  REQUIRE_ALL(now.reason == StopReason::signal_now);
}

TEST_CASE("a USR1 waits for a point that a checkpoint can hold") {
  const SignalWatch watch;
  Fixture fixture;
  StopMonitor stop = fixture.monitor();
  std::raise(SIGUSR1);
  CHECK_FALSE(stop.agree(MPI_COMM_SELF, false).checkpoint);
  CHECK(checkpoint_here(stop));
  CHECK_FALSE(checkpoint_here(stop));
}

TEST_CASE("checkpoints in the middle of a pass: by age, not by count, never twice at one place") {
  const SignalWatch watch;
  Fixture fixture;
  fixture.rules.checkpoint_iterations = 2;
  fixture.rules.checkpoint_seconds = 60.0;
  StopMonitor stop = fixture.monitor();
  stop.resume({record_of(1, 0.0)});
  fixture.now = 100.0;
  CHECK_FALSE(checkpoint_here(stop));  // no step, nothing new to write
  stop.record_step(100.0);
  CHECK_FALSE(stop.agree(MPI_COMM_SELF, false).checkpoint);
  CHECK(checkpoint_here(stop));
  stop.record_checkpoint(1.0);
  fixture.now = 200.0;
  CHECK_FALSE(checkpoint_here(stop));
  stop.record_step(50.0);
  CHECK(checkpoint_here(stop));
  stop.record_checkpoint(1.0);
  stop.record_step(1.0);
  CHECK_FALSE(checkpoint_here(stop));
  stop.record_iteration(record_of(2, 0.0));
  CHECK(checkpoint_here(stop));  // a multiple, though there is one of the same pass
  stop.record_checkpoint(1.0);
  stop.record_step(1.0);
  CHECK_FALSE(checkpoint_here(stop));
}
