#include "network/prediction.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "network/ranking.h"
#include "proximal/loss_functions.h"
#include "runtime/error.h"
#include "runtime/gathered.h"

namespace admmnet {

/// Where the columns of a panel stand in the set. Rising: panels are in order, columns, too.
static void append_samples(const SamplePanel& panel, const OutputColumns& columns,
                           std::vector<Index>& samples) {
  for (Index j = 0; j < columns.count(); ++j)
    samples.push_back(panel.first + columns.global_column(j));
}

static void append_columns(const OutputColumns& columns, std::vector<double>& values) {
  for (Index j = 0; j < columns.count(); ++j)
    values.insert(values.end(), columns.column(j), columns.column(j) + columns.outputs());
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

static Prediction predict_targets(const Network& network, const SampleSet& set,
                                  PredictedValues kind,
                                  const std::function<void(Index)>& progress) {
  const Objective& objective = network.objective();
  const Index targets = network.topology().coding.targets();
  Prediction result;
  result.kind = kind;
  MetricSums sums;
  std::vector<double> of_targets(static_cast<std::size_t>(4 * targets));
  for_each_output(network, set, [&](const SamplePanel& panel, OutputColumns& columns) {
    append_samples(panel, columns, result.samples);
    objective.add(columns, panel.targets, sums);
    objective.add_errors(columns, panel.targets, of_targets);
    if (kind != PredictedValues::none) {
      objective.to_predictions(columns);
      append_columns(columns, result.values);
      for (Index j = 0; j < columns.count(); ++j) {
        const double* reals = panel.targets.reals_of(j);
        result.targets.insert(result.targets.end(), reals, reals + targets);
      }
    }
    if (progress) progress(panel.first + panel.count);
  });
  result.metrics = sums.reduce(network);
  result.errors = target_errors(std::move(of_targets), network.grid());
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
  if (network.topology().is_regression()) return predict_targets(network, set, kind, progress);
  Prediction result;
  result.confusion.assign(static_cast<std::size_t>(classes * classes), 0);
  result.kind = kind;
  MetricSums sums;
  RankedOutputs ranked;
  for_each_output(network, set, [&](const SamplePanel& panel, OutputColumns& columns) {
    append_samples(panel, columns, result.samples);
    for (Index j = 0; j < columns.count(); ++j) {
      const double* z = columns.column(j);
      const int predicted = classify(columns.outputs(), z), label = panel.targets.class_of(j);
      result.classes.push_back(predicted);
      if (label < 0) continue;
      ++result.confusion[static_cast<std::size_t>(label * classes + predicted)];
      if (classes == 2)
        (label == 0 ? ranked.of_first : ranked.of_second)
            .push_back(columns.outputs() == 1 ? z[0] : z[1] - z[0]);
    }
    if (kind == PredictedValues::scores) append_columns(columns, result.values);
    add_calibrated(network.objective(), calibration, panel.targets, columns, sums);
    if (kind == PredictedValues::probabilities) {
      for (Index j = 0; j < columns.count(); ++j) softmax(columns.outputs(), columns.column(j));
      append_columns(columns, result.values);
    }
    if (progress) progress(panel.first + panel.count);
  });
  result.metrics = sums.reduce(network);
  if (classes == 2) result.auc = area_under_curve(ranked, network.grid().comm());
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, result.confusion.data(),
                            static_cast<int>(result.confusion.size()), MPI_INT64_T, MPI_SUM,
                            network.grid().comm()));
  return result;
}

/// `all`, `width` numbers a sample in the order in which ranks handed them in, by sample.
template <class T>
static std::vector<T> in_order(const std::vector<T>& all, const std::vector<Index>& samples,
                               std::size_t width) {
  std::vector<T> sorted(all.size());
  for (std::size_t i = 0; i < samples.size(); ++i)
    std::copy_n(all.data() + i * width, width,
                sorted.data() + static_cast<std::size_t>(samples[i]) * width);
  return sorted;
}

Prediction on_first_rank(const Prediction& prediction, const ProcessGrid& grid) {
  const MPI_Comm comm = grid.comm();
  Prediction whole = prediction;
  whole.samples = gathered(prediction.samples, comm);
  const std::size_t count = std::max<std::size_t>(prediction.samples.size(), 1);
  const auto gather = [&](const auto& own) {
    // Numbers a sample; a rank without samples does not know.
    const double width = max_over(comm, static_cast<double>(own.size() / count));
    return in_order(gathered(own, comm, std::max(1, static_cast<int>(width))), whole.samples,
                    static_cast<std::size_t>(width));
  };
  whole.classes = gather(prediction.classes);
  whole.values = gather(prediction.values);
  whole.targets = gather(prediction.targets);
  std::iota(whole.samples.begin(), whole.samples.end(), Index{0});
  return whole;
}

}  // namespace admmnet
