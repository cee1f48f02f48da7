// Defaults, refusals and plan of pdADMM.
#include <catch2/catch.hpp>

#include "config/parse.h"
#include "methods/method_cost.h"
#include "methods/pdadmm/options.h"
#include "methods/pdadmm/parts.h"
#include "methods/pdadmm/pdadmm.h"
#include "runtime/error.h"
#include "support/registered_methods.h"

namespace admmnet::test {
namespace {

using Catch::Matchers::Contains;

std::string refusal(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"-train_method", "pdadmm"});
  try {
    parse_options(arguments);
  } catch (const BadInput& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

// src/methods/pdadmm/README.md §7: flops of a pass of the last stage, of all N samples.
TEST_CASE("the plan is that of the last stage") {
  const Index N = 1000, n = GENERATE(30, 3000), H = 20, C = 5;
  Topology topology;
  topology.widths = {n, H, H, C};
  const auto flops = [&](Subsolve subsolve) {
    Options options;
    pdadmm_options(options).subsolve = subsolve;
    const ProblemSize problem{topology, N, 0, 0};
    pdadmm_method().resolve(problem, options);
    REQUIRE(pdadmm_options(options).growth == std::vector<Index>{2, 3});
    return MethodCost(pdadmm_method(), problem, options, 0).flops();
  };
  const auto product = [&](Index m, Index k) { return 2.0 * m * (k + 1) * N; };
  const auto back = [&](Index m, Index k) { return 2.0 * m * k * N; };
  const double z = product(H, n) + product(H, H) + product(C, H), forward = z;
  const auto solve = [](double order, double sides) { return 2.0 * order * order * sides; };
  const auto factor = [](double order) { return order * order * order / 3.0; };
  const double gram = (H + 1.0) * (H + 2.0) * N;
  // W' W'^T is formed and factored, and X solved for, with as many sides as W' has columns.
  const double corrections =
      factor(H) + factor(C) + (H * (H + 1.0) + C * (C + 1.0)) * H + solve(H, H) + solve(C, H);
  const double first = n <= N ? product(H, n) + solve(n + 1, H) : back(H, n) + solve(N, H);
  const double exact = z + forward + product(H, H) + product(C, H) + back(H, H) + back(C, H) +
                       corrections + first + product(H, H) + product(C, H) + 2.0 * gram +
                       2.0 * factor(H + 1) + solve(H + 1, H) + solve(H + 1, C);
  CHECK(flops(Subsolve::exact) == Approx(exact).epsilon(1e-12));
  const double p = 3.0 * (product(H, H) + product(C, H));
  CHECK(flops(Subsolve::prox_gradient) == Approx(z + forward + p + 3.0 * z).epsilon(1e-12));
}

TEST_CASE("more inputs than samples take no room for their Gram matrix") {
  Options options;
  Topology topology;
  topology.widths = {20000, 50, 5};
  const ProblemSize problem{topology, 200, 0, 0};
  pdadmm_method().resolve(problem, options);
  const Cost cost = MethodCost(pdadmm_method(), problem, options, 0).on({1, 1}, 64, {});
  CHECK(cost.memory_bytes < 0.2 * 8.0 * 20000 * 20000);
}

// src/methods/pdadmm/README.md §11
TEST_CASE("layers are dealt out in runs of about equal work") {
  const auto first = [](std::vector<Index> widths, int parts) {
    Topology topology;
    topology.widths = std::move(widths);
    return first_layers(topology, parts);
  };
  const std::vector<Index> equal(11, 100);
  CHECK(first(equal, 1) == std::vector<int>{1});
  CHECK(first(equal, 2) == std::vector<int>{1, 6});
  CHECK(first(equal, 5) == std::vector<int>{1, 3, 5, 7, 9});
  CHECK(first({7000, 100, 100, 100, 7}, 2) == std::vector<int>{1, 2});
  CHECK(first({10, 10, 10, 10, 7000}, 4) == std::vector<int>{1, 2, 3, 4});
  CHECK(first({10, 10, 10, 7000}, 2) == std::vector<int>{1, 3});
}

TEST_CASE("the groups of a plan compute beside each other") {
  Topology topology;
  topology.widths = std::vector<Index>(11, 500);
  const ProblemSize problem{topology, 20000, 0, 0};
  const auto seconds = [&](Index groups, int ranks) {
    Options options;
    pdadmm_options(options).groups = groups;
    pdadmm_options(options).growth = {10};
    pdadmm_method().resolve(problem, options);
    const MethodCost cost(pdadmm_method(), problem, options, 0);
    CHECK(cost.runs_on({1, ranks}) == (ranks % groups == 0));
    return cost.on({1, ranks}, 64, MachineParameters{}).total.seconds;
  };
  // Half of the layers, and the forward pass of the report by all ranks.
  CHECK(seconds(2, 2) < 0.6 * seconds(1, 1));
  CHECK(seconds(2, 2) > 0.4 * seconds(1, 1));
}

TEST_CASE("defaults by depth and width") {
  const auto growth = [](std::vector<Index> widths, ActivationKind kind) {
    Options options;
    Topology topology;
    topology.widths = std::move(widths);
    topology.activation.kind = kind;
    pdadmm_method().resolve({topology, 100, 0, 0}, options);
    CHECK(*options.train.iterations == (pdadmm_options(options).growth.size() == 1   ? 100
                                        : pdadmm_options(options).growth.size() == 2 ? 140
                                                                                     : 170));
    return pdadmm_options(options).growth;
  };
  using Stages = std::vector<Index>;
  const ActivationKind relu = ActivationKind::relu;
  CHECK(growth({5, 7, 7, 7, 7, 7, 7, 7, 7, 7, 3}, relu) == Stages{2, 5, 10});
  CHECK(growth({5, 7, 7, 7, 3}, relu) == Stages{2, 4});
  CHECK(growth({5, 7, 8, 7, 3}, relu) == Stages{4});
  CHECK(growth({5, 7, 7, 7, 3}, ActivationKind::leaky_relu) == Stages{4});
  CHECK(growth({5, 7, 3}, relu) == Stages{2});
}

TEST_CASE("what cannot work is refused with the remedy") {
  CHECK_THAT(refusal({"-net_hidden", "9,9", "-pdadmm_growth", "2,4"}),
             Contains("pdadmm_growth: 2,4") && Contains("end with 3"));
  CHECK_THAT(refusal({"-net_hidden", "9,8", "-pdadmm_growth", "2,3"}),
             Contains("hidden layers of one width") && Contains("-pdadmm_growth 3"));
  CHECK_THAT(
      refusal({"-net_hidden", "9,9", "-pdadmm_growth", "2,3", "-net_activation", "leaky_relu"}),
      Contains("-net_activation relu"));
  CHECK_THAT(
      refusal({"-net_hidden", "9,9", "-pdadmm_growth", "2,3", "-pdadmm_stage_iterations", "1,2,3"}),
      Contains("3 values for 2 stages"));
  CHECK_THAT(refusal({"-net_hidden", "9", "-pdadmm_bits", "5"}),
             Contains("none of 0, 4, 8 and 16"));
  CHECK_THAT(refusal({"-net_hidden", "9", "-pdadmm_bits", "8", "-net_activation", "leaky_relu"}),
             Contains("-pdadmm_bits 0"));
  CHECK_THAT(refusal({"-net_hidden", "9", "-linalg_weight_solver", "qr"}),
             Contains("cholesky only"));
  CHECK_THAT(refusal({"-net_hidden", "9", "-init_scheme", "zero"}), Contains("stay equal"));
  CHECK_THAT(refusal({"-pdadmm_rho", "1"}), Contains("net_hidden"));
  CHECK_THAT(refusal({"-net_hidden", "9", "-pdadmm_weight_decay_ratio", "3"}),
             Contains("pdadmm_subsolve"));
  CHECK(refusal({"-net_hidden", "9,9", "-pdadmm_growth", "2,3", "-pdadmm_bits", "8"}) ==
        "accepted");
}

}  // namespace admmnet::test
