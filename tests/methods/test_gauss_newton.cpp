// Damped Gauss-Newton: the Jacobian of the reference against difference quotients, products,
// factors and whole steps against the reference's dense matrices on every grid, the start, stages,
// restart.
//
// Tolerances. Products and factors are sums in another order, some hundred roundings: 1e-12. A step
// solves with matrices of condition 1e6 or so by ten iterations: 1e-9 a step was seen, and 1e-6 is
// the bound after three.
#include <cmath>
#include <memory>

#include "linalg/grids.h"
#include "methods/copied_state.h"
#include "methods/gauss_newton/gauss_newton.h"
#include "methods/sample_sets.h"
#include "methods/weights.h"
#include "reference/gauss_newton.h"
#include "reference/gradient.h"
#include "reference/ridge.h"
#include "reference/synthetic.h"
#include "runtime/error.h"
#include "support/mpi_check.h"
#include "support/registered_methods.h"

namespace admmnet::test {
namespace {

constexpr Index kSamples = 61, kWidth = 20;

reference::Problem problem_of(Loss loss, std::vector<Index> hidden = {6, 5}, bool bias = true,
                              Index outputs = 4) {
  reference::Problem problem = reference::synthetic_problem(7, kSamples, hidden, outputs);
  problem.activation = {ActivationKind::tanh};
  problem.loss = loss;
  problem.bias = bias;
  problem.init = InitScheme::xavier;
  return problem;
}

reference::Layers weights_of(const reference::Problem& problem) {
  reference::Layers W(1);
  for (int l = 1; l <= problem.layers(); ++l) W.push_back(reference::initial_weights(problem, l));
  return W;
}

Options options_of(const reference::Problem& problem, bool stages = false) {
  Options options;
  options.init.seed = problem.seed;
  options.train.iterations = 30;
  gauss_newton_options(options).curvature_columns = stages ? 12 : kWidth;
  gauss_newton_options(options).stages = stages;
  return options;
}

/// A method on a grid, begun with the problem's weights.
struct Run {
  SampleSet set;
  Timers timers;
  std::unique_ptr<TrainingMethod> method;

  Run(const reference::Problem& problem, const Options& options, const ProcessGrid& grid,
      Index block, bool trained = true)
      : set(sample_set(problem, grid, block,
                       method_named("gauss_newton").panel_bounds(options, kSamples, grid.cols()))) {
    const Topology topology = topology_of(problem);
    const MethodPlace place{grid, block, set, 0, timers};
    method = method_named("gauss_newton").make({topology, kSamples, 0, 0}, options, place);
    Network initial(grid, topology, block);
    initial.initialise(problem.init, problem.seed);
    method->start(initial, trained);
  }
};

void require_same(const Network& network, const reference::Layers& W, double tolerance) {
  for (int l = 1; l <= network.layers(); ++l) {
    const Worst difference = relative_difference(network.W(l), W[static_cast<std::size_t>(l)]);
    CAPTURE(network.grid().rows(), network.grid().cols(), network.unit_block(), l, difference);
    REQUIRE_ALL_ON(network.grid().comm(), difference <= tolerance);
  }
}

/// A direction without symmetries, as weights on a grid and as the reference's vector.
double direction(int l, Index i, Index j) {
  return entry(i, j, l);
}

reference::Layers like(const reference::Layers& W, double (*value)(int, Index, Index)) {
  reference::Layers V = W;
  for (std::size_t l = 1; l < V.size(); ++l)
    for (Index j = 0; j < V[l].cols; ++j)
      for (Index i = 0; i < V[l].rows; ++i) V[l](i, j) = value(static_cast<int>(l), i, j);
  return V;
}

/// A vector of the reference, layer by layer.
reference::Layers layers_of(const reference::Matrix& vector, const reference::Layers& shape) {
  reference::Layers result = shape;
  auto next = vector.values.begin();
  for (reference::Matrix& layer : result)
    for (double& value : layer.values) value = *next++;
  return result;
}

/// A number of the state.
double number(TrainingMethod& method, const std::string& name) {
  for (const StateScalar& scalar : method.state().scalars)
    if (scalar.path == "iterate/" + name)
      return scalar.real ? *scalar.real : static_cast<double>(*scalar.integer);
  return std::nan("");
}

const Loss kLosses[] = {Loss::squared, Loss::softmax};

}  // namespace

TEST_CASE("the reference's Jacobian is the difference quotient", "[ranks:1]") {
  constexpr double h = 1e-5;  // error h^2 + eps/h
  const reference::Problem problem = problem_of(Loss::squared);
  const reference::Layers W = weights_of(problem);
  const reference::Matrix x = reference::columns(problem.X, 3, 4),
                          J = reference::jacobian(problem, W, x), v = reference::as_vector(W);
  Worst worst;
  for (Index k = 0; k < v.rows; ++k) {
    reference::Matrix right = v, left = v;
    right(k, 0) += h;
    left(k, 0) -= h;
    const auto output = [&](const reference::Matrix& at) {
      return reference::forward(problem, layers_of(at, W), x).z.back();
    };
    const reference::Matrix slope = 1.0 / (2.0 * h) * (output(right) - output(left));
    for (Index i = 0; i < slope.rows; ++i)
      worst.add(std::abs(slope(i, 0) - J(i, k)), "output", i, "weight", k);
  }
  CAPTURE(worst);
  CHECK(worst <= 1e-9);
}

// src/methods/gauss_newton/README.md §2, §3
TEST_CASE("products with the curvature, and solves with its factors, are the reference's") {
  for (const Loss loss : kLosses)
    for (const bool bias : {true, false}) {
      const reference::Problem problem = problem_of(loss, {6, 5}, bias);
      const reference::Layers W = weights_of(problem), V = like(W, direction);
      constexpr Index step = 3;
      const reference::CurvatureModel model =
          reference::curvature_model(problem, W, 0, kSamples, step);
      const reference::Matrix v = reference::as_vector(V);
      const reference::Layers expected = layers_of(model.A * v, W);
      constexpr double lambda = 0.03;
      const reference::Layers solved =
          layers_of(reference::Cholesky(reference::preconditioner(model, lambda)).left_solve(v), W);
      on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
        INFO(name_of(loss) << (bias ? "" : ", no biases"));
        const SampleSet set = sample_set(problem, grid, block, {0, 40, kSamples});
        Network network(grid, topology_of(problem), block);
        network.initialise(problem.init, problem.seed);
        Network along = zeros_like(network), product = zeros_like(network);
        for (int l = 1; l <= network.layers(); ++l)
          along.W(l).fill([l](Index i, Index j) { return direction(l, i, j); });
        Linearisation linear(network, set.widest, 2);
        linear.set(network, {&set.panels[0], &set.panels[1]});
        linear.multiply(along, product);
        require_same(product, expected, 1e-12);
        KroneckerFactors factors(network);
        linear.form(CounterRandom(problem.seed, Stream::curvature, step), factors);
        for (std::size_t l = 1; l < W.size(); ++l)
          CHECK(factors.c()[l - 1] == Approx(model.c[l]).epsilon(1e-12));
        factors.solve(lambda, along, product);
        require_same(product, solved, 1e-10);  // times the condition, some hundred
      });
    }
}

TEST_CASE("outer steps are the reference's on every grid") {
  for (const Loss loss : kLosses) {
    const reference::Problem problem = problem_of(loss);
    reference::GaussNewtonRun expected{problem, weights_of(problem)};
    const std::vector<Index> bounds = equal_panels(kSamples, kWidth);
    constexpr Index kSteps = 3;
    for (Index i = 0; i < kSteps; ++i) {
      const auto p = static_cast<std::size_t>(i % 3);
      expected.outer_step(bounds[p], bounds[p + 1]);
    }
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO(name_of(loss));
      Run run(problem, options_of(problem), grid, block);
      double loss_there = 0.0;
      for (Index i = 0; i < kSteps; ++i) loss_there = run.method->step(1000000).loss;
      require_same(run.method->network(), expected.W, 1e-6);
      CHECK(loss_there == Approx(expected.loss()).epsilon(1e-6));
    });
  }
}

TEST_CASE("rejected directions are looked for again with more damping", "[ranks:1]") {
  const reference::Problem problem = problem_of(Loss::softmax);
  reference::GaussNewtonRun expected{problem, weights_of(problem), 1e-9};
  const std::vector<Index> bounds = equal_panels(kSamples, kWidth);
  Options options = options_of(problem);
  gauss_newton_options(options).damping = 1e-9;
  Run run(problem, options, {MPI_COMM_WORLD, 1, 1}, 64);
  for (Index i = 0; i < 4; ++i) {
    const auto p = static_cast<std::size_t>(i % 3);
    expected.outer_step(bounds[p], bounds[p + 1]);
    run.method->step(1000000);
  }
  CHECK(expected.rejected > 0);
  require_same(run.method->network(), expected.W, 1e-5);
}

TEST_CASE("the first output layer is the ridge solution on the hidden layers as they begin") {
  const reference::Problem problem = problem_of(Loss::squared);
  const double ridge = first_ridge(kSamples, problem.hidden.back() + 1);
  const reference::Layers expected = reference::fitted(problem, weights_of(problem), ridge);
  CHECK(ridge == 1e-6);
  CHECK(first_ridge(100, 10) == 1e-6);
  CHECK(first_ridge(99, 10) == 0.1);  // few samples for its weights
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    Run run(problem, options_of(problem), grid, block, false);
    require_same(run.method->network(), expected, 1e-8);  // times the condition
  });
}

TEST_CASE("a linear network is at its least squares solution after a few steps", "[ranks:1-2]") {
  const reference::Problem problem = problem_of(Loss::squared, {});
  const reference::Matrix exact =
      reference::ridge_weights(problem, problem.X, problem.targets(), 0.0);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  Options options = options_of(problem);
  gauss_newton_options(options).curvature_columns = kSamples;
  Run run(problem, options, grid, 3);
  for (Index i = 0; i < 20; ++i) run.method->step(1000000);
  // f is flat to 1e-16 within sqrt(1e-16) of its minimum
  const Worst difference = relative_difference(run.method->network().W(1), exact);
  CAPTURE(difference);
  CHECK(difference <= 1e-6);
}

TEST_CASE("a pass ends when its work is done", "[ranks:1]") {
  const reference::Problem problem = problem_of(Loss::squared);
  Run run(problem, options_of(problem), {MPI_COMM_WORLD, 1, 1}, 64);
  CHECK(number(*run.method, "work") == 1.0);  // f and its gradient at the start
  for (Index k = 1; k <= 40; ++k)
    for (;;) {
      const double work = number(*run.method, "work"), steps = number(*run.method, "outer_steps");
      const StepReport report = run.method->step(k);
      const bool stepped = number(*run.method, "outer_steps") == steps + 1.0;
      CHECK(stepped == (work < static_cast<double>(k)));
      // On 20 or 21 of 61 samples at least five products and a trial.
      if (stepped)
        CHECK(number(*run.method, "work") - work >= 1.0 + (4.0 / 3.0 + 5.0) * 20.0 / 61.0 - 1e-12);
      CHECK(bool(report.pass) == (number(*run.method, "work") >= static_cast<double>(k)));
      CHECK((report.pass ? report.done == report.of : report.done < report.of));
      CHECK(report.resumable);
      if (report.pass) break;
    }
}

TEST_CASE("stages look at more and more panels, and never fewer", "[ranks:1]") {
  const std::vector<Stage> stages = stages_of(true, 20);
  CHECK(stages[0].panels == 2);
  CHECK(stages[1].panels == 8);
  CHECK(stages[2].panels == 20);
  CHECK(curvature_panels(stages[0], 3) == std::vector<Index>{1});
  CHECK(curvature_panels(stages[2], 3) == std::vector<Index>{6, 7});
  CHECK(curvature_panels(stages[2], 10) == std::vector<Index>{0, 1});
  CHECK(stage_after(stages, 0.0) == 0);
  CHECK(stage_after(stages, 0.25) == 1);
  CHECK(stage_after(stages, 0.6) == 2);
  CHECK(stage_after(stages, 2.0) == 2);
  for (const Index panels : {1, 2, 3}) {
    CHECK(stages_of(true, panels).back().curvature == std::min<Index>(panels, 2));
    CHECK(stages_of(true, panels).front().panels == 1);
  }
  CHECK(stages_of(false, 7).size() == 1);
  CHECK(equal_panels(61, 20) == std::vector<Index>{0, 20, 40, 61});
  CHECK(equal_panels(10, 20) == std::vector<Index>{0, 10});
}

TEST_CASE("the damping follows the gain", "[ranks:1]") {
  CHECK(next_damping(1.0, 0.8, true) == 0.4);
  CHECK(next_damping(1.0, 0.5, true) == 1.0);
  CHECK(next_damping(1.0, 0.2, true) == 3.0);
  CHECK(next_damping(1.0, -1.0, false) == 6.0);
  CHECK(next_damping(1.0, std::nan(""), false) == 6.0);
  CHECK(next_damping(1e-12, 1.0, true) == 1e-12);
  CHECK_FALSE(has_settled({-1.0, -1.0, -1.0, -1.0}));
  CHECK(has_settled({-1.0, -1.0, -1.0, -1.0, -1.001}));
  CHECK_FALSE(has_settled({-1.0, -1.0, -1.0, -1.0, -1.003}));
}

TEST_CASE("stopped and continued equals in one go, bitwise", "[ranks:1-2]") {
  for (const bool stages : {false, true}) {
    const reference::Problem problem = problem_of(Loss::softmax);
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO((stages ? "in stages" : "in one stage"));
      Options options = options_of(problem, stages);
      if (stages) gauss_newton_options(options).cg_iterations = 2;  // short steps, several a pass
      Run straight(problem, options, grid, block), first(problem, options, grid, block),
          second(problem, options, grid, block);
      IterationReport expected, report;
      for (Index k = 1; k <= 20; ++k) expected = straight.method->iterate(k);
      // Into the midst of a pass, where steps are short, and between two times of factors, which
      // are formed before the steps 0, 4, 8.
      Index next = 1;
      bool midst = false;
      while (next <= 12 && !(midst && number(*first.method, "outer_steps") == 6.0)) {
        midst = !first.method->step(next).pass;
        if (!midst) ++next;
      }
      CHECK(midst == stages);
      second.method->step(2);  // whatever it did before is forgotten
      copy_state(first.method->state(), second.method->state());
      second.method->resume();
      for (Index k = next; k <= 20; ++k) report = second.method->iterate(k);
      const bool same = report.objective == expected.objective &&
                        report.train.score == expected.train.score &&
                        same_bits(straight.method->network(), second.method->network());
      REQUIRE_ALL_ON(grid.comm(), same);
    });
  }
}

TEST_CASE("losses with kinks are refused", "[ranks:1]") {
  Options options;
  Topology topology;
  topology.widths = {7, 6, 4};
  topology.loss = Loss::multiclass_hinge;
  try {
    method_named("gauss_newton").resolve({topology, kSamples, 0, 0}, options);
    FAIL("not refused");
  } catch (const BadInput& error) {
    CHECK_THAT(error.what(), Catch::Contains("multiclass_hinge has kinks") &&
                                 Catch::Contains("take squared, softmax"));
  }
}

}  // namespace admmnet::test
