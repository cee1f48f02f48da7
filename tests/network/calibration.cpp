// Temperature and unsmoothed probabilities: against a grid search, closed forms, and predict().
#include "network/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "linalg/grids.h"
#include "methods/sample_sets.h"
#include "network/prediction.h"
#include "reference/synthetic.h"
#include "support/mpi_check.h"
#include "support/worst.h"

namespace admmnet::test {
namespace {

constexpr Index kOutputs = 5, kSamples = 240;

/// z = scale * (noise + 2 e_c) for all samples, where c is the label but for each seventh sample.
LabelledOutputs known_outputs(double scale) {
  LabelledOutputs all;
  all.outputs = kOutputs;
  for (Index j = 0; j < kSamples; ++j) {
    const Index label = (3 * j) % kOutputs, meant = j % 7 == 0 ? (label + 1) % kOutputs : label;
    all.labels.push_back(static_cast<int>(label));
    for (Index i = 0; i < kOutputs; ++i)
      all.z.push_back(scale * (entry(i, j, 3) + (i == meant ? 2.0 : 0.0)));
  }
  return all;
}

/// Every P-th sample, from this rank's on.
LabelledOutputs share_of_rank(const LabelledOutputs& all) {
  LabelledOutputs own;
  own.outputs = all.outputs;
  const auto outputs = static_cast<std::size_t>(all.outputs);
  for (std::size_t j = static_cast<std::size_t>(rank_of(MPI_COMM_WORLD)); j < all.labels.size();
       j += static_cast<std::size_t>(size_of(MPI_COMM_WORLD))) {
    own.labels.push_back(all.labels[j]);
    own.z.insert(own.z.end(), all.z.begin() + static_cast<std::ptrdiff_t>(j * outputs),
                 all.z.begin() + static_cast<std::ptrdiff_t>((j + 1) * outputs));
  }
  return own;
}

/// -log p of the label, by the definition.
double log_loss(const std::vector<double>& logits, int label, double tau) {
  double sum = 0.0;
  for (const double z : logits)
    sum += std::exp(tau * (z - logits[static_cast<std::size_t>(label)]));
  return std::log(sum);
}

double mean_log_loss(const LabelledOutputs& all, double tau) {
  double sum = 0.0;
  for (std::size_t j = 0; j < all.labels.size(); ++j) {
    const auto first = all.z.begin() + static_cast<std::ptrdiff_t>(j) * all.outputs;
    sum += log_loss({first, first + all.outputs}, all.labels[j], tau);
  }
  return sum / static_cast<double>(all.labels.size());
}

/// The best of a grid of tau of that step, relatively.
double searched(const LabelledOutputs& all, double step) {
  double best = kLeastTemperature;
  for (double tau = kLeastTemperature; tau <= kLargestTemperature; tau *= 1.0 + step)
    if (mean_log_loss(all, tau) < mean_log_loss(all, best)) best = tau;
  return best;
}

bool same_on_all_ranks(double value) {
  double first = value;
  MPI_Bcast(&first, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
  return first == value;
}

}  // namespace

TEST_CASE("the fitted temperature is that of a grid search, and undoes a factor on the logits") {
  const double tau = fit_temperature(share_of_rank(known_outputs(1.0)), MPI_COMM_WORLD);
  REQUIRE_ALL(same_on_all_ranks(tau));
  constexpr double kStep = 1e-3;
  CHECK(std::abs(tau / searched(known_outputs(1.0), kStep) - 1.0) <= kStep);
  CHECK(mean_log_loss(known_outputs(1.0), tau) < mean_log_loss(known_outputs(1.0), 1.0));
  // Newton stops at a step of 1e-10, which leaves less.
  for (const double scale : {0.25, 7.0}) {
    const double scaled = fit_temperature(share_of_rank(known_outputs(scale)), MPI_COMM_WORLD);
    CHECK(std::abs(scaled * scale / tau - 1.0) < 1e-9);
  }
}

TEST_CASE("a temperature at an end of the interval, and where there is none") {
  const auto fitted = [](const LabelledOutputs& all) {
    return fit_temperature(share_of_rank(all), MPI_COMM_WORLD);
  };
  LabelledOutputs right = known_outputs(1.0), wrong = known_outputs(1.0);
  for (std::size_t j = 0; j < right.labels.size(); ++j) {
    const auto z = right.z.begin() + static_cast<std::ptrdiff_t>(j) * kOutputs;
    right.labels[j] = static_cast<int>(std::max_element(z, z + kOutputs) - z);
    wrong.labels[j] = static_cast<int>(std::min_element(z, z + kOutputs) - z);
  }
  CHECK(fitted(right) == Approx(kLargestTemperature));
  CHECK(fitted(wrong) == Approx(kLeastTemperature));
  LabelledOutputs flat = known_outputs(0.0);
  CHECK(fitted(flat) == 1.0);
  CHECK(fitted({kOutputs, {}, {}}) == 1.0);
  flat.z[7] = std::numeric_limits<double>::quiet_NaN();
  CHECK(fitted(flat) == 1.0);
  flat.z[7] = std::numeric_limits<double>::infinity();
  CHECK(fitted(flat) == 1.0);
}

TEST_CASE("calibrated logits: tau z, or probabilities without the smoothing", "[ranks:1]") {
  const std::vector<double> z{1.0, -0.5, 2.5, 0.0};
  std::vector<double> scaled = z;
  Calibration{2.25, 0.1}.apply(4, scaled.data());
  for (std::size_t i = 0; i < 4; ++i) CHECK(scaled[i] == 2.25 * z[i]);

  std::vector<double> plain = z;
  CHECK(Calibration{}.none());
  Calibration{}.apply(4, plain.data());
  CHECK(plain == z);

  // (p - s/C) / (1 - s), at least 0.002 / C, then renormalised by the softmax.
  const double s = 0.2, least = 0.002 / 4;
  std::vector<double> expected;
  double sum = 0.0, total = 0.0;
  for (const double value : z) sum += std::exp(value);
  for (const double value : z) {
    expected.push_back(std::max((std::exp(value) / sum - s / 4) / (1 - s), least));
    total += expected.back();
  }
  CHECK(expected[1] == least);
  CHECK(expected[0] > least);
  std::vector<double> unsmoothed = z;
  Calibration{1.0, s}.apply(4, unsmoothed.data());
  softmax(4, unsmoothed.data());
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(unsmoothed[i] == Approx(expected[i] / total).epsilon(1e-13));
}

TEST_CASE("loss and probabilities of a calibrated network on every grid; its classes stay") {
  auto problem = reference::synthetic_problem(9, 230, {20}, 3);
  const auto layers = [&] {
    reference::Layers W(static_cast<std::size_t>(problem.layers()) + 1);
    for (int l = 1; l <= problem.layers(); ++l)
      W[static_cast<std::size_t>(l)] = reference::initial_weights(problem, l);
    return W;
  }();
  const reference::Matrix output = reference::forward(problem, layers, problem.X).z.back();
  LabelledOutputs all{3, {}, problem.labels};
  for (Index j = 0; j < 230; ++j)
    for (Index i = 0; i < 3; ++i) all.z.push_back(output(i, j));
  Topology topology = topology_of(problem);
  topology.label_smoothing = 0.1;
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    const SampleSet set = sample_set(problem, grid, 3, {0, 90, 180, 230});
    Network network(grid, topology, 3);
    network.initialise(problem.init, problem.seed);
    const Calibration fitted = fit_calibration(network, set);
    constexpr double kStep = 1e-3;
    REQUIRE_ALL_ON(grid.comm(), std::abs(fitted.temperature / searched(all, kStep) - 1.0) <= kStep);
    const Prediction raw = predict(network, set, 3),
                     own = predict(network, set, 3, fitted, PredictedValues::probabilities),
                     got = on_first_rank(own, grid);
    bool right = own.classes == raw.classes && got.confusion == raw.confusion &&
                 got.metrics.score == raw.metrics.score && raw.values.empty() &&
                 got.metrics.loss <= raw.metrics.loss &&
                 std::abs(got.metrics.loss - mean_log_loss(all, fitted.temperature)) < 1e-12 &&
                 std::abs(evaluate(network, set, fitted).loss - got.metrics.loss) < 1e-12;
    Worst worst;
    for (std::size_t j = 0; j < 230 && grid.rank() == 0; ++j)
      for (int c = 0; c < 3; ++c)
        worst.add(std::abs(
            got.values[3 * j + static_cast<std::size_t>(c)] -
            std::exp(-log_loss({&all.z[3 * j], &all.z[3 * j] + 3}, c, fitted.temperature))));
    REQUIRE_ALL_ON(grid.comm(), right && (grid.rank() != 0 || worst <= 1e-13));
  }
}

TEST_CASE("no temperature without smoothing, or of few validation samples") {
  const auto problem = reference::synthetic_problem(4, 199, {3}, 3);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const SampleSet set = sample_set(problem, grid, 3, {0, 199});
  Topology topology = topology_of(problem);
  CHECK(fit_calibration(Network(grid, topology, 3), set).none());
  topology.label_smoothing = 0.1;
  const Calibration few = fit_calibration(Network(grid, topology, 3), set);
  CHECK((few.temperature == 1.0 && few.label_smoothing == 0.1));
  CHECK(fit_calibration(Network(grid, topology, 3), {}).temperature == 1.0);
}

}  // namespace admmnet::test
