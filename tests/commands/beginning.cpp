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
  options.format = "csv";
  CHECK(scaling_of_run(options, nullptr) == Scaling::standard);
  CHECK(scaling_of_run(options, &older) == Scaling::centred);
  options.scaling = Scaling::unit;
  CHECK(scaling_of_run(options, &older) == Scaling::unit);
  options.scaling.reset();
  options.format = "idx";
  CHECK(scaling_of_run(options, nullptr) == Scaling::centred);
}

TEST_CASE("a run that an older version began keeps the samples that it held out") {
  CheckpointContents contents;
  contents.notes = {{note_fingerprint, "5x90+10-f"}, {note_values, "1"}};
  CHECK(hold_out_of_run(nullptr) == HoldOut::of_each_class);
  CHECK(hold_out_of_run(&contents) == HoldOut::of_all);
  contents.notes[note_split] = "a share of each class";
  CHECK(hold_out_of_run(&contents) == HoldOut::of_each_class);
}

}  // namespace admmnet::test
