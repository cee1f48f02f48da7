#include "network/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "network/ranking.h"
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

Metrics MetricSums::means(const Score& of) const {
  Metrics metrics;
  metrics.samples = static_cast<Index>(samples);
  if (metrics.samples > 0) {
    metrics.loss = loss / samples;
    metrics.score = of.is_root ? std::sqrt(score / samples) : score / samples;
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

/// A panel's columns, `rows` numbers each, to their place on the first rank. Collective.
template <class Column>
static void send_columns(const ProcessGrid& grid, const SamplePanel& panel, Index first, Index rows,
                         Column&& column, std::vector<double>& all) {
  std::vector<double> part(static_cast<std::size_t>(panel.count * rows), 0.0);
  for (Index j = 0; j < panel.targets.count(); ++j)
    std::copy_n(column(j), rows, part.data() + (first + j) * rows);
  double* to = grid.rank() == 0 ? all.data() + panel.first * rows : nullptr;
  ADMMNET_MPI(MPI_Reduce(part.data(), to, static_cast<int>(part.size()), MPI_DOUBLE, MPI_SUM, 0,
                         grid.comm()));
}

Metrics evaluate(const Network& network, const SampleSet& set, const Calibration& calibration) {
  MetricSums sums;
  for_each_output(network, set, [&](const SamplePanel& panel, OutputColumns& columns) {
    add(network.objective(), calibration, panel.targets, columns, sums);
  });
  return sums.reduce(network);
}

/// From the sums of Objective::add_errors: R^2 = 1 - SSE/(sum d^2 - (sum d)^2/n).
static std::vector<TargetError> target_errors(std::vector<double> sums, const ProcessGrid& grid) {
  grid.sum(sums.data(), static_cast<Index>(sums.size()));
  std::vector<TargetError> errors;
  for (std::size_t t = 0; t + 3 < sums.size(); t += 4) {
    const double n = sums[t], squares = sums[t + 1];
    if (n == 0.0) return {};
    const double spread = sums[t + 3] - sums[t + 2] * sums[t + 2] / n;
    errors.push_back({std::sqrt(squares / n), 1.0 - squares / spread});
  }
  return errors;
}

static Prediction predict_values(const Network& network, const SampleSet& set, PredictedValues kind,
                                 const std::function<void(Index)>& progress) {
  const ProcessGrid& grid = network.grid();
  const Objective& objective = network.objective();
  Prediction result;
  result.kind = kind;
  const Index outputs = network.topology().outputs();
  const Index targets = network.topology().coding.targets();
  if (kind != PredictedValues::none && grid.rank() == 0) {
    result.values.resize(static_cast<std::size_t>(set.samples * outputs));
    result.targets.resize(static_cast<std::size_t>(set.samples * targets));
  }
  MetricSums sums;
  std::vector<double> of_targets(static_cast<std::size_t>(4 * targets));
  const Index first_of_rank = slab_width(set.widest, grid.size()) * grid.rank();
  for_each_output(network, set, [&](const SamplePanel& panel, OutputColumns& columns) {
    objective.add(columns, panel.targets, sums);
    objective.add_errors(columns, panel.targets, of_targets);
    if (kind != PredictedValues::none) {
      objective.to_predictions(columns);
      send_columns(
          grid, panel, first_of_rank, outputs, [&](Index j) { return columns.column(j); },
          result.values);
      send_columns(
          grid, panel, first_of_rank, targets, [&](Index j) { return panel.targets.reals_of(j); },
          result.targets);
    }
    if (progress) progress(panel.first + panel.count);
  });
  result.metrics = sums.reduce(network);
  result.errors = target_errors(std::move(of_targets), grid);
  return result;
}

std::optional<double> balanced_accuracy(const std::vector<Index>& confusion) {
  const auto classes = static_cast<std::size_t>(std::sqrt(static_cast<double>(confusion.size())));
  double sum = 0.0, present = 0.0;
  for (std::size_t c = 0; c < classes; ++c) {
    const auto row = confusion.begin() + static_cast<std::ptrdiff_t>(c * classes);
    const Index samples =
        std::accumulate(row, row + static_cast<std::ptrdiff_t>(classes), Index{0});
    if (samples == 0) continue;
    sum += static_cast<double>(row[static_cast<std::ptrdiff_t>(c)]) / static_cast<double>(samples);
    present += 1.0;
  }
  return present > 0.0 ? std::optional<double>(sum / present) : std::nullopt;
}

Prediction predict(const Network& network, const SampleSet& set, Index classes,
                   const Calibration& calibration, PredictedValues kind,
                   const std::function<void(Index)>& progress) {
  if (network.topology().is_regression()) return predict_values(network, set, kind, progress);
  const ProcessGrid& grid = network.grid();
  Prediction result;
  result.classes.assign(static_cast<std::size_t>(set.samples), 0);
  result.confusion.assign(static_cast<std::size_t>(classes * classes), 0);
  result.kind = kind;
  if (kind != PredictedValues::none && grid.rank() == 0)
    result.values.resize(static_cast<std::size_t>(set.samples * network.topology().outputs()));
  MetricSums sums;
  RankedOutputs ranked;
  const Index first_of_rank = slab_width(set.widest, grid.size()) * grid.rank();
  const auto send = [&](const SamplePanel& panel, const OutputColumns& columns) {
    send_columns(
        grid, panel, first_of_rank, columns.outputs(), [&](Index j) { return columns.column(j); },
        result.values);
  };
  for_each_output(network, set, [&](const SamplePanel& panel, OutputColumns& columns) {
    for (Index j = 0; j < columns.count(); ++j) {
      if (classes == 2 && panel.targets.given(j)) {
        const double* z = columns.column(j);
        (panel.targets.class_of(j) == 0 ? ranked.of_first : ranked.of_second)
            .push_back(columns.outputs() == 1 ? z[0] : z[1] - z[0]);
      }
      const int predicted = classify(columns.outputs(), columns.column(j));
      const int label = panel.targets.class_of(j);
      result.classes[static_cast<std::size_t>(panel.first + first_of_rank + j)] = predicted;
      if (label >= 0) ++result.confusion[static_cast<std::size_t>(label * classes + predicted)];
    }
    if (kind == PredictedValues::scores) send(panel, columns);
    add(network.objective(), calibration, panel.targets, columns, sums);
    if (kind == PredictedValues::probabilities) {
      for (Index j = 0; j < columns.count(); ++j) softmax(columns.outputs(), columns.column(j));
      send(panel, columns);
    }
    if (progress) progress(panel.first + panel.count);
  });
  result.metrics = sums.reduce(network);
  if (classes == 2) result.auc = area_under_curve(ranked, grid.comm());
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, result.classes.data(), static_cast<int>(set.samples),
                            MPI_INT, MPI_SUM, grid.comm()));
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, result.confusion.data(),
                            static_cast<int>(result.confusion.size()), MPI_INT64_T, MPI_SUM,
                            grid.comm()));
  return result;
}

}  // namespace admmnet
