// Training by gradients: gradients against difference quotients and the plain serial reference,
// every rule against the reference on every grid, the directions of L-BFGS and CG against their
// formulas with dense matrices, line searches, restart.
//
// Tolerances. A gradient is sums in another order, some hundred roundings. Adam and Adadelta divide
// by its size entry by entry, which amplifies the rounding of small entries: 1e-9 is the bound
// after some ten steps. L-BFGS and CG choose their steps by comparisons of numbers that differ by
// rounding, and amplify from step to step: 1e-6 after 8.
#include <cmath>
#include <memory>

#include "linalg/grids.h"
#include "methods/copied_state.h"
#include "methods/gradient_based/full_batch.h"
#include "methods/gradient_based/mini_batch.h"
#include "methods/sample_sets.h"
#include "reference/gradient.h"
#include "reference/synthetic.h"
#include "runtime/error.h"
#include "runtime/random.h"
#include "support/mpi_check.h"
#include "support/registered_methods.h"

namespace admmnet::test {
namespace {

constexpr Index kSamples = 61, kBatch = 16;

reference::Problem problem_of(Activation activation, Loss loss, bool bias,
                              std::vector<Index> hidden = {9, 7}) {
  reference::Problem problem = reference::synthetic_problem(13, kSamples, hidden, 4);
  problem.activation = activation;
  problem.loss = loss;
  problem.bias = bias;
  return problem;
}

reference::Problem smooth_problem() {
  return problem_of({ActivationKind::tanh}, Loss::softmax, true);
}

const GradientRule kFull[] = {GradientRule::descent, GradientRule::conjugate_gradient,
                              GradientRule::lbfgs};
const GradientRule kBatches[] = {GradientRule::sgd, GradientRule::adagrad, GradientRule::adadelta,
                                 GradientRule::adam};

GradientOptions options_of(GradientRule rule) {
  GradientOptions options;
  options.rule = rule;
  options.batch = kBatch;
  options.memory = 3;
  if (!is_full_batch(rule)) options.rate = rule == GradientRule::adadelta ? 1.0 : 0.02;
  return options;
}

std::vector<Index> bounds_of(GradientRule rule) {
  if (is_full_batch(rule)) return {0, 40, kSamples};
  return {0, 16, 32, 48, kSamples};
}

/// A method on a grid, begun with the problem's weights.
struct Run {
  SampleSet set;
  Timers timers;
  std::unique_ptr<TrainingMethod> method;

  Run(const reference::Problem& problem, const GradientOptions& options, const ProcessGrid& grid,
      Index block)
      : set(sample_set(problem, grid, block, bounds_of(options.rule))) {
    const Topology topology = topology_of(problem);
    const MethodPlace place{grid, block, set, 0, timers};
    if (is_full_batch(options.rule))
      method = std::make_unique<FullBatchGradient>(topology, place, options);
    else
      method = std::make_unique<MiniBatchGradient>(topology, place, options, problem.seed);
    Network initial(grid, topology, block);
    initial.initialise(problem.init, problem.seed);
    method->start(initial, false);
  }
};

ProcessGrid one_row() {
  return {MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD)};
}

void require_same(const Network& network, const reference::Layers& W, double tolerance) {
  for (int l = 1; l <= network.layers(); ++l) {
    const Worst difference = relative_difference(network.W(l), W[static_cast<std::size_t>(l)]);
    CAPTURE(network.grid().rows(), network.grid().cols(), network.unit_block(), l, difference);
    REQUIRE_ALL_ON(network.grid().comm(), difference <= tolerance);
  }
}

reference::Layers weights_of(const Network& network) {
  reference::Layers W(1);
  for (int l = 1; l <= network.layers(); ++l) {
    W.emplace_back(network.W(l).rows(), network.W(l).cols());
    W.back().values = gather(network.W(l));
  }
  return W;
}

double loss_of(const reference::Problem& problem, const reference::Layers& W) {
  return reference::mean_loss(problem, reference::forward(problem, W, problem.X).z.back(),
                              problem.targets());
}

double product(const reference::Matrix& a, const reference::Matrix& b) {
  return (reference::transposed(a) * b)(0, 0);
}

reference::Matrix gradient_of(const reference::Problem& problem, const reference::Layers& W) {
  return reference::as_vector(reference::gradient(problem, W, problem.X, problem.targets()));
}

}  // namespace

TEST_CASE("the reference's gradient is the difference quotient", "[ranks:1]") {
  constexpr double h = 1e-5;  // error h^2 + eps/h
  for (const Loss loss : {Loss::softmax, Loss::squared})
    for (const ActivationKind kind : {ActivationKind::tanh, ActivationKind::sigmoid}) {
      const reference::Problem problem = problem_of({kind}, loss, true);
      reference::Layers W(1);
      for (int l = 1; l <= problem.layers(); ++l)
        W.push_back(reference::initial_weights(problem, l));
      const reference::Layers g = reference::gradient(problem, W, problem.X, problem.targets());
      Worst worst;
      for (std::size_t l = 1; l < W.size(); ++l)
        for (std::size_t i = 0; i < W[l].values.size(); i += 5) {
          const double kept = W[l].values[i];
          W[l].values[i] = kept + h;
          const double right = loss_of(problem, W);
          W[l].values[i] = kept - h;
          const double left = loss_of(problem, W);
          W[l].values[i] = kept;
          worst.add(std::abs((right - left) / (2.0 * h) - g[l].values[i]), "layer", l, "entry", i);
        }
      CAPTURE(worst);
      CHECK(worst <= 1e-9);
    }
}

TEST_CASE("f and its gradient are the reference's on every grid") {
  for (const ActivationKind kind : {ActivationKind::relu, ActivationKind::leaky_relu,
                                    ActivationKind::hard_tanh, ActivationKind::sigmoid})
    for (const bool bias : {true, false}) {
      const reference::Problem problem = problem_of({kind, 0.1}, Loss::softmax, bias);
      reference::Layers W(1);
      for (int l = 1; l <= problem.layers(); ++l)
        W.push_back(reference::initial_weights(problem, l));
      const reference::Layers g = reference::gradient(problem, W, problem.X, problem.targets());
      on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
        const SampleSet set = sample_set(problem, grid, block, {0, 40, kSamples});
        Network network(grid, topology_of(problem), block);
        network.initialise(problem.init, problem.seed);
        Network own = zeros_like(network);
        Backpropagation backpropagation(network, set.widest);
        const Evaluation seen = backpropagation.run(network, {&set.panels[0], &set.panels[1]}, own);
        CHECK(seen.f == Approx(loss_of(problem, W)).epsilon(1e-12));
        CHECK(seen.sums.samples == kSamples);
        CHECK(seen.sums.loss == Approx(seen.f * kSamples).epsilon(1e-12));
        require_same(own, g, 1e-12);
      });
    }
}

TEST_CASE("with smoothed labels f is what its gradient belongs to", "[ranks:1]") {
  const reference::Problem problem = smooth_problem();
  Topology topology = topology_of(problem);
  topology.label_smoothing = 0.2;
  const ProcessGrid grid = one_row();
  const SampleSet set = sample_set(problem, grid, 3, {0, kSamples});
  Network network(grid, topology, 3);
  network.initialise(problem.init, problem.seed);
  Network g = zeros_like(network), ignored = zeros_like(network);
  Backpropagation backpropagation(network, set.widest);
  const double loss =
      backpropagation.run(network, {&set.panels[0]}, g).sums.means(accuracy_score).loss;
  constexpr double h = 1e-5;
  for (const int l : {1, 3})
    for (const Index i : {0, 2}) {
      const double kept = network.W(l).at(i, 1);
      network.W(l).at(i, 1) = kept + h;
      const double right = backpropagation.run(network, {&set.panels[0]}, ignored).f;
      network.W(l).at(i, 1) = kept - h;
      const double left = backpropagation.run(network, {&set.panels[0]}, ignored).f;
      network.W(l).at(i, 1) = kept;
      CHECK((right - left) / (2.0 * h) == Approx(g.W(l).at(i, 1)).margin(1e-9));
    }
  CHECK(loss == Approx(loss_of(problem, weights_of(network))).epsilon(1e-12));  // as reported
}

TEST_CASE("rules with batches equal the reference on every grid") {
  for (const GradientRule rule : kBatches) {
    const reference::Problem problem = problem_of({ActivationKind::relu}, Loss::softmax, true);
    const GradientOptions options = options_of(rule);
    const std::vector<Index> bounds = bounds_of(rule);
    const auto batches = static_cast<Index>(bounds.size()) - 1;
    reference::GradientRun expected(problem, options);
    for (Index k = 1; k <= 3; ++k) {
      const Shuffle order(batches, problem.seed, Stream::batches, static_cast<int>(k));
      for (Index b = 0; b < batches; ++b) {
        const auto batch = static_cast<std::size_t>(order(b));
        expected.step(bounds[batch], bounds[batch + 1]);
      }
    }
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO(name_of(rule));
      Run run(problem, options, grid, block);
      for (Index k = 1; k <= 3; ++k) run.method->iterate(k);
      require_same(run.method->network(), expected.W, 1e-9);
    });
  }
}

TEST_CASE("descent of a fixed length equals the reference on every grid") {
  const reference::Problem problem = smooth_problem();
  GradientOptions options = options_of(GradientRule::descent);
  options.rate = 0.3;
  reference::GradientRun expected(problem, options);
  for (Index k = 1; k <= 5; ++k) expected.step(0, kSamples);
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    Run run(problem, options, grid, block);
    IterationReport report;
    for (Index k = 1; k <= 5; ++k) report = run.method->iterate(k);
    require_same(run.method->network(), expected.W, 1e-11);
    CHECK(report.objective == Approx(loss_of(problem, expected.W)).epsilon(1e-11));
  });
}

// src/methods/gradient_based/README.md §2
TEST_CASE("directions and lengths are those of the formulas", "[ranks:1]") {
  const reference::Problem problem = smooth_problem();
  for (const GradientRule rule : kFull) {
    INFO(name_of(rule));
    const GradientOptions options = options_of(rule);
    Run run(problem, options, one_row(), 3);
    reference::Layers S, Y;
    reference::Layers W = weights_of(run.method->network());
    reference::Matrix g = gradient_of(problem, W), d, old;
    Index exact = 0;
    for (Index k = 1; k <= 8; ++k) {
      if (rule == GradientRule::lbfgs && !S.empty()) {
        d = reference::inverse_bfgs(S, Y) * ((-1.0) * g);
      } else if (rule == GradientRule::conjugate_gradient && k > 1) {
        const double beta = std::max(0.0, (product(g, g) - product(g, old)) / product(old, old));
        d = beta * d - g;
      } else {
        d = (-1.0) * g;
      }
      const double f = loss_of(problem, W);
      CHECK(run.method->iterate(k).objective < f);
      const reference::Layers next = weights_of(run.method->network());
      const reference::Matrix s = reference::as_vector(next) - reference::as_vector(W),
                              there = gradient_of(problem, next);
      const double cosine = product(s, d) / std::sqrt(product(s, s) * product(d, d));
      CHECK(cosine >= 1.0 - 1e-10);
      // Wolfe's conditions
      CHECK(loss_of(problem, next) <= f + 1e-4 * product(g, s) + 1e-14);
      const double bound = rule == GradientRule::conjugate_gradient ? 0.1 : 0.9;
      exact += std::abs(product(there, s)) <= bound * std::abs(product(g, s)) * (1.0 + 1e-6);
      S.push_back(s);
      Y.push_back(there - g);
      if (static_cast<Index>(S.size()) > options.memory) {
        S.erase(S.begin());
        Y.erase(Y.begin());
      }
      old = g;
      g = there;
      W = next;
    }
    CHECK(exact == 8);
  }
}

TEST_CASE("rules over all samples agree on every grid") {
  const reference::Problem problem = smooth_problem();
  for (const GradientRule rule : kFull) {
    Run alone(problem, options_of(rule), one_row(), 64);
    for (Index k = 1; k <= 8; ++k) alone.method->iterate(k);
    const reference::Layers expected = weights_of(alone.method->network());
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO(name_of(rule));
      Run run(problem, options_of(rule), grid, block);
      for (Index k = 1; k <= 8; ++k) run.method->iterate(k);
      require_same(run.method->network(), expected, 1e-6);
    });
  }
}

TEST_CASE("stopped and continued equals in one go, bitwise", "[ranks:1-2]") {
  const reference::Problem problem = problem_of({ActivationKind::relu}, Loss::softmax, true);
  for (const GradientRule rule : {GradientRule::conjugate_gradient, GradientRule::lbfgs,
                                  GradientRule::sgd, GradientRule::adadelta, GradientRule::adam})
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO(name_of(rule));
      const GradientOptions options = options_of(rule);
      Run straight(problem, options, grid, block), first(problem, options, grid, block),
          second(problem, options, grid, block);
      IterationReport expected, report;
      for (Index k = 1; k <= 8; ++k) expected = straight.method->iterate(k);
      for (Index k = 1; k <= 5; ++k) first.method->iterate(k);
      if (!is_full_batch(rule)) first.method->step(6);  // in the midst of a pass
      second.method->iterate(1);                        // whatever it did before is forgotten
      copy_state(first.method->state(), second.method->state());
      second.method->resume();
      for (Index k = 6; k <= 8; ++k) report = second.method->iterate(k);
      const bool same = report.objective == expected.objective &&
                        report.train.score == expected.train.score &&
                        same_bits(straight.method->network(), second.method->network());
      REQUIRE_ALL_ON(grid.comm(), same);
    });
}

TEST_CASE("L-BFGS ends at the least squares solution of a linear network", "[ranks:1]") {
  const reference::Problem problem = problem_of({}, Loss::squared, true, {});
  GradientOptions options = options_of(GradientRule::lbfgs);
  options.memory = 20;
  Run run(problem, options, one_row(), 64);
  for (Index k = 1; k <= 150; ++k) run.method->iterate(k);
  // W X~ X~^T = T X~^T
  const reference::Matrix inputs = reference::with_bias_row(problem, problem.X);
  const reference::Matrix exact =
      reference::Cholesky(inputs * reference::transposed(inputs))
          .right_solve(problem.targets() * reference::transposed(inputs));
  // f is flat to 1e-16 within sqrt(1e-16) of its minimum
  CHECK(relative_difference(run.method->network().W(1), exact) <= 1e-6);
}

TEST_CASE("a line search ends where Wolfe's conditions hold, or lowest", "[ranks:1]") {
  Index trials = 0;
  const auto search = [&](double first, double curvature, auto f, auto slope) {
    double last = -1.0;
    trials = 0;
    const LinePoint end = search_line({0.0, f(0.0), slope(0.0)}, first, curvature, [&](double t) {
      last = t;
      ++trials;
      return LinePoint{t, f(t), slope(t)};
    });
    CHECK(end.t == last);
    CHECK(end.f <= f(0.0) + 1e-4 * end.t * slope(0.0));
    return end;
  };
  const auto square = [](double t) { return (t - 3.0) * (t - 3.0); };
  const auto square_slope = [](double t) { return 2.0 * (t - 3.0); };
  for (const double first : {1e-3, 0.5, 3.0, 50.0, 1e6}) {
    const LinePoint end = search(first, 0.1, square, square_slope);
    CHECK(std::abs(end.slope) <= 0.6);
    CHECK(trials <= 20);
  }
  // Rises at once but for a narrow valley; with curvature that changes its sign.
  const auto wave = [](double t) { return -std::sin(5.0 * t) + t * t; };
  const auto wave_slope = [](double t) { return -5.0 * std::cos(5.0 * t) + 2.0 * t; };
  CHECK(std::abs(search(4.0, 0.1, wave, wave_slope).slope) <= 0.5);
  // A kink, where no slope is small: the lowest point that was seen.
  const auto kink = [](double t) { return std::abs(t - 1.0); };
  const auto kink_slope = [](double t) { return t < 1.0 ? -1.0 : 1.0; };
  CHECK(search(0.3, 0.1, kink, kink_slope).f <= 1e-3);
  // NaN beyond a bound: shorter.
  const auto log = [](double t) { return t < 2.0 ? -t : std::nan(""); };
  const auto log_slope = [](double t) { return t < 2.0 ? -1.0 : std::nan(""); };
  CHECK(search(8.0, 0.1, log, log_slope).f <= -0.7);
  // Nothing is lower: the start.
  const auto rise = [](double t) { return t; };
  const auto wrong_slope = [](double) { return -1.0; };
  CHECK(search(1.0, 0.1, rise, wrong_slope).t == 0.0);
}

TEST_CASE("NaN in the weights ends the run") {
  const reference::Problem problem = smooth_problem();
  for (const GradientRule rule : {GradientRule::lbfgs, GradientRule::adam}) {
    Run run(problem, options_of(rule), one_row(), 3);
    Network broken(run.method->network().grid(), topology_of(problem), 3);
    broken.initialise(problem.init, problem.seed);
    broken.W(2).fill_constant(std::nan(""));
    run.method->start(broken, false);
    CHECK_THROWS_AS(run.method->iterate(1), NumericalBreakdown);
  }
}

}  // namespace admmnet::test
