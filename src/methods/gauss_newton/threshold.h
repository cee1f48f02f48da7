/// The threshold of the huber loss, kept at the spread of the residuals.
#pragma once

#include <memory>
#include <vector>

#include "linalg/state_view.h"
#include "methods/gauss_newton/linearisation.h"
#include "network/network.h"

namespace admmnet {

/// Where -net_huber is auto, the threshold of each output follows the residuals (README.md §1):
///   delta = 1.345 * 1.4826 median |r|
/// over the samples of a curvature; what is reported keeps its first threshold, so that losses of
/// different steps can be compared. For other losses, and with a given threshold: that of the
/// network.
class TrainedObjective {
 public:
  TrainedObjective(const Topology& topology, bool follows);

  const Objective& get() const { return *objective_; }
  /// Whether an outer step of this number begins with new thresholds.
  bool is_due(Index outer_step) const;
  /// Takes them from the residuals of a linearisation. Collective.
  void refresh(Linearisation& linear, const ProcessGrid& grid);
  /// After the state was read.
  void resume();
  void append_state(const std::string& prefix, StateView& view);

 private:
  Topology topology_;
  bool follows_;
  std::unique_ptr<const Objective> objective_;
};

}  // namespace admmnet
