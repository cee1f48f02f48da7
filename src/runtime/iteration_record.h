/// What is known after one iteration of a training run.
#pragma once

#include <limits>

#include "runtime/types.h"

namespace admmnet {

/// A value that a method or a run does not have is NaN: "absent".
struct IterationRecord {
  static constexpr double absent = std::numeric_limits<double>::quiet_NaN();
  Index iteration = 0;                  ///< 1 for the first pass over the data
  double objective = absent;            ///< of the whole training problem, penalties included
  double primal_residual = absent;      ///< the method's own measure of constraint violation
  double train_loss = absent;           ///< mean loss of the forward pass on the training samples
  double train_accuracy = absent;       ///< fraction, 0 to 1
  double validation_accuracy = absent;  ///< fraction, 0 to 1
  double seconds = absent;              ///< wall time of this iteration
  double elapsed = absent;              ///< wall time of all iterations so far, over restarts
};

}  // namespace admmnet
