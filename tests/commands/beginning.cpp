// Whether a run may go on from a checkpoint of an earlier version: its scaling, its hold-out, its
// history, its biases. Whether there is anything left to do.
#include "commands/beginning.h"

#include <cmath>

#include <catch2/catch.hpp>
#include <mpi.h>

#include "commands/report.h"
#include "commands/topology.h"
#include "config/config.h"
#include "config/schema.h"
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

TEST_CASE("a history without columns of the test samples has none of their values") {
  std::vector<IterationRecord> history(2);
  for (IterationRecord& record : history) {
    record.iteration = 1 + (&record - history.data());
    record.train_loss = record.test_loss = 0.5;
    record.dual_residual = record.lagrangian = 0.25;
  }
  CheckpointContents contents;
  contents.history = history_columns(history, record_columns(accuracy_score, true));
  CHECK(history_records(contents, accuracy_score)[1].test_loss == 0.5);
  contents.history = history_columns(history, record_columns(accuracy_score));
  const std::vector<IterationRecord> back = history_records(contents, accuracy_score);
  REQUIRE(back.size() == 2);
  CHECK(back[1].train_loss == 0.5);
  CHECK(back[1].dual_residual == 0.25);
  CHECK(back[1].lagrangian == 0.25);
  CHECK(std::isnan(back[1].test_loss));
}

TEST_CASE("a run that has reached its target goes on with more iterations or another target") {
  CheckpointContents contents;
  contents.finished = true;
  contents.iteration = 3;
  contents.deck = "data: {dir: x}\ntrain: {iterations: 5, target_accuracy: 0.9}";
  Options options = options_of(contents);
  CHECK(nothing_left_to_do(contents, options));
  options.train.target_accuracy = 0.95;
  CHECK_FALSE(nothing_left_to_do(contents, options));
  options = options_of(contents);
  options.train.iterations = 6;
  CHECK_FALSE(nothing_left_to_do(contents, options));
}

TEST_CASE("a run that waits goes on with a later pause or without one") {
  CheckpointContents contents;
  contents.stop_reason = "pause";
  contents.iteration = 3;
  contents.deck = "data: {dir: x}\ntrain: {iterations: 5, pause_after: 3}";
  Options options = options_of(contents);
  CHECK(nothing_left_to_do(contents, options));
  options.train.pause_after = 2;
  CHECK(nothing_left_to_do(contents, options));
  for (const Index later : {4, 0}) {
    options.train.pause_after = later;
    CHECK_FALSE(nothing_left_to_do(contents, options));
  }
}

TEST_CASE("a run that has reached its residuals goes on with other tolerances") {
  CheckpointContents contents;
  contents.finished = true;
  contents.iteration = 3;
  contents.deck = "data: {dir: x}\ntrain: {iterations: 5, tolerance_primal: 0.1}";
  Options options = options_of(contents);
  CHECK(nothing_left_to_do(contents, options));
  options.train.tolerance_primal = 0.05;
  CHECK_FALSE(nothing_left_to_do(contents, options));
  options = options_of(contents);
  options.train.tolerance_dual = 0.05;
  CHECK_FALSE(nothing_left_to_do(contents, options));
}

TEST_CASE("what accelerates a run, and that a run of an older version stays without") {
  DataShape shape;
  shape.features = 4;
  shape.train = 90;
  shape.validation = 10;
  shape.class_labels = {"a", "b", "c"};
  const auto resolved = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-data_dir", "x", "-net_hidden", "5"});
    Options options = parse_options(arguments);
    resolve(shape, options);
    return options;
  };
  CHECK(resolved({}).train.acceleration == Acceleration::none);
  CHECK(resolved({"-admm_sweep", "printed"}).train.acceleration == Acceleration::none);
  CHECK(
      resolved({"-admm_sweep", "printed", "-train_acceleration", "anderson"}).train.acceleration ==
      Acceleration::anderson);
  for (const char* sweep : {"blocks", "full"})
    CHECK_THROWS_WITH(
        resolved({"-admm_sweep", sweep, "-train_acceleration", "anderson"}),
        Catch::Matchers::StartsWith("-train_acceleration anderson: a pass of -train_method "
                                    "taylor with these keys is no map of its state; set none"));
  const std::vector<std::string> dual{"-train_tolerance_dual", "0.5", "-admm_sweep", "printed"};
  CHECK_THROWS_WITH(resolved(dual),
                    Catch::Matchers::StartsWith("-train_tolerance_dual 0.5: -train_method "
                                                "taylor with these keys has no dual"));
  auto with_multiplier = dual;
  with_multiplier.insert(with_multiplier.end(), {"-admm_multiplier", "residual"});
  CHECK(resolved(with_multiplier).train.tolerance_dual == 0.5);

  CheckpointContents older;
  older.deck = "data: {dir: x}\nnet: {hidden: [5]}\nadmm: {sweep: printed}";
  CHECK(options_of(older).train.acceleration == Acceleration::none);
}

TEST_CASE("iterations that seem to be faster than dgemm") {
  CHECK(speed_text(12.5, 50.0) == "12.5 GF/s a rank of 50.0 that dgemm reaches (25 %)");
  CHECK_THAT(speed_text(30.0, 20.0), Catch::StartsWith("30.0 GF/s a rank of 20.0 that dgemm") &&
                                         Catch::Contains("(150 %: dgemm is timed at the end") &&
                                         Catch::EndsWith("slowed it)"));
}

TEST_CASE("biases of layer 1: spread over the data by default, zero in runs of older versions") {
  DataShape shape;
  shape.features = 4;
  shape.train = 90;
  shape.validation = 10;
  shape.class_labels = {"a", "b", "c"};
  const auto bias = [&](Options options) {
    resolve(shape, options);
    return options.init.bias.value();
  };
  Options options = parse_options({"-data_dir", "x", "-net_hidden", "5"});
  CHECK(bias(options) == InitBias::data);
  options.init.scheme = InitScheme::xavier;
  CHECK(bias(options) == InitBias::data);
  const auto set = [&](const char* key, const char* value) {
    Options other = options;
    find_key(key)->read(value, other);
    return other;
  };
  CHECK(bias(set("admm_sweep", "full")) == InitBias::zero);
  CHECK(bias(set("admm_sweep", "printed")) == InitBias::zero);
  CHECK(bias(set("admm_defaults", "first")) == InitBias::zero);
  CHECK(bias(set("init_scheme", "receptive_fields")) == InitBias::zero);
  CHECK(bias(set("init_scheme", "zero")) == InitBias::zero);
  CHECK(bias(set("net_hidden", "none")) == InitBias::zero);
  CHECK(bias(set("net_bias", "false")) == InitBias::zero);
  CHECK(bias(set("init_bias", "zero")) == InitBias::zero);

  CheckpointContents older;
  older.deck = "data: {dir: x}\nnet: {hidden: [5]}";
  Options now = parse_options({"-data_dir", "x", "-net_hidden", "5"});
  take_choices(options_of(older), now);
  CHECK(bias(now) == InitBias::zero);
}

}  // namespace admmnet::test
