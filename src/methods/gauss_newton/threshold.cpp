#include "methods/gauss_newton/threshold.h"

#include <algorithm>
#include <cmath>

#include "runtime/communicator.h"
#include "runtime/error.h"

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

/// The sizes of the residuals of all ranks, on every one. Collective.
static std::vector<double> of_all_ranks(const std::vector<double>& own, MPI_Comm comm) {
  const auto count = static_cast<int>(own.size());
  std::vector<int> counts(static_cast<std::size_t>(size_of(comm))), begins(counts.size(), 0);
  ADMMNET_MPI(MPI_Allgather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, comm));
  for (std::size_t r = 1; r < counts.size(); ++r) begins[r] = begins[r - 1] + counts[r - 1];
  std::vector<double> all(static_cast<std::size_t>(begins.back() + counts.back()));
  ADMMNET_MPI(MPI_Allgatherv(own.data(), count, MPI_DOUBLE, all.data(), counts.data(),
                             begins.data(), MPI_DOUBLE, comm));
  return all;
}

void TrainedObjective::refresh(Linearisation& linear, const ProcessGrid& grid) {
  if (grid.ledger() != nullptr) return;  // shapes have no residuals
  std::vector<double>& thresholds = topology_.coding.parameters;
  for (std::size_t i = 0; i < thresholds.size(); ++i) {
    std::vector<double> sizes =
        of_all_ranks(linear.residuals(*objective_, static_cast<Index>(i)), grid.comm());
    for (double& r : sizes) r = std::abs(r);
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::nth_element(sizes.begin(), middle, sizes.end());
    thresholds[i] = std::max(kEfficient * kOfNormal * *middle, kLeastThreshold);
  }
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
