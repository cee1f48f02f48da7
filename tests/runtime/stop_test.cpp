#include "runtime/stop.h"

#include <cfenv>
#include <chrono>
#include <csignal>
#include <thread>
#include <tuple>
#include <vector>

#include "runtime/communicator.h"
#include "stop_fixture.h"
#include "support/mpi_check.h"

using namespace admmnet;
using namespace admmnet::test;

static const MPI_Comm world = MPI_COMM_WORLD;

TEST_CASE("nothing stops a run that has no reason to") {
  Fixture fixture;
  StopMonitor stop = fixture.monitor();
  fixture.now = 1e9;
  record_pass(stop, record_of(1, 5.0));
  const Requests todo = stop.agree(world);
  REQUIRE_ALL(!todo.stop && !todo.checkpoint && !todo.stop_now);
  REQUIRE_ALL(todo.reason == StopReason::none);
}

TEST_CASE("absent values raise no floating-point exception, which -fp_trap would end the run for") {
  Fixture fixture;
  fixture.rules.tolerance = 1e-3;
  fixture.rules.patience = 5;
  fixture.rules.target = 0.9;
  StopMonitor stop = fixture.monitor();
  std::feclearexcept(FE_ALL_EXCEPT);
  record_pass(stop, record_of(1, IterationRecord::absent));
  CHECK(reason_here(stop) == StopReason::none);
  record_pass(stop, record_of(2, 5.0, 0.5));
  CHECK(reason_here(stop) == StopReason::none);
  CHECK(std::fetestexcept(FE_INVALID) == 0);
}

TEST_CASE("the budget counts iterations over restarts") {
  Fixture fixture;
  fixture.rules.iterations = 3;
  StopMonitor stop = fixture.monitor();
  CHECK(reason_here(stop) == StopReason::none);
  stop.resume({record_of(1, 1.0), record_of(2, 1.0)});
  CHECK(reason_here(stop) == StopReason::none);
  record_pass(stop, record_of(3, 1.0));
  const Requests todo = stop.agree(MPI_COMM_SELF);
  CHECK(todo.reason == StopReason::budget);
  CHECK(todo.stop);
  CHECK(todo.checkpoint);

  StopMonitor finished = fixture.monitor();
  finished.resume({record_of(1, 1.0), record_of(2, 1.0), record_of(3, 1.0)});
  CHECK(reason_here(finished) == StopReason::budget);
}

TEST_CASE("a pause is asked for after its pass; an end goes before it") {
  Fixture fixture;
  fixture.rules.pause = 2;
  fixture.rules.iterations = 3;
  StopMonitor stop = fixture.monitor();
  record_pass(stop, record_of(1, 1.0));
  CHECK(reason_here(stop) == StopReason::none);
  record_pass(stop, record_of(2, 1.0));
  CHECK(reason_here(stop) == StopReason::pause);
  stop.record_step(1.0);
  CHECK(reason_here(stop) == StopReason::none);  // in the middle of the next pass
  stop.record_iteration(record_of(3, 1.0));
  CHECK(reason_here(stop) == StopReason::budget);
  CHECK(exit_code_of(StopReason::pause) == ExitCode::finished);
  CHECK_FALSE(ends_the_run(StopReason::pause));
  CHECK_FALSE(ends_the_run(StopReason::signal));
  CHECK(ends_the_run(StopReason::budget));
  CHECK(stop_reason_named("pause") == StopReason::pause);
}

TEST_CASE("tolerance: relative change of the objective") {
  Fixture fixture;
  fixture.rules.tolerance = 0.01;
  StopMonitor stop = fixture.monitor();
  record_pass(stop, record_of(1, -100.0));
  CHECK(reason_here(stop) == StopReason::none);  // nothing to compare with
  record_pass(stop, record_of(2, -98.0));
  CHECK(reason_here(stop) == StopReason::none);
  record_pass(stop, record_of(3, -98.5));
  CHECK(reason_here(stop) == StopReason::tolerance);
  record_pass(stop, record_of(4, IterationRecord::absent));
  CHECK(reason_here(stop) == StopReason::none);

  fixture.rules.tolerance = 0.0;
  StopMonitor never = fixture.monitor();
  record_pass(never, record_of(1, 1.0));
  record_pass(never, record_of(2, 1.0));
  CHECK(reason_here(never) == StopReason::none);
}

TEST_CASE("residuals: those with a tolerance are all within it; an absent one never is") {
  const double none = IterationRecord::absent;
  const auto reason = [&](double primal_tolerance, double dual_tolerance, double primal,
                          double dual) {
    Fixture fixture;
    fixture.rules.primal = primal_tolerance;
    fixture.rules.dual = dual_tolerance;
    StopMonitor stop = fixture.monitor();
    IterationRecord record = record_of(1, 5.0);
    record.primal_residual = primal;
    record.dual_residual = dual;
    record_pass(stop, record);
    return reason_here(stop);
  };
  for (const auto& [primal_tolerance, dual_tolerance, primal, dual, stops] :
       {std::tuple{0.1, 0.2, 0.1, 0.2, true},  // both
        {0.1, 0.2, 0.11, 0.2, false},
        {0.1, 0.2, 0.1, 0.21, false},
        {0.1, 0.2, 0.1, none, false},
        {0.1, 0.2, none, 0.2, false},
        {0.1, 0.0, 0.1, 9.0, true},  // one of them
        {0.1, 0.0, 0.1, none, true},
        {0.1, 0.0, 0.11, 0.0, false},
        {0.0, 0.2, 9.0, 0.2, true},
        {0.0, 0.2, 0.0, 0.21, false},
        {0.0, 0.2, 0.0, none, false},
        {0.0, 0.0, 0.0, 0.0, false}}) {  // off
    CAPTURE(primal_tolerance, dual_tolerance, primal, dual);
    CHECK(reason(primal_tolerance, dual_tolerance, primal, dual) ==
          (stops ? StopReason::residuals : StopReason::none));
  }

  Fixture fixture;
  fixture.rules.primal = 0.1;
  StopMonitor stop = fixture.monitor();
  IterationRecord record = record_of(1, 5.0);
  record.primal_residual = 0.05;
  record_pass(stop, record);
  stop.record_step(1.0);
  CHECK(reason_here(stop) == StopReason::none);  // in the middle of the next pass
}

TEST_CASE("patience: iterations without a better validation accuracy") {
  Fixture fixture;
  fixture.rules.patience = 2;
  StopMonitor stop = fixture.monitor();
  record_pass(stop, record_of(1, 0.0, 0.8));
  record_pass(stop, record_of(2, 0.0, 0.9));
  record_pass(stop, record_of(3, 0.0, 0.9));  // as good is not better
  CHECK(reason_here(stop) == StopReason::none);
  record_pass(stop, record_of(4, 0.0, 0.85));
  CHECK(reason_here(stop) == StopReason::patience);

  StopMonitor resumed = fixture.monitor();
  resumed.resume({record_of(1, 0.0, 0.8), record_of(2, 0.0, 0.9), record_of(3, 0.0, 0.9)});
  CHECK(reason_here(resumed) == StopReason::none);
  record_pass(resumed, record_of(4, 0.0, 0.85));
  CHECK(reason_here(resumed) == StopReason::patience);
  record_pass(resumed, record_of(5, 0.0, 0.95));
  CHECK(reason_here(resumed) == StopReason::none);
}

TEST_CASE("patience with a score of which less is better") {
  Fixture fixture;
  fixture.rules.patience = 2;
  fixture.rules.score = {"rmse", "", 1.0, false};
  StopMonitor stop = fixture.monitor();
  for (const auto& [iteration, rmse] : {std::pair<Index, double>{1, 0.9}, {2, 0.8}, {3, 0.85}}) {
    record_pass(stop, record_of(iteration, 0.0, rmse));
    CHECK(reason_here(stop) == StopReason::none);
  }
  record_pass(stop, record_of(4, 0.0, 0.95));
  CHECK(reason_here(stop) == StopReason::patience);
}

TEST_CASE("target: the validation score is as good as asked for, whichever way it counts") {
  for (const bool larger_is_better : {true, false}) {
    const double sign = larger_is_better ? 1.0 : -1.0;
    Fixture fixture;
    fixture.rules.score = {"score", "", 1.0, larger_is_better};
    fixture.rules.target = sign * 0.9;
    fixture.rules.iterations = 3;
    StopMonitor stop = fixture.monitor();
    record_pass(stop, record_of(1, 0.0, sign * 0.89));
    CHECK(reason_here(stop) == StopReason::none);
    record_pass(stop, record_of(2, 0.0, sign * 0.91));
    CHECK(reason_here(stop) == StopReason::target);
    record_pass(stop, record_of(3, 0.0, sign * 0.9));  // equal is enough, the budget comes after
    CHECK(reason_here(stop) == StopReason::target);

    StopMonitor resumed = fixture.monitor();
    resumed.resume({record_of(1, 0.0, sign * 0.95)});
    resumed.record_step(1.0);
    CHECK(reason_here(resumed) == StopReason::none);  // nobody has looked since
  }
}

TEST_CASE("no validation set: patience and target never end") {
  Fixture fixture;
  fixture.rules.patience = 1;
  fixture.rules.target = 0.0;
  StopMonitor stop = fixture.monitor();
  for (Index i = 1; i <= 5; ++i) record_pass(stop, record_of(i, 0.0));
  CHECK(reason_here(stop) == StopReason::none);
}

TEST_CASE("wall clock: one more longest iteration and 1.5 longest checkpoints must fit") {
  Fixture fixture;
  fixture.rules.max_walltime = 100.0;
  StopMonitor stop = fixture.monitor();
  record_pass(stop, record_of(1, 0.0, IterationRecord::absent, 10.0));
  record_pass(stop, record_of(2, 0.0, IterationRecord::absent, 4.0));
  fixture.now = 89.9;
  CHECK(reason_here(stop) == StopReason::none);
  fixture.now = 90.0;
  CHECK(reason_here(stop) == StopReason::wall_clock);

  fixture.now = 70.0;
  stop.expect_checkpoint(20.0);  // 70 + 10 + 30 > 100
  CHECK(reason_here(stop) == StopReason::wall_clock);
  stop.record_checkpoint(8.0);  // measured: 70 + 10 + 12 < 100
  CHECK(reason_here(stop) == StopReason::none);
  stop.record_checkpoint(2.0);  // the longest counts
  fixture.now = 78.0;
  CHECK(reason_here(stop) == StopReason::wall_clock);
}

TEST_CASE(
    "a wall clock of zero stops before the first iteration; times of earlier runs do not count") {
  Fixture fixture;
  fixture.rules.max_walltime = 0.0;
  StopMonitor zero = fixture.monitor();
  CHECK(reason_here(zero) == StopReason::wall_clock);
  fixture.rules.max_walltime = 50.0;
  StopMonitor resumed = fixture.monitor();
  resumed.resume({record_of(1, 0.0, 0.5, 1000.0)});
  CHECK(reason_here(resumed) == StopReason::none);
}

TEST_CASE("checkpoints at multiples of their interval") {
  Fixture fixture;
  fixture.rules.checkpoint_iterations = 5;
  StopMonitor stop = fixture.monitor();
  std::vector<Index> written;
  stop.resume({record_of(1, 0.0), record_of(2, 0.0)});
  for (Index i = 3; i <= 16; ++i) {
    record_pass(stop, record_of(i, 0.0));
    if (checkpoint_here(stop)) {
      written.push_back(i);
      stop.record_checkpoint(0.1);
      CHECK_FALSE(checkpoint_here(stop));
    }
  }
  CHECK(written == std::vector<Index>{5, 10, 15});
}

TEST_CASE("checkpoints by age, also after a failed attempt") {
  Fixture fixture;
  fixture.rules.checkpoint_seconds = 60.0;
  StopMonitor stop = fixture.monitor();
  fixture.now = 61.0;
  CHECK_FALSE(checkpoint_here(stop));  // no iteration, nothing new to write
  fixture.now = 59.0;
  record_pass(stop, record_of(1, 0.0));
  CHECK_FALSE(checkpoint_here(stop));
  fixture.now = 60.0;
  const Requests todo = stop.agree(MPI_COMM_SELF);
  CHECK(todo.checkpoint);
  CHECK_FALSE(todo.stop);
  stop.record_checkpoint(0.0);
  fixture.now = 100.0;
  record_pass(stop, record_of(2, 0.0));
  CHECK_FALSE(checkpoint_here(stop));
}

TEST_CASE("a wish of one rank is a request for all") {
  Fixture fixture;
  const bool last = rank_of(world) == size_of(world) - 1;
  if (last) fixture.rules.max_walltime = 0.0;
  StopMonitor stop = fixture.monitor();
  const Requests todo = stop.agree(world);
  REQUIRE_ALL(todo.stop && todo.checkpoint && !todo.stop_now);
  REQUIRE_ALL(todo.reason == StopReason::wall_clock);
}

TEST_CASE("USR1 on one rank: one checkpoint on all, and on it goes") {
  const SignalWatch watch;
  Fixture fixture;
  StopMonitor stop = fixture.monitor();
  if (rank_of(world) == size_of(world) - 1) std::raise(SIGUSR1);
  const Requests first = stop.agree(world);
  REQUIRE_ALL(first.checkpoint && !first.stop);
  const Requests second = stop.agree(world);
  REQUIRE_ALL(!second.checkpoint && !second.stop);
  if (rank_of(world) == 0) std::raise(SIGUSR1);
  const Requests third = stop.agree(world);
  REQUIRE_ALL(third.checkpoint && !third.stop);
}

TEST_CASE("a USR1 while the ranks agree is not lost") {
  const SignalWatch watch;
  StopRules rules;
  rules.iterations = 1000;
  rules.max_walltime = 1e9;
  int looks = 0;
  StopMonitor stop(rules, [&] {  // asked when the monitor begins, and for the wall clock
    if (++looks == 2) std::raise(SIGUSR1);
    return 0.0;
  });
  std::raise(SIGUSR1);
  CHECK(checkpoint_here(stop));
  CHECK(looks == 2);
  CHECK(checkpoint_here(stop));
  CHECK_FALSE(checkpoint_here(stop));
}

TEST_CASE("USR2 and TERM: checkpoint and stop") {
  for (int number : {SIGUSR2, SIGTERM}) {
    const SignalWatch watch;
    Fixture fixture;
    StopMonitor stop = fixture.monitor();
    if (rank_of(world) == 0) std::raise(number);
    const Requests todo = stop.agree(world);
    REQUIRE_ALL(todo.checkpoint && todo.stop && !todo.stop_now);
    REQUIRE_ALL(todo.reason == StopReason::signal);
  }
}

TEST_CASE("TERM after USR2 still leaves time for the checkpoint") {
  const SignalWatch watch;
  Fixture fixture;
  StopMonitor stop = fixture.monitor();
  std::raise(SIGUSR2);
  std::raise(SIGTERM);
  const Requests todo = stop.agree(world);
  REQUIRE_ALL(todo.checkpoint && todo.stop && !todo.stop_now);
}

TEST_CASE("a second TERM: stop now; two within a second are one") {
  const SignalWatch watch;
  Fixture fixture;
  StopMonitor stop = fixture.monitor();
  const bool last = rank_of(world) == size_of(world) - 1;
  if (last) {
    std::raise(SIGTERM);
    std::raise(SIGTERM);
  }
  const Requests once = stop.agree(world);
  REQUIRE_ALL(once.checkpoint && once.stop && !once.stop_now);
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  if (last) std::raise(SIGTERM);
  const Requests twice = stop.agree(world);
  REQUIRE_ALL(!twice.checkpoint && twice.stop && twice.stop_now);
  REQUIRE_ALL(twice.reason == StopReason::signal_now);
}

TEST_CASE("a new watch begins at zero and gives the old handlers back") {
  static volatile std::sig_atomic_t mine = 0;
  const auto before = std::signal(SIGUSR1, [](int) { mine = mine + 1; });
  {
    const SignalWatch watch;
    std::raise(SIGUSR1);
    CHECK(signal_counts().checkpoint == 1);
    CHECK(mine == 0);
  }
  std::raise(SIGUSR1);
  CHECK(mine == 1);
  {
    const SignalWatch watch;
    CHECK(signal_counts().checkpoint == 0);
    CHECK_THROWS_AS(SignalWatch(), InternalError);
  }
  std::signal(SIGUSR1, before);
}

TEST_CASE("precedence, words and exit codes of the reasons") {
  const SignalWatch watch;
  Fixture fixture;
  fixture.rules.iterations = 0;
  fixture.rules.max_walltime = 0.0;
  std::raise(SIGTERM);
  StopMonitor stop = fixture.monitor();
  CHECK(reason_here(stop) == StopReason::budget);  // a finished run is finished
  CHECK(std::string(name_of(StopReason::wall_clock)) == "wall_clock");
  for (StopReason reason : {StopReason::target, StopReason::budget, StopReason::tolerance,
                            StopReason::residuals, StopReason::patience})
    CHECK(exit_code_of(reason) == ExitCode::finished);
  CHECK(stop_reason_named("target") == StopReason::target);
  CHECK(stop_reason_named("residuals") == StopReason::residuals);
  CHECK(stop_reason_named("bored") == StopReason::none);
  for (StopReason reason : {StopReason::wall_clock, StopReason::signal, StopReason::signal_now})
    CHECK(exit_code_of(reason) == ExitCode::stopped);
}
