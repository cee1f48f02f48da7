#include "runtime/log.h"

#include <signal.h>
#include <string>
#include <sys/resource.h>

#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/monitor.h"
#include "scratch_folder.h"
#include "support/mpi_check.h"

using namespace admmnet;
using test::ScratchFolder;
using Mode = LineWriter::Mode;

static const MPI_Comm world = MPI_COMM_WORLD;

TEST_CASE("lines, sections, warnings and values, once for all ranks") {
  const ScratchFolder folder;
  Log log(world, folder / "run.log", Mode::truncate);
  log.line("hello");
  log.section("machine");
  log.value("ranks", 4);
  log.value("samples", Index{60000000000});
  log.value("tolerance", 1e-3);
  log.value("bias", true);
  log.value("name", "text");
  log.warning("mind the gap");
  const std::string expected =
      "hello\n\n== machine ==\nranks: 4\nsamples: 60000000000\ntolerance: 0.001\nbias: true\n"
      "name: text\nwarning: mind the gap\n";
  REQUIRE_ALL(rank_of(world) != 0 || read_text(folder / "run.log") == expected);
}

TEST_CASE("a log is appended to or begun anew") {
  const ScratchFolder folder;
  Log(world, folder / "run.log", Mode::truncate).line("one");
  Log(world, folder / "run.log", Mode::append).line("two");
  REQUIRE_ALL(rank_of(world) != 0 || read_text(folder / "run.log") == "one\ntwo\n");
  Log(world, folder / "run.log", Mode::truncate).line("three");
  REQUIRE_ALL(rank_of(world) != 0 || read_text(folder / "run.log") == "three\n");
}

TEST_CASE("a log that cannot be opened is an IoFailure on every rank") {
  const ScratchFolder folder;
  ExitCode code = ExitCode::finished;
  std::string message;
  try {
    Log log(world, folder / "none/run.log", Mode::append);
  } catch (const Error& error) {
    code = error.code();
    message = error.what();
  }
  REQUIRE_ALL(code == ExitCode::io_failure);
  REQUIRE_ALL(message.find("none/run.log") != std::string::npos);
}

TEST_CASE("a disk that fills up later does not end the run") {
  const ScratchFolder folder;
  Log log(world, folder / "run.log", Mode::append);
  rlimit before = {};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit none = {0, before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &none);
  for (int i = 0; i < 3; ++i) log.line("a line that does not fit");
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  REQUIRE_ALL(read_text(folder / "run.log").empty());
}

TEST_CASE("the table of iterations") {
  const ScratchFolder folder;
  Log log(world, folder / "run.log", Mode::truncate);
  Monitor monitor(log, 3);
  IterationRecord record;
  record.iteration = 1;
  record.objective = 12.5;
  record.train_score = 0.9876;
  record.seconds = 1800.0;
  monitor.print(record);
  record.iteration = 3;
  record.primal_residual = 0.5;
  record.validation_score = 1.0;
  record.seconds = 600.0;
  monitor.print(record);
  // ETA of the first: two iterations of half an hour.
  const std::string expected =
      "iteration     objective   primal res  train[%]  valid[%]    time[s]  ETA[h:m:s]\n"
      "        1  1.250000e+01            -     98.76         -   1800.000     1:00:00\n"
      "        3  1.250000e+01    5.000e-01     98.76    100.00    600.000     0:00:00\n";
  REQUIRE_ALL(rank_of(world) != 0 || read_text(folder / "run.log") == expected);
}

TEST_CASE("the dual residual has a column where the method has one") {
  const ScratchFolder folder;
  Log log(world, folder / "run.log", Mode::truncate);
  Monitor monitor(
      log, 2, accuracy_score, [] { return 0.0; }, true);
  IterationRecord record;
  record.seconds = 1.0;
  for (const double dual : {IterationRecord::absent, 0.25}) {
    ++record.iteration;
    record.dual_residual = dual;
    monitor.print(record);
  }
  const std::string expected =
      "iteration     objective   primal res    dual res  train[%]  valid[%]    time[s]  "
      "ETA[h:m:s]\n"
      "        1             -            -           -         -         -      1.000     "
      "0:00:01\n"
      "        2             -            -   2.500e-01         -         -      1.000     "
      "0:00:00\n";
  REQUIRE_ALL(rank_of(world) != 0 || read_text(folder / "run.log") == expected);
}

TEST_CASE("the head comes back every fifty lines") {
  const ScratchFolder folder;
  Log log(world, folder / "run.log", Mode::truncate);
  Monitor monitor(log, 101);
  IterationRecord record;
  record.seconds = 1.0;
  for (record.iteration = 1; record.iteration <= 101; ++record.iteration) monitor.print(record);
  int heads = 0;
  if (rank_of(world) == 0) {
    const std::string text = read_text(folder / "run.log");
    for (std::size_t at = 0; (at = text.find("iteration", at)) != std::string::npos; ++at) ++heads;
  }
  REQUIRE_ALL(heads == (rank_of(world) == 0 ? 3 : 0));
}

TEST_CASE("progress is a line in a file when there has been none for a minute") {
  const ScratchFolder folder;
  double now = 1000.0;
  Log log(world, folder / "run.log", Mode::truncate, [&now] { return now; });
  const auto at = [&](double seconds, const std::string& text) {
    now = 1000.0 + seconds;
    log.progress(text);
  };
  at(59.0, "too early");
  at(60.0, "one");
  at(119.0, "too early");
  at(120.5, "two");
  now = 1150.0;
  log.line("a line");
  at(209.0, "too early");
  at(210.0, "three");
  REQUIRE_ALL(rank_of(world) != 0 || read_text(folder / "run.log") == "one\ntwo\na line\nthree\n");
}

TEST_CASE("how far a pass has come, at this pass's speed") {
  const ScratchFolder folder;
  double now = 0.0;
  const auto clock = [&now] { return now; };
  Log log(world, folder / "run.log", Mode::truncate, clock);
  Monitor monitor(log, 9, accuracy_score, clock);
  monitor.progress(3, 0, 22, IterationRecord::absent);  // too early for a line
  now = 100.0;
  monitor.progress(3, 10, 22, 0.123446);  // ten in 100 s, twelve to come
  now = 200.0;
  monitor.progress(4, 21, 22, IterationRecord::absent);  // this run begins with 21 of them
  now = 300.0;
  monitor.progress(4, 22, 22, 1e300);
  const std::string expected =
      "pass 3: 45 % (10 of 22), loss 0.1234, 0:02:00 left in this pass\n"
      "pass 4: 95 % (21 of 22), loss -, - left in this pass\n"
      "pass 4: 100 % (22 of 22), loss 1e+300, 0:00:00 left in this pass\n";
  REQUIRE_ALL(rank_of(world) != 0 || read_text(folder / "run.log") == expected);
}

TEST_CASE("hours, minutes and seconds") {
  CHECK(hours_minutes_seconds(3723.4) == "1:02:03");
  CHECK(hours_minutes_seconds(0.0) == "0:00:00");
  CHECK(hours_minutes_seconds(360000.0) == "100:00:00");
  CHECK(hours_minutes_seconds(IterationRecord::absent) == "-");
  CHECK(hours_minutes_seconds(1e300) == "277777:46:40");
}
