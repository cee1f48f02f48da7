// The methods of one solve (linear, random_features) against the plain serial reference, on every
// grid and block size (src/methods/linear_regression/README.md §1, §2 and
// src/methods/random_features/README.md §2, §3).
//
// Tolerances. The joint system of weights and biases and the reference's centred one agree to the
// condition of the Gram matrix, 1/ridge about, times rounding and some hundred operations: 1e-10
// for a ridge of 1e-3. A second layer of features doubles that.
#include <cstring>
#include <iterator>

#include <petscsys.h>

#include "config/names.h"
#include "config/parse.h"
#include "linalg/grids.h"
#include "methods/method_cost.h"
#include "methods/random_features/fourier_features.h"
#include "methods/ridge_fit.h"
#include "methods/sample_sets.h"
#include "network/normalised_units.h"
#include "reference/ridge.h"
#include "reference/synthetic.h"
#include "runtime/communication_counter.h"
#include "runtime/error.h"
#include "support/mpi_check.h"
#include "support/registered_methods.h"

namespace admmnet::test {
namespace {

constexpr double kTolerance = 1e-10;

/// Of options as a user writes them.
struct Case {
  const char* name;
  std::vector<std::string> arguments;
  std::vector<Index> hidden;
  Index outputs;
  Loss loss;
  Activation activation;
  bool bias;
  Index inputs = 13;
};

const std::vector<std::string> kLinear{"-train_method", "linear", "-linear_ridge", "1e-3"};
const std::vector<std::string> kRandom{"-train_method", "random_features", "-random_features_ridge",
                                       "1e-3"};

std::vector<std::string> with(std::vector<std::string> arguments, const std::string& key,
                              const std::string& value) {
  arguments.push_back(key);
  arguments.push_back(value);
  return arguments;
}

const Case kCases[] = {
    {"linear", kLinear, {}, 4, Loss::squared, {}, true},
    {"linear, no biases", kLinear, {}, 3, Loss::softmax, {}, false},
    {"linear, one output", kLinear, {}, 1, Loss::squared, {}, true},
    {"relu", kRandom, {29}, 4, Loss::squared, {}, true},
    {"tanh, two hidden layers", kRandom, {17, 23}, 3, Loss::squared, {ActivationKind::tanh}, true},
    {"sigmoid, no biases", kRandom, {19}, 3, Loss::hinge, {ActivationKind::sigmoid}, false},
    {"cos", kRandom, {31}, 3, Loss::squared, {ActivationKind::cos}, true},
    {"linear, more inputs than samples", kLinear, {}, 4, Loss::squared, {}, true, 220},
    {"relu, more units than samples", kRandom, {225}, 3, Loss::squared, {}, false}};

const Case kRaw{"relu, not normalised",
                with(kRandom, "-random_features_normalise", "false"),
                {20},
                4,
                Loss::squared,
                {},
                true};

reference::Problem problem_of(const Case& c) {
  reference::Problem problem = reference::synthetic_problem(c.inputs, 203, c.hidden, c.outputs);
  problem.loss = c.loss;
  problem.activation = c.activation;
  problem.bias = c.bias;
  return problem;
}

/// The hidden layers that the method should have.
reference::Layers hidden_layers(const Case& c, const reference::Problem& problem) {
  if (c.hidden.empty()) return {};
  if (c.activation.kind == ActivationKind::cos)
    return {{}, reference::fourier_weights(problem, reference::mean_distance_sigma(problem.X)), {}};
  if (&c == &kRaw) return {{}, reference::initial_weights(problem, 1), {}};
  return reference::normalised_hidden(problem);
}

/// A method on a grid, with its samples.
struct Run {
  SampleSet set, validation;
  Timers timers;
  std::unique_ptr<TrainingMethod> method;
};

Options options_of(const Case& c, const reference::Problem& problem, Index validation) {
  std::string hidden;
  for (const Index width : c.hidden) hidden += (hidden.empty() ? "" : ",") + std::to_string(width);
  auto arguments = with(c.arguments, "-net_activation", name_of(c.activation.kind));
  arguments = with(arguments, "-net_hidden", hidden.empty() ? "none" : hidden);
  arguments = with(arguments, "-net_bias", c.bias ? "true" : "false");
  Options options = parse_options(arguments);
  options.init.seed = problem.seed;
  method_named(options.train.method)
      .resolve({topology_of(problem), problem.samples(), validation, 0}, options);
  return options;
}

std::unique_ptr<Run> make_run(const Case& c, const reference::Problem& problem,
                              const ProcessGrid& grid, Index block,
                              const reference::Problem* validation = nullptr) {
  const Index held_out = validation != nullptr ? validation->samples() : 0;
  const Options options = options_of(c, problem, held_out);
  auto run = std::make_unique<Run>();
  run->set = sample_set(problem, grid, block, {0, 70, 140, problem.samples()});
  if (validation != nullptr)
    run->validation = sample_set(*validation, grid, block, {0, 50, held_out});
  run->method = method_named(options.train.method)
                    .make({topology_of(problem), problem.samples(), held_out, 0}, options,
                          {grid, block, run->set, 0, run->timers,
                           validation != nullptr ? &run->validation : nullptr});
  Network start(grid, topology_of(problem), block);
  start.initialise(problem.init, problem.seed);
  run->method->start(start, false);
  return run;
}

void require_same_weights(const Network& network, const reference::Layers& W) {
  for (int l = 1; l <= network.layers(); ++l) {
    const Worst difference = relative_difference(network.W(l), W[static_cast<std::size_t>(l)]);
    CAPTURE(network.grid().rows(), network.grid().cols(), network.unit_block(), l, difference);
    REQUIRE_ALL_ON(network.grid().comm(), difference <= kTolerance);
  }
}

void compare_with_reference(const Case& c) {
  const reference::Problem problem = problem_of(c);
  const reference::Layers W = reference::fitted(problem, hidden_layers(c, problem), 1e-3);
  const reference::Matrix T = problem.targets();
  const double loss = reference::mean_loss(
      problem, reference::forward(problem, W, problem.X).z[problem.layers()], T);
  const double accuracy = reference::accuracy(problem, W, problem.X, problem.labels);
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    INFO(c.name);
    const auto run = make_run(c, problem, grid, block);
    const IterationReport report = run->method->iterate(1);
    require_same_weights(run->method->network(), W);
    REQUIRE_ALL_ON(grid.comm(), report.train.score == Approx(accuracy));
    REQUIRE_ALL_ON(grid.comm(), report.train.loss == Approx(loss));
    REQUIRE_ALL_ON(grid.comm(), report.notes.empty());
  });
}

}  // namespace

TEST_CASE("the methods of one solve equal the reference on every grid") {
  for (const Case& c : kCases) compare_with_reference(c);
  compare_with_reference(kRaw);
}

TEST_CASE("the ridge by validation is the one that the reference finds") {
  Case c = kCases[3];
  c.hidden = {120};
  c.arguments = with(with(kRandom, "-random_features_ridge", "validation"),
                     "-random_features_ridges", "1e-5,1e-3,1e-2,0.1,1,30");
  const reference::Problem all = reference::synthetic_problem(13, 293, c.hidden, 4);
  reference::Problem problem = all, other = all;
  problem.loss = other.loss = Loss::squared;
  problem.X = reference::columns(all.X, 0, 203);
  problem.labels.resize(203);
  other.X = reference::columns(all.X, 203, 293);
  other.labels.erase(other.labels.begin(), other.labels.begin() + 203);
  reference::Layers best;
  double best_accuracy = -1.0, best_loss = 0.0;
  int better = 0;
  for (const double ridge : {1e-5, 1e-3, 1e-2, 0.1, 1.0, 30.0}) {
    const reference::Layers W =
        reference::fitted(problem, reference::normalised_hidden(problem), ridge);
    const double accuracy = reference::accuracy(problem, W, other.X, other.labels);
    const double loss = reference::mean_loss(problem, reference::forward(problem, W, other.X).z[2],
                                             other.targets());
    if (accuracy < best_accuracy || (accuracy == best_accuracy && loss >= best_loss)) continue;
    best_accuracy = accuracy;
    best_loss = loss;
    best = W;
    ++better;
  }
  REQUIRE(better > 1);  // not the first one
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const auto run = make_run(c, problem, grid, block, &other);
    run->method->iterate(1);
    // A ridge of 1e-5 has 100 times the condition.
    const Worst difference = relative_difference(run->method->network().W(2), best[2]);
    CAPTURE(difference);
    REQUIRE_ALL_ON(grid.comm(), difference <= 100 * kTolerance);
  });
}

TEST_CASE("normalised units have mean 0 and deviation 1; one that does not change only mean 0") {
  reference::Problem problem = reference::synthetic_problem(9, 150, {12, 7}, 3);
  for (double& x : problem.X.values) x = 1e6 + x;  // far from 0: no digits may be lost but theirs
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const SampleSet set = sample_set(problem, grid, block, {0, 90, 150});
    Network network(grid, topology_of(problem), block);
    network.initialise(InitScheme::he, 1);
    for (Index i = 0; i < network.W(1).local_rows(); ++i)
      if (network.W(1).global_row(i) == 4)
        for (Index j = 0; j < network.W(1).local_cols(); ++j) network.W(1).at(i, j) = 0.0;
    normalise_hidden_units(network, set);
    ForwardPass forward(network, set.widest, 1);
    forward.use(network);
    for (int l = 1; l <= 2; ++l) {
      RowMoments moments;
      for (const SamplePanel& panel : set.panels) {
        forward.run(panel.inputs);
        moments.add(forward.z(l));
      }
      moments.finish(grid);
      Worst mean, deviation;
      for (std::size_t i = 0; i < moments.mean().size(); ++i) {
        mean.add(std::abs(moments.mean()[i]), "layer", l, "unit", i);
        const double wanted = l == 1 && i == 4 ? 0.0 : 1.0;
        deviation.add(std::abs(moments.variance()[i] - wanted), "layer", l, "unit", i);
      }
      CAPTURE(mean, deviation);
      REQUIRE_ALL_ON(grid.comm(), mean <= 1e-8);  // of inputs of 1e6
      REQUIRE_ALL_ON(grid.comm(), deviation <= 1e-8);
    }
  });
}

TEST_CASE("Fourier features give the Gaussian kernel") {
  // The mean of n products 2 cos cos with variance at most 2: 5 deviations of 1e4 units are 0.07.
  const reference::Problem problem = reference::synthetic_problem(5, 12, {10000}, 3);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  Topology topology = topology_of(problem);
  Network network(grid, topology, 64);
  const double sigma = 2.5;
  draw_fourier_features(sigma, 3, network);
  const std::vector<double> W = gather(network.W(1));
  Worst worst;
  for (Index j = 0; j < 12; ++j)
    for (Index k = 0; k < j; ++k) {
      double sum = 0.0, distance = 0.0;
      for (Index i = 0; i < 5; ++i) distance += std::pow(problem.X(i, j) - problem.X(i, k), 2);
      for (Index u = 0; u < 10000; ++u) {
        double z[2] = {W[u + 50000], W[u + 50000]};
        for (Index i = 0; i < 5; ++i) {
          z[0] += W[u + 10000 * i] * problem.X(i, j);
          z[1] += W[u + 10000 * i] * problem.X(i, k);
        }
        sum += 2.0 * std::cos(z[0]) * std::cos(z[1]);
      }
      worst.add(std::abs(sum / 1e4 - std::exp(-distance / (2 * sigma * sigma))), "pair", j, k);
    }
  CAPTURE(worst);
  REQUIRE_ALL(worst <= 0.07);
}

TEST_CASE("a second pass after a restart is that of a run in one go, bit by bit") {
  const reference::Problem problem = problem_of(kCases[3]);
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const auto straight = make_run(kCases[3], problem, grid, block);
    const auto again = make_run(kCases[3], problem, grid, block);
    straight->method->iterate(1);
    const StateView from = straight->method->state(), to = again->method->state();
    for (std::size_t t = 0; t < from.tensors.size(); ++t)
      to.tensors[t].parts[0].matrix->copy_from(*from.tensors[t].parts[0].matrix);
    again->method->resume();
    straight->method->iterate(2);
    again->method->iterate(2);
    for (int l = 1; l <= 2; ++l) {
      const auto a = gather(straight->method->network().W(l));
      const auto b = gather(again->method->network().W(l));
      REQUIRE_ALL_ON(grid.comm(), std::memcmp(a.data(), b.data(), 8 * a.size()) == 0);
    }
  });
}

TEST_CASE("one Gram matrix, of units or samples, serves other targets and other ridges") {
  const Index inputs = GENERATE(11, 140);
  reference::Problem problem = reference::synthetic_problem(inputs, 120, {}, 3);
  problem.bias = GENERATE(true, false);
  const reference::Matrix T = problem.targets();
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const SampleSet set = sample_set(problem, grid, block, {0, 70, 120});
    Network network(grid, topology_of(problem), block);
    RidgeFit fit(network, 1, WeightSolver::cholesky, problem.samples(), "weights");
    BlockCyclicMatrix t = network.make_sample_like(3, set.widest);
    Notes notes;
    for (const double factor : {1.0, -2.0}) {
      fit.begin(factor != 1.0);
      for (const SamplePanel& panel : set.panels) {
        t.set_cols(panel.count);
        t.fill([&](Index i, Index j) { return factor * T(i, panel.first + j); });
        fit.add(t, panel.inputs);
      }
      fit.finish();
      for (const double ridge : {1e-3, 1.0}) {
        fit.solve(ridge, network.W(1), notes);
        const reference::Matrix W = reference::ridge_weights(problem, problem.X, factor * T, ridge);
        const Worst difference = relative_difference(network.W(1), W);
        CAPTURE(inputs, problem.bias, factor, ridge, difference);
        REQUIRE_ALL_ON(grid.comm(), difference <= kTolerance);
      }
    }
    REQUIRE_ALL_ON(grid.comm(), notes.empty());
  });
}

// linalg/dual_ridge.h: without a ridge, more inputs than samples are fitted exactly. Of several
// numbers of samples, since rounding can make up for an eigenvalue of 0 that is left as it is.
TEST_CASE("without a ridge the dual form goes through all samples") {
  const bool bias = GENERATE(true, false);
  const Index N = GENERATE(range(31, 39));
  reference::Problem problem = reference::synthetic_problem(50, N, {}, 3);
  problem.bias = bias;
  const reference::Matrix T = problem.targets();
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    const SampleSet set = sample_set(problem, grid, block, {0, N});
    Network network(grid, topology_of(problem), block);
    RidgeFit fit(network, 1, WeightSolver::cholesky, N, "weights");
    BlockCyclicMatrix t = network.make_sample_like(3, N), z = network.make_sample_like(3, N);
    t.fill([&](Index i, Index j) { return T(i, j); });
    Notes notes;
    fit.begin();
    fit.add(t, set.panels[0].inputs);
    fit.finish();
    fit.solve(0.0, network.W(1), notes);
    REQUIRE_ALL_ON(grid.comm(), notes.empty());
    apply(network.W(1), set.panels[0].inputs, z);
    const Worst difference = relative_difference(z, T);
    CAPTURE(bias, N, difference);
    REQUIRE_ALL_ON(grid.comm(), difference <= kTolerance);
  });
}

TEST_CASE("samples that are not finite end a run with a remedy") {
  for (const Case& c : {kCases[0], kCases[3]}) {
    reference::Problem problem = problem_of(c);
    problem.X(2, 77) = std::nan("");
    for (const ProcessGrid& grid : all_grids()) {
      if (!grid.contains_this_rank()) continue;
      CHECK_THROWS_AS(make_run(c, problem, grid, 3)->method->iterate(1), NumericalBreakdown);
    }
  }
}

TEST_CASE("the plan of a pass is what is counted") {
  Case c = kCases[3];
  const Index units = GENERATE(50, 500);  // fewer than samples, and more
  const reference::Problem problem = reference::synthetic_problem(40, 480, {units}, 4);
  c.hidden = {units};
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Options options = options_of(c, problem, 0);
  const MethodKind& kind = method_named("random_features");
  const ProblemSize size{topology_of(problem), problem.samples(), 0, 0};
  const Cost cost = MethodCost(kind, size, options, 0).on({1, grid.cols()}, 16, {});
  Run run;
  run.set = sample_set(problem, grid, 16, kind.panel_bounds(options, 480, grid.cols()));
  run.method = kind.make(size, options, {grid, 16, run.set, 0, run.timers});
  Network start(grid, size.topology, 16);
  start.initialise(InitScheme::he, 1);
  run.method->start(start, false);
  run.method->iterate(1);
  PetscLogDouble before = 0.0, after = 0.0;
  PetscGetFlops(&before);
  start_counting_communication(grid.comm());
  run.method->iterate(2);
  const PhaseCommunication sent = communication_summary(grid.comm()).back();
  PetscGetFlops(&after);
  const double flops = sum_over(grid.comm(), after - before);
  REQUIRE_ALL(cost.total.flops == Approx(flops).epsilon(1e-12));
  // Of columns that move to square blocks the plan does not ask how many are there already.
  const double rounding = 1e-9, bytes = units > 480 ? 0.2 : rounding;
  REQUIRE_ALL(cost.total.bytes == Approx(sent.bytes.average).epsilon(bytes));
  REQUIRE_ALL(cost.total.messages == Approx(sent.messages.average).epsilon(0.1 * bytes));
}

}  // namespace admmnet::test
