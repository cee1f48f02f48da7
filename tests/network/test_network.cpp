// Topology, initial weights, forward pass, metrics and predictions on every grid, against the
// reference.
#include <algorithm>
#include <numeric>
#include <set>

#include "linalg/grids.h"
#include "methods/sample_sets.h"
#include "network/best_iterate.h"
#include "network/data_biases.h"
#include "network/prediction.h"
#include "network/receptive_fields.h"
#include "proximal/loss_functions.h"
#include "reference/synthetic.h"
#include "runtime/error.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

constexpr Index kUnitBlocks[] = {1, 3, 64};

template <class F>
void on_every_layout(F&& f) {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kUnitBlocks) f(grid, block);
  }
}

reference::Layers initial_layers(const reference::Problem& problem) {
  reference::Layers W(static_cast<std::size_t>(problem.layers()) + 1);
  for (int l = 1; l <= problem.layers(); ++l)
    W[static_cast<std::size_t>(l)] = reference::initial_weights(problem, l);
  return W;
}

}  // namespace

TEST_CASE("outputs: one for two classes with a scalar loss, else one a class") {
  REQUIRE(outputs_for(2, Loss::squared) == 1);
  REQUIRE(outputs_for(2, Loss::hinge) == 1);
  REQUIRE(outputs_for(2, Loss::softmax) == 2);
  REQUIRE(outputs_for(2, Loss::multiclass_hinge) == 2);
  REQUIRE(outputs_for(10, Loss::squared) == 10);
}

TEST_CASE("initial weights are those of the reference, bit by bit, on every grid") {
  for (InitScheme scheme :
       {InitScheme::he, InitScheme::xavier, InitScheme::lecun, InitScheme::zero}) {
    auto problem = reference::synthetic_problem(9, 20, {70, 5}, 3);
    problem.init = scheme;
    const auto expected = initial_layers(problem);
    on_every_layout([&](const ProcessGrid& grid, Index block) {
      Network network(grid, topology_of(problem), block);
      network.initialise(scheme, problem.seed);
      for (int l = 1; l <= network.layers(); ++l)
        REQUIRE_ALL_ON(grid.comm(),
                       gather(network.W(l)) == expected[static_cast<std::size_t>(l)].values);
    });
  }
}

TEST_CASE("normal weights have the deviation that was asked for, and biases of 0") {
  const auto problem = reference::synthetic_problem(300, 20, {70, 5}, 3);
  on_every_layout([&](const ProcessGrid& grid, Index block) {
    Network one(grid, topology_of(problem), block), tenth(grid, topology_of(problem), block);
    one.initialise(InitScheme::normal, problem.seed);
    tenth.initialise(InitScheme::normal, problem.seed, 0.1);
    const std::vector<double> a = gather(one.W(1)), b = gather(tenth.W(1));
    const std::size_t weights = 70 * 300;
    bool right = a.size() == weights + 70;
    double squares = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      right = right && b[i] == 0.1 * a[i] && (i < weights || a[i] == 0.0);
      squares += b[i] * b[i];
    }
    REQUIRE_ALL_ON(grid.comm(), right);
    // The mean square of 21000 normal numbers deviates by 1 % (one standard deviation).
    REQUIRE_ALL_ON(grid.comm(), std::abs(squares / weights - 0.01) < 0.0005);
  });
}

TEST_CASE("loss, accuracy, predictions and confusion are those of the reference") {
  for (auto [outputs, loss] : {std::pair<Index, Loss>{3, Loss::softmax}, {1, Loss::squared}}) {
    auto problem = reference::synthetic_problem(9, 101, {20, 8}, outputs);
    problem.loss = loss;
    const auto W = initial_layers(problem);
    const auto output = reference::forward(problem, W, problem.X).z.back();
    const double expected_loss = reference::mean_loss(problem, output, problem.targets());
    const double expected_accuracy = reference::accuracy(problem, W, problem.X, problem.labels);
    const Index classes = std::max<Index>(outputs, 2);
    on_every_layout([&](const ProcessGrid& grid, Index block) {
      const SampleSet set = sample_set(problem, grid, block, {0, 40, 80, 101});
      Network network(grid, topology_of(problem), block);
      network.initialise(problem.init, problem.seed);
      const Prediction prediction = predict(network, set, classes);
      // Sums of 101 terms of size 1 in another order.
      REQUIRE(std::abs(prediction.metrics.loss - expected_loss) < 1e-12 * (1.0 + expected_loss));
      REQUIRE(prediction.metrics.score == Approx(expected_accuracy).epsilon(1e-12));
      REQUIRE(evaluate(network, set).score == prediction.metrics.score);
      double correct = 0.0;
      Index all = 0, on_diagonal = 0;
      for (std::size_t j = 0; j < prediction.samples.size(); ++j)
        correct += prediction.classes[j] ==
                   problem.labels[static_cast<std::size_t>(prediction.samples[j])];
      correct = grid.sum(correct);
      const Prediction whole = on_first_rank(prediction, grid);
      REQUIRE(whole.classes.size() == (grid.rank() == 0 ? problem.labels.size() : 0));
      for (std::size_t j = 0; j < prediction.samples.size() && grid.rank() == 0; ++j)
        REQUIRE(whole.classes[static_cast<std::size_t>(prediction.samples[j])] ==
                prediction.classes[j]);
      for (Index i = 0; i < classes * classes; ++i) {
        all += prediction.confusion[static_cast<std::size_t>(i)];
        if (i % (classes + 1) == 0)
          on_diagonal += prediction.confusion[static_cast<std::size_t>(i)];
      }
      REQUIRE(all == 101);
      REQUIRE(on_diagonal == correct);
      REQUIRE(static_cast<double>(correct) / 101.0 == Approx(expected_accuracy).epsilon(1e-12));
    });
  }
}

TEST_CASE("the objective of a network: its minimiser is optimal, its codes are the targets") {
  for (auto [outputs, loss] : {std::pair<Index, Loss>{4, Loss::softmax}, {1, Loss::hinge}}) {
    auto problem = reference::synthetic_problem(3, 24, {5}, outputs);
    problem.loss = loss;
    const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
    const SampleSet set = sample_set(problem, grid, 3, {0, 24});
    const Network network(grid, topology_of(problem), 3);
    const Objective& objective = network.objective();
    const Targets& targets = set.panels[0].targets;
    OutputColumns coded(grid, outputs, 24), z(grid, outputs, 24);
    fill_coded_targets(objective, set.panels[0], 0.25, coded);
    fill_coded_targets(objective, set.panels[0], 0.25, z);
    const double beta = 0.7;
    objective.minimise(targets, beta, z);
    bool right = coded.count() == targets.count(), optimal = true;
    for (Index j = 0; j < targets.count(); ++j) {
      std::vector<double> s;
      for (Index i = 0; i < outputs; ++i) {
        const double one = outputs == 1               ? targets.class_of(j)
                           : targets.class_of(j) == i ? 1.0
                                                      : 0.0;
        right = right && coded.column(j)[i] == one - 0.25;
        s.push_back(beta * (coded.column(j)[i] - z.column(j)[i]));
      }
      optimal = optimal && objective.in_subdifferential(z, targets, j, s.data(), 1e-12);
    }
    REQUIRE_ALL_ON(grid.comm(), right);
    REQUIRE_ALL_ON(grid.comm(), optimal);
    CHECK(objective.score().text(0.978) == "97.80 %");
  }
}

TEST_CASE("samples without a label are predicted and not counted") {
  const auto problem = reference::synthetic_problem(9, 30, {8}, 3);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  SampleSet set = sample_set(problem, grid, 3, {0, 30});
  Network network(grid, topology_of(problem), 3);
  network.initialise(problem.init, problem.seed);
  const std::vector<int> classes = predict(network, set, 3).classes;
  const auto forget = [&](int label) {  // all samples of a class
    for (int& own : set.panels[0].targets.classes)
      if (own == label) own = kNoLabel;
    return predict(network, set, 3);
  };
  Index left = 30;
  for (int label : {0, 1, 2}) {
    left -= std::count(problem.labels.begin(), problem.labels.end(), label);
    const Prediction prediction = forget(label);
    REQUIRE(prediction.classes == classes);
    REQUIRE(prediction.metrics.samples == left);
    REQUIRE(std::accumulate(prediction.confusion.begin(), prediction.confusion.end(), Index{0}) ==
            left);
  }
  REQUIRE(left == 0);
}

namespace {

/// Whether w and b of a unit may come from the samples x and y: w is a multiple of x - y where it
/// is not zero, and the unit is as far above 0 at x as below 0 at y.
bool comes_from(const std::vector<double>& w, double b, const double* x, const double* y) {
  double at_x = b, at_y = b, factor = 0.0;
  Worst off;
  for (std::size_t j = 0; j < w.size(); ++j) {
    at_x += w[j] * x[j];
    at_y += w[j] * y[j];
    if (w[j] == 0.0) continue;
    if (factor == 0.0) factor = w[j] / (x[j] - y[j]);
    off.add(std::abs(w[j] - factor * (x[j] - y[j])));
  }
  // Sums of 100 terms below 10 in another order.
  return at_x > 0.0 && std::abs(at_x + at_y) <= 1e-12 && off <= 1e-12;
}

}  // namespace

TEST_CASE("receptive fields are the same on every grid, and split the classes they come from") {
  const auto problem = reference::synthetic_problem(100, 60, {25}, 3);
  std::vector<double> first;
  on_every_layout([&](const ProcessGrid& grid, Index block) {
    Dataset data;
    data.shape.image_rows = data.shape.image_cols = 10;
    data.train = sample_set(problem, grid, block, {0, 60});
    Network network(grid, topology_of(problem), block);
    initialise_receptive_fields(network, data, 4);
    const auto W = gather(network.W(1));
    if (first.empty()) first = W;
    REQUIRE_ALL_ON(grid.comm(), W == first);
    for (Index i = 0; i < 25; ++i) {
      Index pixels = 0;
      for (Index j = 0; j < 100; ++j) pixels += W[static_cast<std::size_t>(i + 25 * j)] != 0.0;
      REQUIRE(pixels >= 80);  // the smallest field, of samples without equal entries
    }
  });
  for (std::size_t i = 0; i < 25; ++i) {
    std::vector<double> w(100);
    for (std::size_t j = 0; j < 100; ++j) w[j] = first[i + 25 * j];
    int pairs = 0;
    for (Index x = 0; x < 60; ++x)
      for (Index y = 0; y < 60; ++y)
        pairs += problem.labels[static_cast<std::size_t>(x)] !=
                     problem.labels[static_cast<std::size_t>(y)] &&
                 comes_from(w, first[i + 2500], &problem.X(0, x), &problem.X(0, y));
    REQUIRE(pairs == 1);
  }
  const ProcessGrid grid(MPI_COMM_WORLD, 1, 1);
  if (!grid.contains_this_rank()) return;
  auto without_bias = topology_of(problem);
  without_bias.bias = false;
  Network network(grid, without_bias, 3);
  REQUIRE_THROWS_AS(initialise_receptive_fields(network, Dataset(), 4), BadInput);
}

TEST_CASE("biases from the data put a training sample onto each unit's bend, on every grid") {
  const auto problem = reference::synthetic_problem(9, 101, {25, 6}, 3);
  const auto W = initial_layers(problem);
  std::set<Index> chosen;
  std::vector<double> expected;
  for (Index unit = 0; unit < 25; ++unit) {
    const Index sample = sample_of_bias(4, unit, 101);
    chosen.insert(sample);
    double product = 0.0;
    for (Index i = 0; i < 9; ++i) product += W[1](unit, i) * problem.X(i, sample);
    expected.push_back(-product);
  }
  REQUIRE(*chosen.begin() >= 0);
  REQUIRE(*chosen.rbegin() < 101);
  REQUIRE(chosen.size() > 15);  // of 25 draws from 101
  on_every_layout([&](const ProcessGrid& grid, Index block) {
    const SampleSet set = sample_set(problem, grid, block, {0, 40, 80, 101});
    Network network(grid, topology_of(problem), block);
    network.initialise(problem.init, problem.seed);
    const auto other_layers = gather(network.W(2));
    initialise_biases_from_data(network, set, 4);
    const auto got = gather(network.W(1));
    bool weights_stay = true;
    Worst worst;
    for (Index i = 0; i < 25; ++i) {
      for (Index j = 0; j < 9; ++j)
        weights_stay = weights_stay && got[static_cast<std::size_t>(i + 25 * j)] == W[1](i, j);
      worst.add(std::abs(got[static_cast<std::size_t>(i + 25 * 9)] -
                         expected[static_cast<std::size_t>(i)]),
                "unit", i);
    }
    REQUIRE_ALL_ON(grid.comm(), weights_stay);
    REQUIRE_ALL_ON(grid.comm(), worst <= 1e-14);  // sums of 9 products of size 1 in another order
    REQUIRE_ALL_ON(grid.comm(), gather(network.W(2)) == other_layers);
  });
  const ProcessGrid grid(MPI_COMM_WORLD, 1, 1);
  if (!grid.contains_this_rank()) return;
  auto without_bias = topology_of(problem);
  without_bias.bias = false;
  Network network(grid, without_bias, 3);
  REQUIRE_THROWS_AS(initialise_biases_from_data(network, SampleSet(), 4), BadInput);
}

TEST_CASE("the best iterate is the last of the best, and keeps its weights") {
  const auto problem = reference::synthetic_problem(5, 10, {4}, 3);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  Network network(grid, topology_of(problem), 3);
  BestIterate best(network);
  const double scores[] = {0.5, 0.7, 0.7, 0.6, NAN};
  for (Index k = 1; k <= 5; ++k) {
    for (Index j = 0; j < network.W(1).local_cols(); ++j)
      for (Index i = 0; i < network.W(1).local_rows(); ++i)
        network.W(1).at(i, j) = static_cast<double>(k);
    REQUIRE(best.offer(network, k, scores[k - 1]) == (k <= 3));
  }
  REQUIRE(best.iteration() == 3);
  for (double w : gather(best.network().W(1))) REQUIRE(w == 3.0);
}

TEST_CASE("label smoothing: the minimiser for smoothed targets, the plain loss") {
  // beta (v - z) = softmax(z) - (1 - s) e_y - s/C; 1e-12: some hundred roundings of entries near 1.
  constexpr double kSmoothing = 0.1, kBeta = 0.3;
  Topology topology;
  topology.widths = {3, 5};
  topology.label_smoothing = kSmoothing;
  const auto objective = make_objective(topology);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Index samples = 4 * size_of(MPI_COMM_WORLD);
  OutputColumns v(grid, 5, samples), z(grid, 5, samples);
  v.matrix().set_cols(samples);
  z.matrix().set_cols(samples);
  Targets targets;
  for (Index j = 0; j < v.count(); ++j) {
    targets.classes.push_back(static_cast<int>(j % 5));
    for (Index i = 0; i < 5; ++i) v.column(j)[i] = z.column(j)[i] = 3.0 * entry(i, j, 2);
  }
  objective->minimise(targets, kBeta, z);
  Worst worst;
  for (Index j = 0; j < z.count(); ++j) {
    double sum = 0.0, s[5];
    for (Index i = 0; i < 5; ++i) sum += std::exp(z.column(j)[i]);
    for (Index i = 0; i < 5; ++i) {
      s[i] = kBeta * (v.column(j)[i] - z.column(j)[i]);
      const double wished = (i == targets.class_of(j) ? 1.0 - kSmoothing : 0.0) + kSmoothing / 5;
      worst.add(std::abs(s[i] - (std::exp(z.column(j)[i]) / sum - wished)), "entry", i, "of", j);
    }
    REQUIRE(objective->in_subdifferential(z, targets, j, s, 1e-12));
    s[0] += 1e-6;
    REQUIRE_FALSE(objective->in_subdifferential(z, targets, j, s, 1e-12));
    REQUIRE(objective->loss(z, targets, j) ==
            loss_value(Loss::softmax, 5, z.column(j), targets.class_of(j)));
  }
  CAPTURE(worst);
  REQUIRE(worst <= 1e-12);
  objective->code_targets(targets, 0.0, z);
  REQUIRE(z.column(1)[1] == Approx(0.92));
  REQUIRE(z.column(1)[0] == Approx(0.02));
}

}  // namespace admmnet::test
