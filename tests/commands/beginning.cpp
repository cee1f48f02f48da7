// Whether a run may go on from a checkpoint of an earlier version: its scaling and its hold-out.
#include "commands/beginning.h"

#include <catch2/catch.hpp>
#include <mpi.h>

#include "runtime/error.h"

namespace admmnet::test {

using Catch::Matchers::Contains;

TEST_CASE("auto goes on with the scaling of the checkpoint") {
  CheckpointContents older;
  older.deck = "data: {format: csv, scaling: centred}";
  DataOptions options;
  options.format = DataFormat::csv;
  CHECK(scaling_of_run(options, nullptr) == Scaling::standard);
  CHECK(scaling_of_run(options, &older) == Scaling::centred);
  options.scaling = Scaling::unit;
  CHECK(scaling_of_run(options, &older) == Scaling::unit);
  options.scaling.reset();
  options.format = DataFormat::idx;
  CHECK(scaling_of_run(options, nullptr) == Scaling::centred);
}

TEST_CASE("a run of a version that held out other samples is not mixed with this one's") {
  Log log(MPI_COMM_WORLD);
  CheckpointContents older;
  older.program = "admmnet 0.0";
  older.notes = {{note_fingerprint, "5x90+10-f"}, {note_values, "1"}};
  const std::map<std::string, std::string> same = older.notes;
  auto held_out = same;
  held_out[note_split] = "a share of each class";
  CHECK_NOTHROW(check_same_data(older, same, log));  // nothing was held out
  CHECK_THROWS_WITH(check_same_data(older, held_out, log), Contains("admmnet 0.0") &&
                                                               Contains("held out other samples") &&
                                                               Contains("-run_warm_start"));
  older.notes[note_split] = held_out[note_split];
  CHECK_NOTHROW(check_same_data(older, held_out, log));
}

}  // namespace admmnet::test
