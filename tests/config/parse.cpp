#include "config/parse.h"

#include <catch2/catch.hpp>

#include "methods/taylor/options.h"
#include "runtime/error.h"
#include "support/registered_methods.h"

using namespace admmnet;
using Catch::Matchers::Contains;
using Arguments = std::vector<std::string>;

namespace {

// The message of the refusal; "accepted" when there is none.
std::string refusal(const Arguments& arguments, std::optional<Command> command = std::nullopt,
                    int ranks = 0) {
  try {
    parse_options(arguments, command, ranks);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("values of every type reach their fields") {
  const Options o =
      parse_options({"-data_dir",  "d",         "-net_hidden", "100,200",      "-net_activation",
                     "leaky_relu", "-net_bias", "false",       "-admm_blocks", "3",
                     "-admm_beta", ".5",        "-init_seed",  "9000000000",   "-run_max_walltime",
                     "01:00:00",   "-net_loss", "hinge",       "--ranks",      "512"},
                    Command::train);
  CHECK(o.data.dir == "d");
  CHECK(o.net.hidden == std::vector<Index>{100, 200});
  CHECK(o.net.activation.kind == ActivationKind::leaky_relu);
  CHECK(o.net.loss == Loss::hinge);
  CHECK_FALSE(o.net.bias);
  CHECK(taylor_options(o).blocks == 3);
  CHECK(taylor_options(o).beta == std::vector<double>{.5});
  CHECK(o.init.seed == 9000000000);
  CHECK(o.run.max_walltime == 3600);
  CHECK(o.plan.ranks == 512);
  CHECK(o.train.iterations == TrainOptions{}.iterations);
}

TEST_CASE("the last of several values counts, and only it is checked") {
  CHECK(parse_options({"-init_seed", "x", "-init_seed", "2"}).init.seed == 2);
}

TEST_CASE("flags stand without a value; what is no key is positional where files are taken") {
  const Options o = parse_options({"-run_overwrite", "-json", "a.h5", "b.h5"}, Command::inspect);
  CHECK(o.run.overwrite);
  CHECK(o.inspect.json);
  CHECK(o.positional == Arguments{"a.h5", "b.h5"});
  CHECK_FALSE(parse_options({"-net_bias", "no"}).net.bias);
  CHECK_THAT(refusal({"-data_dir", "d", "-net_bias", "maybe"}, Command::train),
             Contains("-net_bias: 'maybe' is not allowed; allowed: true or false"));
  CHECK_THAT(refusal({"-data_dir", "d", "-net_hidden", "1", "2"}, Command::train),
             Contains("'2': unexpected argument"));
}

TEST_CASE("PETSc's options are passed on, each once, the last one") {
  const Options o = parse_options(
      {"-log_view", "-ksp_type", "cg", "-eps_nev", "-1", "-ksp_type", "gmres", "-st_type", ""});
  CHECK(o.petsc == Arguments{"-log_view", "-eps_nev", "-1", "-ksp_type", "gmres", "-st_type"});
  CHECK_THAT(refusal({"-infoo"}), Contains("-infoo: unknown key"));
}

TEST_CASE("all problems are reported at once, a line each") {
  const std::string message = refusal({"-net_hiden", "5", "-net_bias=false", "-foo_bar_baz", "-1",
                                       "-net_hidden", "100,0", "-admm_momentum", "1", "-init_seed"},
                                      Command::train);
  CHECK(message ==
        "7 problems in the deck or on the command line:\n"
        "  -net_hiden: unknown key; did you mean -net_hidden?\n"
        "  -net_bias=false: write -net_bias false\n"
        "  -foo_bar_baz: unknown key; admmnet -help lists all keys\n"
        "  -init_seed: value missing; allowed: integer >= 0\n"
        "  -net_hidden: '100,0' is not allowed; allowed: none or list, each integer in "
        "[1, 2147483647]\n"
        "  -admm_momentum: '1' is not allowed; allowed: auto or number in [0, 1)\n"
        "  -data_dir: missing; name the folder of the four IDX files, or set -data_format csv");
}

TEST_CASE("a value that is refused is told by the name that it was given by") {
  const char* allowed = ": '0' is not allowed; allowed: auto or integer >= 1";
  for (const char* name : {"-ranks", "-plan_ranks"})
    CHECK_THAT(refusal({name, "0"}), Contains(std::string("\n  ") + name + allowed));
  CHECK_THAT(refusal({"-ranks", "1", "-plan_ranks", "0"}), Contains("\n  -plan_ranks: '0'"));
}

static std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST_CASE("impossible values of single keys") {
  for (const Arguments& bad : {Arguments{"-admm_blocks", "0"},
                               {"-admm_ridge", "-1"},
                               {"-admm_beta", "1,nan"},
                               {"-train_tolerance", "inf"},
                               {"-train_iterations", "0"},
                               {"-net_leaky_slope", "1"},
                               {"-grid_rows", "0"},
                               {"-run_name", "a/b"},
                               {"-run_name", ""},
                               {"-run_outdir", ""},
                               {"-run_name", "caf\xe9"},
                               {"-run_outdir", "caf\xe9"},
                               {"-run_max_walltime", "1:60:00"},
                               {"-net_hidden", "2147483647"},
                               {"-net_hidden", repeated("2,", 100000) + "2"},
                               {"-data_classes", "1,1"},
                               {"-data_classes", "1"}}) {
    const std::string line = refusal(bad);
    INFO(line);
    CHECK_THAT(line, Contains("1 problem in"));
    CHECK_THAT(line, Contains("\n  " + bad[0] + ": "));
  }
}

TEST_CASE("values that contradict each other") {
  const Arguments printed{"-admm_sweep", "printed", "-net_hidden", "5,6"};
  const auto with = [](Arguments base, const Arguments& more) {
    base.insert(base.end(), more.begin(), more.end());
    return refusal(base);
  };
  CHECK(with(printed, {"-admm_beta", "1", "-admm_gamma", "1"}) == "accepted");
  CHECK(with(printed, {"-admm_beta", "1,2,3", "-admm_gamma", "1,2"}) == "accepted");
  CHECK_THAT(with(printed, {"-admm_beta", "1,2"}), Contains("-admm_beta: 2 values for 3 layers"));
  CHECK_THAT(with(printed, {"-admm_gamma", "1,2,3"}), Contains("3 values for 2 hidden layers"));
  CHECK_THAT(with(printed, {"-linalg_precision", "single"}), Contains("-linalg_precision: single"));
  CHECK_THAT(with(printed, {"-linalg_weight_solver", "svd,cg"}),
             Contains("2 solvers for 3 layers"));
  const Arguments biases{"-init_bias", "data", "-net_hidden", "5"};
  CHECK(refusal(biases) == "accepted");
  CHECK_THAT(with(biases, {"-net_bias", "false"}), Contains("-init_bias: data sets the biases"));
  CHECK_THAT(with(biases, {"-net_hidden", "none"}), Contains("-net_hidden none leaves none"));
  CHECK_THAT(with(biases, {"-init_scheme", "receptive_fields"}),
             Contains("sets these biases itself"));
  const Arguments deviation{"-init_scheme", "normal", "-init_deviation", "0.1"};
  CHECK(refusal(deviation) == "accepted");
  CHECK_THAT(with(deviation, {"-init_scheme", "he"}),
             Contains("-init_deviation: belongs to -init_scheme normal"));
  CHECK_THAT(with(deviation, {"-admm_sweep", "printed"}),
             Contains("-init_deviation: -admm_sweep printed begins with weights of 0"));
  CHECK_THAT(refusal({"-admm_beta", "1,2"}), Contains("takes one"));
  CHECK_THAT(refusal({"-data_validation", "5", "-data_train_limit", "5"}),
             Contains("-data_validation: holds out all 5 samples"));
  CHECK(refusal({"-data_validation", "4", "-data_train_limit", "5"}) == "accepted");
  const Arguments csv{"-data_format", "csv", "-data_test_last", "5"};
  CHECK_THAT(with(csv, {"-data_test", "f"}),
             Contains("-data_test_last: the test samples are either"));
  CHECK_THAT(with(csv, {"-data_pool", "2"}), Contains("-data_pool: only images"));
  CHECK(with(csv, {"-data_pool", "1"}) == "accepted");
  CHECK(refusal({"-data_test_last", "5", "-data_pool", "2"}) == "accepted");
  CHECK_THAT(refusal({"-data_pool", "0"}), Contains("-data_pool: '0' is not allowed"));
  CHECK_THAT(refusal({"-train_patience", "1", "-data_validation", "0"}),
             Contains("needs validation samples"));
  CHECK_THAT(
      refusal({"-train_target_accuracy", "0.9", "-train_progress", "2", "-data_validation", "0"}),
      Contains("-train_target_accuracy: needs validation samples; set -data_validation above 0") &&
          Contains("-train_progress: needs validation samples"));
  CHECK_THAT(refusal({"-train_target_accuracy", "90"}), Contains("'90' is not allowed"));
  CHECK_THAT(refusal({"-init_scheme", "zero", "-net_hidden", "5"}), Contains("-init_scheme: "));
  CHECK_THAT(refusal({"-run_restart", "a.h5", "-run_warm_start", "b.h5"}),
             Contains("-run_warm_start: "));
}

TEST_CASE("keys without a meaning are refused, and passed over at their defaults") {
  CHECK_THAT(refusal({"-admm_blocks", "2", "-admm_sweep", "printed"}),
             Contains("1 problem in") &&
                 Contains("-admm_blocks: belongs to -admm_sweep blocks, and this run has "
                          "-admm_sweep printed; leave it out, or set -admm_sweep blocks"));
  CHECK_THAT(refusal({"-admm_gamma", "1"}), Contains("belongs to -admm_sweep printed"));
  CHECK_THAT(refusal({"-admm_step", "1", "-admm_sweep", "printed"}),
             Contains("belongs to -admm_sweep blocks or full"));
  CHECK_THAT(
      refusal({"-train_method", "toyler"}),
      Contains("-train_method: 'toyler' is not allowed; allowed: one of ") && Contains("taylor"));
  const Options o = parse_options({"-admm_warmup", "10", "-admm_hidden_z", "auto"});
  REQUIRE(o.notes.size() == 1);
  CHECK(o.notes[0] ==
        "keys that have no meaning in this run stand at their defaults: -admm_warmup, "
        "-admm_hidden_z");
}

TEST_CASE("resync is the older name of two sweeps") {
  const auto sweep_of = [](const Arguments& arguments) {
    const Options o = parse_options(arguments);
    CHECK(o.notes.size() == 1);
    return taylor_options(o).sweep;
  };
  CHECK(sweep_of({"-admm_sweep", "resync"}) == Sweep::blocks);
  CHECK(sweep_of({"-admm_sweep", "resync", "-admm_blocks", "auto"}) == Sweep::blocks);
  CHECK(sweep_of({"-admm_blocks", "1", "-admm_sweep", "resync"}) == Sweep::full);
  CHECK(taylor_options(parse_options({"-admm_blocks", "1"})).sweep == Sweep::blocks);
}

TEST_CASE("a key whose value is bad causes no second problem") {
  CHECK_THAT(refusal({"-admm_sweep", "printed", "-net_hidden", "5,x", "-admm_beta", "1,2"}),
             Contains("1 problem in"));
  CHECK_THAT(refusal({"-data_dir"}, Command::train), Contains("1 problem in"));
}

TEST_CASE("the process grid must fit the ranks, those planned for if any") {
  CHECK_THAT(refusal({"-grid_rows", "3"}, std::nullopt, 2), Contains("3 rows do not fit 2 ranks"));
  CHECK(refusal({"-grid_rows", "2"}, std::nullopt, 2) == "accepted");
  CHECK(refusal({"-grid_rows", "3", "-ranks", "4"}, std::nullopt, 2) == "accepted");
}

TEST_CASE("a plan without data files, and for several numbers of ranks") {
  const Arguments imagined{"-plan_samples", "100", "-plan_features", "4", "-plan_classes", "2"};
  const auto refused = [&](const Arguments& more) {
    Arguments all = imagined;
    all.insert(all.end(), more.begin(), more.end());
    return refusal(all, Command::plan);
  };
  CHECK(refused({}) == "accepted");
  CHECK_THAT(refusal(imagined, Command::train), Contains("-data_dir: missing"));
  CHECK_THAT(refusal({"-plan_samples", "100", "-plan_classes", "2"}, Command::plan),
             Contains("-plan_samples: a plan without data files needs") && Contains("give all"));
  CHECK_THAT(refusal({"-plan_features", "4", "-data_dir", "d"}, Command::plan),
             Contains("needs -plan_samples, -plan_features and -plan_classes"));
  CHECK_THAT(refused({"-data_classes", "1,2,3"}),
             Contains("2 classes, but -data_classes names 3; set -data_classes all"));
  CHECK_THAT(refused({"-data_validation", "100"}), Contains("holds out all 100 samples"));
  CHECK_THAT(refused({"-data_test_last", "100"}), Contains("-data_test_last takes all 100"));

  CHECK(refused({"-plan_scaling", "1,2,4", "-plan_csv", "t.csv", "-plan_growth", "samples"}) ==
        "accepted");
  CHECK_THAT(refused({"-plan_scaling", "1,4,4"}), Contains("numbers of ranks must grow"));
  CHECK_THAT(refused({"-plan_scaling", "0,4"}), Contains("-plan_scaling: '0,4' is not allowed"));
  CHECK_THAT(refused({"-plan_scaling", "1,4", "-ranks", "4"}), Contains("set one"));
  CHECK_THAT(refused({"-plan_growth", "samples"}), Contains("nothing can grow without"));
  CHECK_THAT(refused({"-plan_csv", "t.csv"}), Contains("there is no table without"));
  CHECK_THAT(refused({"-plan_scaling", "1,4", "-plan_growth", "widths"}),
             Contains("there are no hidden layers to widen"));
  CHECK_THAT(refused({"-plan_scaling", "2,4", "-grid_rows", "3"}),
             Contains("3 rows do not fit 2 ranks"));
}

TEST_CASE("each command needs its own keys") {
  CHECK(refusal({"-data_dir", "d"}, Command::train) == "accepted");
  CHECK_THAT(refusal({"-data_format", "csv"}, Command::train), Contains("-data_train: missing"));
  CHECK_THAT(refusal({"-data_format", "csv", "-data_train", "f", "-data_label_column", "none"},
                     Command::train),
             Contains("-data_label_column: training needs labels"));
  CHECK_THAT(refusal({"-data_format", "csv"}, Command::predict),
             Contains("-data_test: missing") && Contains("-run_model: missing"));
  CHECK(refusal({"-data_dir", "d", "-run_model", "m.h5"}, Command::predict) == "accepted");
  CHECK(refusal({"m.h5"}, Command::inspect) == "accepted");
}

TEST_CASE("commands") {
  CHECK(parse_command("predict") == Command::predict);
  CHECK_THROWS_WITH(parse_command("trian"), Contains("did you mean train?"));
  CHECK_THROWS_WITH(parse_command("xxxxxxx"), Contains("train, predict, plan, convert, inspect"));
}
