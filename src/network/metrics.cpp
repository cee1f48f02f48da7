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

/// Runs the network over all panels and hands the whole output columns of each to `use`.
template <class F>
static void for_each_panel(const Network& network, const SampleSet& set, F&& use) {
  if (set.samples == 0) return;
  ForwardPass forward(network, set.widest);
  forward.use(network);
  OutputColumns columns(network.grid(), network.topology().outputs(), set.widest);
  for (const SamplePanel& panel : set.panels) {
    forward.run(panel.inputs);
    columns.take(forward.z(network.layers()));
    use(panel, columns);
    beat("evaluating the network");
  }
}

Metrics evaluate(const Network& network, const SampleSet& set) {
  MetricSums sums;
  for_each_panel(network, set, [&](const SamplePanel& panel, const OutputColumns& columns) {
    network.objective().add(columns, panel.targets, sums);
  });
  return sums.reduce(network.grid());
}

Prediction predict(const Network& network, const SampleSet& set, Index classes) {
  const MPI_Comm comm = network.grid().comm();
  Prediction result;
  result.classes.assign(static_cast<std::size_t>(set.samples), 0);
  result.confusion.assign(static_cast<std::size_t>(classes * classes), 0);
  MetricSums sums;
  const Index first_of_rank = slab_width(set.widest, network.grid().size()) * network.grid().rank();
  for_each_panel(network, set, [&](const SamplePanel& panel, const OutputColumns& columns) {
    network.objective().add(columns, panel.targets, sums);
    for (Index j = 0; j < columns.count(); ++j) {
      const int predicted = classify(columns.outputs(), columns.column(j));
      const int label = panel.targets.class_of(j);
      result.classes[static_cast<std::size_t>(panel.first + first_of_rank + j)] = predicted;
      if (label >= 0) ++result.confusion[static_cast<std::size_t>(label * classes + predicted)];
    }
  });
  result.metrics = sums.reduce(network.grid());
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, result.classes.data(), static_cast<int>(set.samples),
                            MPI_INT, MPI_SUM, comm));
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, result.confusion.data(),
                            static_cast<int>(result.confusion.size()), MPI_INT64_T, MPI_SUM, comm));
  return result;
}

}  // namespace admmnet
