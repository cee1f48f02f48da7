#include "runtime/metrics.h"

#include <sstream>
#include <string>

#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/progress_file.h"
#include "scratch_folder.h"
#include "support/mpi_check.h"

using namespace admmnet;
using test::ScratchFolder;

static const MPI_Comm world = MPI_COMM_WORLD;

static IterationRecord record_of(Index iteration) {
  IterationRecord record;
  record.iteration = iteration;
  record.objective = 1.0 / static_cast<double>(iteration + 2);  // no finite binary fraction
  record.train_score = 0.1 * static_cast<double>(iteration);
  record.seconds = 0.25;
  return record;
}

/// The file of the iterations 1..last, with the values of record_of().
static std::string rows(Index last) {
  std::ostringstream text;
  text.precision(17);
  text << "iteration,objective,primal_residual,dual_residual,lagrangian,train_loss,train_accuracy,"
          "validation_accuracy,seconds,elapsed\n";
  for (Index i = 1; i <= last; ++i) {
    const IterationRecord record = record_of(i);
    text << i << ',' << record.objective << ",,,,," << record.train_score << ",,0.25,\n";
  }
  return text.str();
}

/// On rank 0: the file holds just these rows. True elsewhere.
static bool holds_exactly(const std::string& path, Index last) {
  return rank_of(world) != 0 || read_text(path) == rows(last);
}

TEST_CASE("rows are in the file at once, bit for bit, absent values as absent") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  MetricsFile metrics(world, path);
  for (Index i = 1; i <= 4; ++i) {
    metrics.add(record_of(i));
    REQUIRE_ALL(holds_exactly(path, i));
  }
  REQUIRE(rows(1).find("\n1,0.33333333333333331,,,,,0.10000000000000001,,0.25,\n") !=
          std::string::npos);
  REQUIRE(std::stod("0.33333333333333331") == record_of(1).objective);
}

TEST_CASE("a restart goes on from a history, whatever the old file holds") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  MetricsFile metrics(world, path, {record_of(1), record_of(2)});
  metrics.add(record_of(3));
  REQUIRE_ALL(holds_exactly(path, 3));
}

TEST_CASE("a run replaces the file that is there") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  MetricsFile(world, path).add(record_of(1));
  REQUIRE_ALL(holds_exactly(path, 1));
  MetricsFile fresh(world, path);
  REQUIRE_ALL(holds_exactly(path, 0));
}

TEST_CASE("columns of the test samples come last, where they are asked for") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  IterationRecord record = record_of(1);
  record.test_score = 0.75;
  MetricsFile(world, path, {record}, record_columns(accuracy_score, true)).add(record_of(2));
  REQUIRE_ALL(
      rank_of(world) != 0 ||
      read_text(path) ==
          "iteration,objective,primal_residual,dual_residual,lagrangian,train_loss,train_accuracy,"
          "validation_accuracy,seconds,elapsed,test_accuracy,test_loss\n"
          "1,0.33333333333333331,,,,,0.10000000000000001,,0.25,,0.75,\n"
          "2,0.25,,,,,0.20000000000000001,,0.25,,,\n");
}

TEST_CASE("looks are spread over a pass, the last one at its end") {
  const auto looks = [](Index n, Index of) {
    std::vector<Index> at;
    for (Index done = 1; done <= of; ++done)
      if (look_is_due(n, done, of)) at.push_back(done);
    return at;
  };
  CHECK(looks(0, 8).empty());
  CHECK(looks(1, 8) == std::vector<Index>{8});
  CHECK(looks(3, 8) == std::vector<Index>{3, 6, 8});
  for (Index n : {5, 7, 1000000}) CHECK(looks(n, 5) == std::vector<Index>{1, 2, 3, 4, 5});
}

TEST_CASE("progress: a restart keeps the rows up to its position, whole ones of the same kind") {
  const ScratchFolder folder;
  const std::string path = folder / "p.csv", head = "pass,seconds,validation_accuracy,train_loss\n";
  const auto holds = [&](const std::string& text) {
    return rank_of(world) != 0 || read_text(path) == head + text;
  };
  {
    ProgressFile file(world, path, accuracy_score, 0.0, true);
    for (Index step : {1, 2, 3}) file.add({passes(1, step, 3), 0.5, 0.25, IterationRecord::absent});
  }
  const std::string third = "1.3333333333333333,0.5,0.25,\n",
                    second = "1.6666666666666665,0.5,0.25,\n";
  REQUIRE_ALL(holds(third + second + "2,0.5,0.25,\n"));
  if (rank_of(world) == 0) LineWriter(path, LineWriter::Mode::append).write("nan,1,1,1\n1,2\n1");
  ProgressFile(world, path, accuracy_score, passes(1, 2, 3), true).add({2.0, 1.0, 1.0, 0.0});
  REQUIRE_ALL(holds(third + second + "2,1,1,0\n"));
  ProgressFile(world, path, accuracy_score, 1.5, false).add({2.0, 1.0, 1.0, 0.0});
  REQUIRE_ALL(holds(third));
  ProgressFile(world, path, Score{"error", "", 1.0, false}, 1.5, true);
  REQUIRE_ALL(rank_of(world) != 0 ||
              read_text(path) == "pass,seconds,validation_error,train_loss\n");
  ProgressFile(world, path, accuracy_score, 0.0, false);
  REQUIRE_ALL(holds(""));
  ProgressFile(world, folder / "none.csv", accuracy_score, 1.0, false).add({});
  REQUIRE_ALL(!file_exists(folder / "none.csv"));
}

TEST_CASE("a metrics file in a missing folder is an error on every rank") {
  const ScratchFolder folder;
  ExitCode code = ExitCode::finished;
  try {
    MetricsFile(world, folder / "none/m.csv");
  } catch (const Error& error) {
    code = error.code();
  }
  REQUIRE_ALL(code == ExitCode::io_failure);
}
