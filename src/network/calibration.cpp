#include "network/calibration.h"

#include <algorithm>
#include <cmath>

#include "network/metrics.h"
#include "proximal/log_sum_exp.h"
#include "runtime/communicator.h"

namespace admmnet {

namespace {

constexpr int kMostSteps = 200;
constexpr double kLastStep = 1e-10;  ///< relative to tau

/// The first two derivatives by tau.
struct Slope {
  double first = 0.0, second = 0.0;
};

/// Those of log sum_i exp(tau z_i) - tau z_y for one column: E_p[z] - z_y and Var_p[z].
Slope slope_of_column(Index outputs, const double* z, int label, double tau) {
  const double largest = *std::max_element(z, z + outputs);
  double weights = 0.0, mean = 0.0, square = 0.0;
  for (Index i = 0; i < outputs; ++i) {
    const double below = z[i] - largest, weight = std::exp(tau * below);
    weights += weight;
    mean += weight * below;
    square += weight * below * below;
  }
  mean /= weights;
  return {mean - (z[label] - largest), square / weights - mean * mean};
}

/// Of the sum over all samples. Collective; rank 0's for all, so that all do the same steps.
Slope slope_at(const LabelledOutputs& of_rank, double tau, MPI_Comm comm) {
  double sums[2] = {0.0, 0.0};
  for (std::size_t j = 0; j < of_rank.labels.size(); ++j) {
    const Slope slope =
        slope_of_column(of_rank.outputs, of_rank.z.data() + static_cast<Index>(j) * of_rank.outputs,
                        of_rank.labels[j], tau);
    sums[0] += slope.first;
    sums[1] += slope.second;
  }
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_DOUBLE, MPI_SUM, comm));
  ADMMNET_MPI(MPI_Bcast(sums, 2, MPI_DOUBLE, 0, comm));
  return {sums[0], sums[1]};
}

LabelledOutputs labelled_outputs(const Network& network, const SampleSet& set) {
  LabelledOutputs result;
  result.outputs = network.topology().outputs();
  for_each_output(network, set, [&](const SamplePanel& panel, OutputColumns& columns) {
    for (Index j = 0; j < columns.count(); ++j) {
      const int label = panel.targets.class_of(j);
      if (label < 0) continue;
      result.labels.push_back(label);
      result.z.insert(result.z.end(), columns.column(j), columns.column(j) + columns.outputs());
    }
  });
  return result;
}

}  // namespace

void softmax(Index outputs, double* z) {
  const double normaliser = log_sum_exp(outputs, z);
  std::for_each(z, z + outputs, [=](double& value) { value = std::exp(value - normaliser); });
}

void Calibration::apply(Index outputs, double* z) const {
  if (temperature != 1.0) {
    std::for_each(z, z + outputs, [this](double& value) { value *= temperature; });
  } else if (label_smoothing > 0.0) {
    const double s = label_smoothing, share = 1.0 / static_cast<double>(outputs);
    softmax(outputs, z);
    std::for_each(z, z + outputs, [=](double& p) {
      p = std::log(std::max((p - s * share) / (1.0 - s), kLeastShare * share));
    });
  }
}

double fit_temperature(const LabelledOutputs& of_rank, MPI_Comm comm) {
  double low = kLeastTemperature, high = kLargestTemperature, tau = 1.0;
  for (int step = 0; step < kMostSteps; ++step) {
    const Slope slope = slope_at(of_rank, tau, comm);
    if (!std::isfinite(slope.first) || !std::isfinite(slope.second)) return 1.0;
    if (slope.first == 0.0) break;
    (slope.first > 0.0 ? high : low) = tau;
    // tau := tau - f' / f''
    double next = tau - slope.first / slope.second;
    if (!(next > low && next < high)) next = std::sqrt(low * high);
    const bool last = std::abs(next - tau) <= kLastStep * tau;
    tau = next;
    if (last) break;
  }
  return tau;
}

Calibration fit_calibration(const Network& network, const SampleSet& validation) {
  Calibration result;
  result.label_smoothing = network.topology().label_smoothing;
  if (result.label_smoothing > 0.0 && validation.samples >= kTemperatureSamples)
    result.temperature =
        fit_temperature(labelled_outputs(network, validation), network.grid().comm());
  return result;
}

}  // namespace admmnet
