// What the methods of one solve refuse, and with which remedy; and what auto stands for.
#include <catch2/catch.hpp>

#include "config/parse.h"
#include "config/schema.h"
#include "runtime/error.h"
#include "support/registered_methods.h"

using namespace admmnet;
using Catch::Matchers::Contains;

namespace {

std::string refusal(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"-data_dir", "d", "-train_method"});
  try {
    parse_options(arguments, Command::train, 1);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "accepted";
}

ProblemSize size(Index validation) {
  return {{{5, 4, 3}, {}, Loss::squared, 0.0, true}, 100, validation, 0};
}

}  // namespace

TEST_CASE("hidden layers are where they belong") {
  CHECK(refusal({"linear"}) == "accepted");
  CHECK(refusal({"random_features", "-net_hidden", "7,5"}) == "accepted");
  CHECK_THAT(refusal({"linear", "-net_hidden", "7"}),
             Contains("-net_hidden: linear has no hidden layers; set none, or -train_method "
                      "random_features"));
  CHECK_THAT(refusal({"random_features"}), Contains("-net_hidden: random_features needs a hidden "
                                                    "layer"));
}

TEST_CASE("cos is for fixed layers, one of them, with biases, and as it is drawn") {
  const std::vector<std::string> cosine{"random_features", "-net_activation", "cos", "-net_hidden"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), cosine.begin(), cosine.end());
    return refusal(more);
  };
  CHECK(with({"7", "-random_features_sigma", "3"}) == "accepted");
  CHECK_THAT(refusal({"taylor", "-net_hidden", "7", "-net_activation", "cos"}),
             Contains("-net_activation: cos cannot be trained by taylor") &&
                 Contains("-train_method random_features"));
  CHECK_THAT(with({"7,5"}), Contains("-net_hidden: cos are the features"));
  CHECK_THAT(with({"7", "-net_bias", "false"}), Contains("-net_bias: cos features"));
  CHECK_THAT(with({"7", "-init_scheme", "xavier"}), Contains("-init_scheme: cos features"));
  CHECK_THAT(with({"7", "-random_features_normalise", "true"}),
             Contains("-random_features_normalise: cos features"));
  CHECK_THAT(refusal({"random_features", "-net_hidden", "7", "-random_features_sigma", "3"}),
             Contains("-random_features_sigma") && Contains("net_activation"));
}

TEST_CASE("the ridge is a number, or chosen by validation samples that there are") {
  CHECK(refusal({"linear", "-linear_ridge", "validation", "-linear_ridges", "0,1"}) == "accepted");
  CHECK_THAT(refusal({"linear", "-linear_ridge", "auto"}), Contains("validation or number >= 0"));
  CHECK_THAT(refusal({"linear", "-linear_ridge", "-1"}), Contains("-linear_ridge"));
  CHECK_THAT(refusal({"linear", "-linear_ridges", "0,1"}), Contains("-linear_ridge"));
  CHECK_THAT(refusal({"linear", "-linear_ridge", "validation", "-data_validation", "0"}),
             Contains("-linear_ridge: needs validation samples"));
  CHECK_THAT(refusal({"linear", "-linalg_weight_solver", "qr"}),
             Contains("-linalg_weight_solver: qr needs the samples"));
  Options options = parse_options({"-train_method", "linear", "-linear_ridge", "validation"});
  CHECK_THROWS_WITH(method_named("linear").resolve(size(0), options),
                    Contains("-linear_ridge validation needs validation samples"));
}

TEST_CASE("auto is one pass, Cholesky factors, and normalised units but for cos") {
  for (const std::string activation : {"relu", "cos"}) {
    Options options =
        parse_options({"-train_method", "random_features", "-net_hidden", "4", "-net_activation",
                       activation, "-linalg_weight_solver", "auto"});
    method_named("random_features").resolve(size(10), options);
    CHECK(options.train.iterations == 1);
    CHECK(options.linalg.weight_solver ==
          std::vector<WeightSolver>{WeightSolver::cholesky, WeightSolver::cholesky});
    CHECK(find_key("random_features_normalise")->write(options) ==
          (activation == "cos" ? "false" : "true"));
    CHECK(find_key("random_features_ridges")->write(options) ==
          "1e-06,1e-05,0.0001,0.001,0.01,0.1,1,10,100,1000");
  }
}
