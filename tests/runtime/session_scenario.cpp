// One way for the program to end, chosen by name: run by expect_exit.cmake, which checks what
// mpiexec returns.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <map>
#include <new>
#include <string>
#include <thread>

#include <mpi.h>
#include <petscsys.h>

#include "runtime/communicator.h"
#include "runtime/failure.h"
#include "runtime/log.h"
#include "runtime/petsc_check.h"
#include "runtime/session.h"
#include "runtime/stop.h"
#include "runtime/timers.h"

using namespace admmnet;

static int world_rank() {
  return rank_of(MPI_COMM_WORLD);
}

static ExitCode same_error() {
  throw BadInput("the same problem");
}

static ExitCode one_rank_while_others_wait() {
  if (world_rank() == 1) throw IoFailure("lonely problem");
  MPI_Barrier(MPI_COMM_WORLD);
  return ExitCode::finished;
}

static ExitCode one_rank_while_others_finish() {
  if (world_rank() == 1) throw IoFailure("lonely problem");
  return ExitCode::finished;
}

static ExitCode different_errors() {
  if (world_rank() == 0) return ExitCode::finished;
  if (world_rank() == 1) throw NumericalBreakdown("first problem");
  throw BadInput("second problem");
}

/// The healthy ranks must not lose patience with a slow one.
static ExitCode slow_rank() {
  if (world_rank() == 1) std::this_thread::sleep_for(std::chrono::seconds(3));
  return ExitCode::stopped;
}

static ExitCode different_codes() {
  return world_rank() == 1 ? ExitCode::stopped : ExitCode::finished;
}

static ExitCode out_of_memory() {
  throw std::bad_alloc();
}

static ExitCode unknown_exception() {
  throw 42;
}

static ExitCode terminate() {
  const std::function<void()> fails = [] { throw BadInput("escaped problem"); };
  const auto lets_nothing_out = [&]() noexcept { fails(); };
  if (world_rank() == 0) lets_nothing_out();
  MPI_Barrier(MPI_COMM_WORLD);
  return ExitCode::finished;
}

static ExitCode mpi_error() {
  int value = 0;
  MPI_Bcast(&value, 1, MPI_INT, size_of(MPI_COMM_WORLD) + 5, MPI_COMM_WORLD);
  return ExitCode::finished;
}

static PetscErrorCode deep_failure() {
  SETERRQ(PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "the depth is %d", 7);
}

static PetscErrorCode shallow_failure() {
  PetscFunctionBeginUser;
  PetscCall(deep_failure());
  PetscFunctionReturn(0);
}

static ExitCode petsc_error() {
  ADMMNET_PETSC(shallow_failure());
  return ExitCode::finished;
}

static ExitCode petsc_memory() {
  check_petsc(PETSC_ERR_MEM, "MatCreate");
  return ExitCode::finished;
}

static ExitCode command_line() {
  PetscInt value = 0;
  PetscBool found = PETSC_FALSE;
  ADMMNET_PETSC(PetscOptionsGetInt(nullptr, nullptr, "-answer", &value, &found));
  return found && value == 42 ? ExitCode::finished : ExitCode::bad_input;
}

static ExitCode log_view() {
  Timers timers;
  const int phase = timers.phase("WeightPhase");
  for (int i = 0; i < 3; ++i) {
    const auto scope = timers.time(phase);
    MPI_Barrier(MPI_COMM_WORLD);
  }
  return ExitCode::finished;
}

/// A real SIGTERM reaches the stop logic though PETSc is running.
static ExitCode term_once() {
  const SignalWatch watch;
  StopRules rules;
  rules.iterations = 1000;
  StopMonitor stop(rules);
  if (world_rank() == 1) std::raise(SIGTERM);
  return exit_code_of(stop.agree(MPI_COMM_WORLD).reason);
}

/// Failed writes do not end the program, neither by the system nor by PETSc's own signal handlers.
static ExitCode failed_writes() {
  std::raise(SIGPIPE);
  std::raise(SIGXFSZ);
  return ExitCode::finished;
}

static ExitCode term_three_times() {
  const SignalWatch watch;
  for (int i = 0; i < 3; ++i) {
    std::raise(SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
  }
  return ExitCode::finished;
}

/// By a clock that stands still but for 0.3 s between two texts that are to be seen.
static ExitCode progress() {
  double now = 0.0;
  Log log(MPI_COMM_WORLD, [&now] { return now; });
  const auto later = [&](const char* text) {
    now += 0.3;
    log.progress(text);
  };
  later("a long text");
  later("a text");
  log.progress("too soon");
  log.line("a line");
  log.progress("too soon");
  later("the last");
  return ExitCode::finished;
}

int main(int argc, char* argv[]) {
  Session session(&argc, &argv);
  const std::map<std::string, std::function<ExitCode()>> scenarios = {
      {"same_error", same_error},
      {"one_rank_while_others_wait", one_rank_while_others_wait},
      {"one_rank_while_others_finish", one_rank_while_others_finish},
      {"different_errors", different_errors},
      {"slow_rank", slow_rank},
      {"different_codes", different_codes},
      {"out_of_memory", out_of_memory},
      {"unknown_exception", unknown_exception},
      {"terminate", terminate},
      {"mpi_error", mpi_error},
      {"petsc_error", petsc_error},
      {"petsc_memory", petsc_memory},
      {"command_line", command_line},
      {"log_view", log_view},
      {"term_once", term_once},
      {"failed_writes", failed_writes},
      {"progress", progress},
      {"term_three_times", term_three_times}};
  // One second of patience keeps the tests quick.
  return exit_code_on_every_rank(
      MPI_COMM_WORLD,
      [&] {
        session.start_libraries(
            {argv[0], "-answer", "42", argc > 2 ? argv[2] : "-unused_by_tests"});
        return scenarios.at(argv[1])();
      },
      1.0);
}
