#include "runtime/metrics.h"

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

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
  record.train_accuracy = 0.1 * static_cast<double>(iteration);
  record.seconds = 0.25;
  return record;
}

static bool same(const IterationRecord& one, const IterationRecord& two) {
  return one.iteration == two.iteration && one.objective == two.objective &&
         std::isnan(one.primal_residual) && std::isnan(two.primal_residual) &&
         one.train_accuracy == two.train_accuracy && one.seconds == two.seconds &&
         std::isnan(two.validation_accuracy) && std::isnan(two.elapsed);
}

/// On rank 0: the iterations in the file are 1..last, with the values of record_of(). True
/// elsewhere.
static bool holds_exactly(const std::string& path, Index last) {
  if (rank_of(world) != 0) return true;
  const std::vector<IterationRecord> rows = read_metrics(path);
  bool good = static_cast<Index>(rows.size()) == last;
  for (Index i = 0; good && i < last; ++i)
    good = same(record_of(i + 1), rows[static_cast<std::size_t>(i)]);
  return good;
}

static void write_on_root(const std::string& path, const std::string& text) {
  collectively(world, [&] {
    if (rank_of(world) == 0) write_text_atomically(path, text);
  });
}

static Index lines_in(const std::string& path) {
  Index lines = 0;
  for (char letter : read_text(path)) lines += letter == '\n';
  return lines;
}

TEST_CASE("rows are read back bit for bit, absent values as absent") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  MetricsFile metrics(world, path);
  for (Index i = 1; i <= 4; ++i) metrics.add(record_of(i));
  REQUIRE_ALL(holds_exactly(path, 4));
  const std::string expected_head =
      "iteration,objective,primal_residual,train_loss,train_accuracy,validation_accuracy,seconds,"
      "elapsed\n1,0.33333333333333331,,,0.10000000000000001,,0.25,\n";
  REQUIRE_ALL(rank_of(world) != 0 || read_text(path).find(expected_head) == 0);
}

TEST_CASE("a restart drops the rows after its checkpoint and leaves no gap or double") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  {
    MetricsFile metrics(world, path);
    for (Index i = 1; i <= 7; ++i) metrics.add(record_of(i));
  }
  MetricsFile metrics = MetricsFile::continued(world, path, 4);
  REQUIRE_ALL(holds_exactly(path, 4));
  for (Index i = 5; i <= 9; ++i) metrics.add(record_of(i));
  REQUIRE_ALL(holds_exactly(path, 9));
  REQUIRE_ALL(rank_of(world) != 0 || lines_in(path) == 10);
}

TEST_CASE("a restart from a history does not need the old file") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  MetricsFile metrics(world, path, {record_of(1), record_of(2)});
  metrics.add(record_of(3));
  REQUIRE_ALL(holds_exactly(path, 3));
}

TEST_CASE("a fresh run replaces the file, a missing file is begun") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  MetricsFile::continued(world, path, 3).add(record_of(1));
  REQUIRE_ALL(holds_exactly(path, 1));
  MetricsFile fresh(world, path);
  REQUIRE_ALL(holds_exactly(path, 0));
}

TEST_CASE("a line that a killed run left incomplete is dropped") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  const std::string head = "iteration,objective,train_accuracy,seconds\n";
  const std::string one = "1,0.33333333333333331,0.10000000000000001,0.25\n";
  write_on_root(path, head + one + "2,0.25,0.2,0.2");  // complete cells, but cut within a number
  REQUIRE_ALL(holds_exactly(path, 1));
  write_on_root(path, head + one + "2,0.2\n,,,\nx,1,1,1\n3,0.2x,1,1\n");
  REQUIRE_ALL(holds_exactly(path, 1));
}

TEST_CASE("of two rows of one iteration the later counts") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  write_on_root(path,
                "iteration,objective,train_accuracy,seconds\n1,5,5,5\n"
                "1,0.33333333333333331,0.10000000000000001,0.25\n");
  REQUIRE_ALL(holds_exactly(path, 1));
}

TEST_CASE("columns of another version are found by name") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  write_on_root(path,
                "iteration,seconds,new_column,train_accuracy,objective\r\n"
                "1,0.25,7,0.10000000000000001,0.33333333333333331\r\n");
  REQUIRE_ALL(holds_exactly(path, 1));
}

TEST_CASE("a foreign file is refused on every rank and left alone") {
  const ScratchFolder folder;
  const std::string path = folder / "m.csv";
  write_on_root(path, "name,age\nx,1\n");
  ExitCode code = ExitCode::finished;
  try {
    MetricsFile::continued(world, path, 4);
  } catch (const Error& error) {
    code = error.code();
  }
  REQUIRE_ALL(code == ExitCode::io_failure);
  REQUIRE_ALL(rank_of(world) != 0 || read_text(path) == "name,age\nx,1\n");
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
