#include "network/metrics.h"

#include <cmath>

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
  metrics.samples = samples;
  if (samples > 0.0) {
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

void add_calibrated(const Objective& objective, const Calibration& calibration,
                    const Targets& targets, OutputColumns& columns, MetricSums& sums) {
  const double loss_before = sums.loss;
  objective.add(columns, targets, sums);
  if (calibration.none()) return;
  for (Index j = 0; j < columns.count(); ++j)
    calibration.apply(columns.outputs(), columns.column(j));
  MetricSums calibrated;
  objective.add(columns, targets, calibrated);
  sums.loss = loss_before + calibrated.loss;
}

Metrics evaluate(const Network& network, const SampleSet& set, const Calibration& calibration) {
  MetricSums sums;
  for_each_output(network, set, [&](const SamplePanel& panel, OutputColumns& columns) {
    add_calibrated(network.objective(), calibration, panel.targets, columns, sums);
  });
  return sums.reduce(network);
}

}  // namespace admmnet
