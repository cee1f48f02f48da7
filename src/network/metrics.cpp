#include "network/metrics.h"

#include <algorithm>

#include "proximal/loss_functions.h"
#include "runtime/error.h"
#include "runtime/heartbeat.h"

namespace admmnet {

MetricSums MetricSums::over_ranks(const ProcessGrid& grid) const {
  double sums[3] = {loss, score, samples};
  grid.sum(sums, 3);
  return {sums[0], sums[1], sums[2]};
}

MetricSums& MetricSums::operator+=(const MetricSums& other) {
  loss += other.loss;
  score += other.score;
  samples += other.samples;
  return *this;
}

Metrics MetricSums::means() const {
  Metrics metrics;
  metrics.samples = static_cast<Index>(samples);
  if (metrics.samples > 0) {
    metrics.loss = loss / samples;
    metrics.score = score / samples;
  }
  return metrics;
}

void fill_coded_targets(const Objective& objective, const SamplePanel& panel, double shift,
                        OutputColumns& output) {
  output.matrix().set_cols(panel.count);
  objective.code_targets(panel.targets, shift, output);
}

void for_each_output(const Network& network, const SampleSet& set,
                     const std::function<void(const SamplePanel&, OutputColumns&)>& use) {
  if (set.samples == 0) return;
  ForwardPass forward(network, set.widest);
  forward.use(network);
  OutputColumns columns(network.grid(), network.topology().outputs(), set.widest);
  for (const SamplePanel& panel : set.panels) {
    forward.run(panel.a());
    columns.take(forward.z(network.layers()));
    use(panel, columns);
    beat("evaluating the network");
  }
}

/// Adds a panel: the score of the outputs as they are, and the loss of the calibrated ones, which
/// they are from here on.
static void add(const Objective& objective, const Calibration& calibration, const Targets& targets,
                OutputColumns& columns, MetricSums& sums) {
  const double loss_before = sums.loss;
  objective.add(columns, targets, sums);
  if (calibration.none()) return;
  for (Index j = 0; j < columns.count(); ++j)
    calibration.apply(columns.outputs(), columns.column(j));
  MetricSums calibrated;
  objective.add(columns, targets, calibrated);
  sums.loss = loss_before + calibrated.loss;
}

/// The softmax of a panel's columns to their place on the first rank. Collective.
static void send_probabilities(const ProcessGrid& grid, const SamplePanel& panel, Index first,
                               const OutputColumns& columns, std::vector<double>& all) {
  const Index outputs = columns.outputs();
  std::vector<double> part(static_cast<std::size_t>(panel.count * outputs), 0.0);
  for (Index j = 0; j < columns.count(); ++j) {
    double* p = part.data() + (first + j) * outputs;
    std::copy_n(columns.column(j), outputs, p);
    softmax(outputs, p);
  }
  double* to = grid.rank() == 0 ? all.data() + panel.first * outputs : nullptr;
  ADMMNET_MPI(MPI_Reduce(part.data(), to, static_cast<int>(part.size()), MPI_DOUBLE, MPI_SUM, 0,
                         grid.comm()));
}

Metrics evaluate(const Network& network, const SampleSet& set, const Calibration& calibration) {
  MetricSums sums;
  for_each_output(network, set, [&](const SamplePanel& panel, OutputColumns& columns) {
    add(network.objective(), calibration, panel.targets, columns, sums);
  });
  return sums.reduce(network.grid());
}

Prediction predict(const Network& network, const SampleSet& set, Index classes,
                   const Calibration& calibration, bool with_probabilities) {
  const ProcessGrid& grid = network.grid();
  Prediction result;
  result.classes.assign(static_cast<std::size_t>(set.samples), 0);
  result.confusion.assign(static_cast<std::size_t>(classes * classes), 0);
  if (with_probabilities && grid.rank() == 0)
    result.probabilities.resize(
        static_cast<std::size_t>(set.samples * network.topology().outputs()));
  MetricSums sums;
  const Index first_of_rank = slab_width(set.widest, grid.size()) * grid.rank();
  for_each_output(network, set, [&](const SamplePanel& panel, OutputColumns& columns) {
    for (Index j = 0; j < columns.count(); ++j) {
      const int predicted = classify(columns.outputs(), columns.column(j));
      const int label = panel.targets.class_of(j);
      result.classes[static_cast<std::size_t>(panel.first + first_of_rank + j)] = predicted;
      if (label >= 0) ++result.confusion[static_cast<std::size_t>(label * classes + predicted)];
    }
    add(network.objective(), calibration, panel.targets, columns, sums);
    if (with_probabilities)
      send_probabilities(grid, panel, first_of_rank, columns, result.probabilities);
  });
  result.metrics = sums.reduce(grid);
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, result.classes.data(), static_cast<int>(set.samples),
                            MPI_INT, MPI_SUM, grid.comm()));
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, result.confusion.data(),
                            static_cast<int>(result.confusion.size()), MPI_INT64_T, MPI_SUM,
                            grid.comm()));
  return result;
}

}  // namespace admmnet
