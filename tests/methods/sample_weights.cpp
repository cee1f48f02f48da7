// Samples by weights: one of weight 2 is that sample twice, one of weight 0 is not there. Least
// squares against the reference on repeated samples, gradients, their steps and curvature against
// themselves on repeated samples; weights of classes are weights of their samples.
//
// Tolerances. Sums in another order, some hundred roundings; least squares times the condition,
// 1/ridge = 1e3 (ridge_methods.cpp).
#include <memory>

#include "config/parse.h"
#include "linalg/grids.h"
#include "methods/backpropagation.h"
#include "methods/gauss_newton/linearisation.h"
#include "methods/gradient_based/full_batch.h"
#include "methods/method_cost.h"
#include "methods/sample_sets.h"
#include "methods/weights.h"
#include "reference/ridge.h"
#include "reference/synthetic.h"
#include "support/mpi_check.h"
#include "support/registered_methods.h"

namespace admmnet::test {
namespace {

constexpr double kRounding = 1e-12;

/// How often sample j counts: 0, 1, 2 or 3 times.
Index times(Index j) {
  return (7 * j + j / 4) % 4;
}
/// The same by its class.
Index times_of_class(int label) {
  return 1 + label % 3;
}

using Times = std::vector<Index>;

Times times_of(const reference::Problem& problem, bool by_class) {
  Times result;
  for (Index j = 0; j < problem.samples(); ++j)
    result.push_back(by_class ? times_of_class(problem.labels[static_cast<std::size_t>(j)])
                              : times(j));
  return result;
}

double mean_of(const Times& counts) {
  Index sum = 0;
  for (const Index n : counts) sum += n;
  return static_cast<double>(sum) / static_cast<double>(counts.size());
}

/// Every sample so often.
reference::Problem repeated(const reference::Problem& problem, const Times& counts) {
  reference::Problem result = problem;
  result.labels.clear();
  result.X.values.clear();
  for (Index j = 0; j < problem.samples(); ++j)
    for (Index n = 0; n < counts[static_cast<std::size_t>(j)]; ++n) {
      result.labels.push_back(problem.labels[static_cast<std::size_t>(j)]);
      for (Index i = 0; i < problem.X.rows; ++i) result.X.values.push_back(problem.X(i, j));
    }
  result.X.cols = static_cast<Index>(result.labels.size());
  return result;
}

/// The samples with these weights, of mean 1.
SampleSet weighted_set(const reference::Problem& problem, const Times& counts,
                       const ProcessGrid& grid, Index block, const std::vector<Index>& bounds) {
  SampleSet set = sample_set(problem, grid, block, bounds);
  const Index first = slab_width(set.widest, grid.size()) * grid.rank();
  const double mean = mean_of(counts);
  for (SamplePanel& panel : set.panels)
    for (Index j = 0; j < panel.targets.count(); ++j)
      panel.targets.weights.push_back(
          static_cast<double>(counts[static_cast<std::size_t>(panel.first + first + j)]) / mean);
  return set;
}

Topology weighted_topology(const reference::Problem& problem) {
  Topology topology = topology_of(problem);
  topology.weighted = true;
  return topology;
}

/// Its weights of classes, those of times_of_class over their mean.
Topology with_class_weights(const reference::Problem& problem) {
  Topology topology = weighted_topology(problem);
  const double mean = mean_of(times_of(problem, true));
  for (int label = 0; label < std::max<int>(2, static_cast<int>(topology.outputs())); ++label)
    topology.class_weights.push_back(static_cast<double>(times_of_class(label)) / mean);
  return topology;
}

/// What is compared with what: a set by weights, or by weights of classes, and one that repeats.
struct Both {
  SampleSet weighted, repeated;
  Topology by_weights, plain;

  Both(const reference::Problem& problem, bool by_class, const ProcessGrid& grid, Index block)
      : plain(topology_of(problem)) {
    const Times counts = times_of(problem, by_class);
    const reference::Problem often = test::repeated(problem, counts);
    const std::vector<Index> bounds{0, 25, problem.samples()};
    weighted = by_class ? sample_set(problem, grid, block, bounds)
                        : weighted_set(problem, counts, grid, block, bounds);
    by_weights = by_class ? with_class_weights(problem) : weighted_topology(problem);
    repeated = sample_set(often, grid, block, {0, 31, often.samples()});
  }
};

std::vector<const SamplePanel*> panels_of(const SampleSet& set) {
  std::vector<const SamplePanel*> panels;
  for (const SamplePanel& panel : set.panels) panels.push_back(&panel);
  return panels;
}

Worst difference_of(const Network& a, const Network& b) {
  Worst worst;
  for (int l = 1; l <= a.layers(); ++l) {
    const std::vector<double> of_a = gather(a.W(l)), of_b = gather(b.W(l));
    double size = 0.0;
    for (const double w : of_b) size = std::max(size, std::abs(w));
    for (std::size_t i = 0; i < of_b.size(); ++i)
      worst.add(std::abs(of_a[i] - of_b[i]) / size, "layer", l, "entry", i);
  }
  return worst;
}

reference::Problem small_problem(Loss loss) {
  reference::Problem problem = reference::synthetic_problem(7, 53, {9, 5}, 4);
  problem.loss = loss;
  problem.activation = {ActivationKind::tanh};
  return problem;
}

struct Least {
  const char* method;
  Index inputs;
  std::vector<Index> hidden;
  Index outputs;
  bool bias, by_class;
};

}  // namespace

TEST_CASE("least squares by weights are those of repeated samples") {
  constexpr double kTolerance = 1e-9;
  const Least cases[] = {{"linear", 13, {}, 4, true, false},
                         {"linear", 13, {}, 4, true, true},
                         {"linear", 13, {}, 1, false, true},
                         {"linear", 220, {}, 3, true, false},  // more inputs than samples
                         {"random_features", 13, {21}, 3, true, false}};
  for (const Least& c : cases) {
    reference::Problem problem = reference::synthetic_problem(c.inputs, 203, c.hidden, c.outputs);
    problem.loss = Loss::squared;
    problem.bias = c.bias;
    const Times counts = times_of(problem, c.by_class);
    const reference::Problem often = repeated(problem, counts);
    reference::Layers first;
    if (!c.hidden.empty()) first = {{}, reference::initial_weights(problem, 1), {}};
    const reference::Layers W = reference::fitted(often, first, 1e-3);
    const double loss = reference::mean_loss(
        often, reference::forward(often, W, often.X).z[often.layers()], often.targets());
    const std::string key = std::string("-") + c.method + "_ridge";
    std::vector<std::string> arguments{"-train_method", c.method,    key,
                                       "1e-3",          "-net_bias", c.bias ? "true" : "false"};
    for (const char* word : {"-net_hidden", "21", "-random_features_normalise", "false"})
      if (!c.hidden.empty()) arguments.emplace_back(word);
    Options options = parse_options(arguments);
    const Topology topology = c.by_class ? with_class_weights(problem) : weighted_topology(problem);
    const MethodKind& method = method_named(c.method);
    REQUIRE(method.takes_weights(options));
    const ProblemSize size{topology, problem.samples(), 0, 0};
    method.resolve(size, options);
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      const std::vector<Index> bounds{0, 70, 140, problem.samples()};
      const SampleSet set = c.by_class ? sample_set(problem, grid, block, bounds)
                                       : weighted_set(problem, counts, grid, block, bounds);
      Timers timers;
      const auto run = method.make(size, options, {grid, block, set, 0, timers});
      Network start(grid, topology, block);
      start.initialise(problem.init, problem.seed);
      run->start(start, false);
      const IterationReport report = run->iterate(1);
      const Worst difference = relative_difference(run->network().W(problem.layers()), W.back());
      CAPTURE(c.method, c.inputs, c.by_class, difference);
      REQUIRE_ALL_ON(grid.comm(), difference <= kTolerance);
      REQUIRE_ALL_ON(grid.comm(), report.train.samples == Approx(203.0));
      REQUIRE_ALL_ON(grid.comm(), report.train.loss == Approx(loss).epsilon(1e-9));
    });
  }
}

TEST_CASE("loss, gradient and curvature by weights are those of repeated samples") {
  for (const Loss loss : {Loss::softmax, Loss::squared})
    for (const bool by_class : {false, true}) {
      const reference::Problem problem = small_problem(loss);
      on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
        const Both both(problem, by_class, grid, block);
        Network network(grid, both.by_weights, block), plain(grid, both.plain, block);
        for (Network* net : {&network, &plain}) net->initialise(problem.init, problem.seed);
        Network g = zeros_like(network), g_often = zeros_like(plain);
        Backpropagation weighted(network, both.weighted.widest), often(plain, both.repeated.widest);
        const Evaluation seen = weighted.run(network, panels_of(both.weighted), g);
        const Evaluation expected = often.run(plain, panels_of(both.repeated), g_often);
        CAPTURE(by_class, grid.rows(), grid.cols());
        REQUIRE_ALL_ON(grid.comm(), seen.f == Approx(expected.f).epsilon(kRounding));
        REQUIRE_ALL_ON(grid.comm(), seen.sums.samples == Approx(53.0));
        REQUIRE_ALL_ON(grid.comm(), difference_of(g, g_often) <= kRounding);

        Linearisation linear(network, both.weighted.widest, 2),
            linear_often(plain, both.repeated.widest, 2);
        linear.set(network, panels_of(both.weighted));
        linear_often.set(plain, panels_of(both.repeated));
        Network product = zeros_like(network), product_often = zeros_like(plain);
        linear.multiply(g, product);
        linear_often.multiply(g, product_often);
        REQUIRE_ALL_ON(grid.comm(), difference_of(product, product_often) <= kRounding);
      });
    }
}

TEST_CASE("steps of L-BFGS by weights are those of repeated samples") {
  GradientOptions options;
  options.rule = GradientRule::lbfgs;
  for (const bool by_class : {false, true}) {
    const reference::Problem problem = small_problem(Loss::softmax);
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      const Both both(problem, by_class, grid, block);
      Timers timers;
      FullBatchGradient weighted(both.by_weights, {grid, block, both.weighted, 0, timers}, options);
      FullBatchGradient often(both.plain, {grid, block, both.repeated, 0, timers}, options);
      Network start(grid, both.plain, block);
      start.initialise(problem.init, problem.seed);
      weighted.start(start, false);
      often.start(start, false);
      for (Index k = 1; k <= 3; ++k) {
        weighted.iterate(k);
        often.iterate(k);
      }
      // Three steps, the lengths of which are searched for.
      REQUIRE_ALL_ON(grid.comm(), difference_of(weighted.network(), often.network()) <= 1e-9);
    });
  }
}

}  // namespace admmnet::test
