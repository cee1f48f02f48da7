#include "runtime/metrics.h"

#include <sstream>
#include <string>

#include "runtime/communicator.h"
#include "runtime/error.h"
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
  text << "iteration,objective,primal_residual,train_loss,train_accuracy,validation_accuracy,"
          "seconds,elapsed\n";
  for (Index i = 1; i <= last; ++i) {
    const IterationRecord record = record_of(i);
    text << i << ',' << record.objective << ",,," << record.train_score << ",,0.25,\n";
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
  REQUIRE(rows(1).find("\n1,0.33333333333333331,,,0.10000000000000001,,0.25,\n") !=
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
