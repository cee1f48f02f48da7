#include "methods/gauss_newton/threshold.h"

#include <algorithm>
#include <cmath>

#include "runtime/gathered.h"

namespace admmnet {

static constexpr Index kEvery = 5;               // outer steps
static constexpr double kEfficient = 1.345;      // 95 % efficient for normal errors (Huber 1981)
static constexpr double kOfNormal = 1.4826;      // deviation over median size of normal numbers
static constexpr double kLeastThreshold = 1e-8;  // of a deviation of the target

TrainedObjective::TrainedObjective(const Topology& topology, bool follows)
    : topology_(topology),
      follows_(follows && topology.is_regression() &&
               topology.loss->reals->parameter == LossParameter::threshold),
      objective_(make_objective(topology)) {}

bool TrainedObjective::is_due(Index outer_step) const {
  return follows_ && outer_step > 0 && outer_step % kEvery == 0;
}

/// 1.345 * 1.4826 median |r|, r the numbers of all ranks; the first one finds it for all.
/// Collective.
static double threshold_of(const std::vector<double>& residuals, MPI_Comm comm) {
  std::vector<double> sizes = gathered(residuals, comm);
  for (double& r : sizes) r = std::abs(r);
  double threshold = 0.0;
  if (!sizes.empty()) {
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    threshold = std::max(kEfficient * kOfNormal * *middle, kLeastThreshold);
  }
  ADMMNET_MPI(MPI_Bcast(&threshold, 1, MPI_DOUBLE, 0, comm));
  return threshold;
}

void TrainedObjective::refresh(Linearisation& linear, const ProcessGrid& grid) {
  if (grid.ledger() != nullptr) return;  // shapes have no residuals
  std::vector<double>& thresholds = topology_.coding.parameters;
  for (std::size_t i = 0; i < thresholds.size(); ++i)
    thresholds[i] = threshold_of(linear.residuals(*objective_, static_cast<Index>(i)), grid.comm());
  objective_ = make_objective(topology_);
}

void TrainedObjective::resume() {
  objective_ = make_objective(topology_);
}

void TrainedObjective::append_state(const std::string& prefix, StateView& view) {
  if (!follows_) return;
  constexpr double kLargest = 1e300;
  std::vector<double>& thresholds = topology_.coding.parameters;
  for (std::size_t i = 0; i < thresholds.size(); ++i)
    view.scalars.push_back({prefix + "threshold_" + std::to_string(i + 1), &thresholds[i], nullptr,
                            kLeastThreshold, kLargest});
}

}  // namespace admmnet
