/// The room methods/: how networks are trained. One folder a method, each behind the interface
/// below; a method never includes another one. Reading data, files and the loop around iterations
/// do not enter.
#pragma once

#include <string>
#include <vector>

#include "linalg/state_view.h"
#include "network/metrics.h"
#include "network/network.h"
#include "runtime/types.h"

namespace admmnet {

/// What one iteration, a pass over the training samples, has to say.
struct IterationReport {
  double objective = 0.0;          ///< per training sample
  double primal_residual = 0.0;    ///< relative, sqrt(sum |z - W a|^2 / sum |z|^2)
  Metrics train;                   ///< by real forward passes; see the method for the weights used
  std::vector<std::string> notes;  ///< fallbacks and rejections, for the log
  std::vector<std::string> warnings;  ///< what the user should act on
};

class TrainingMethod {
 public:
  virtual ~TrainingMethod() = default;

  /// Begins with these weights. `trained`: they come from another run and are taken as they are;
  /// else the method may choose the output layer itself. Collective.
  virtual void start(const Network& initial, bool trained) = 0;

  /// Begins with the state that was read into state(). Collective.
  virtual void resume() = 0;

  /// Iteration k = 1, 2, ... Throws NumericalBreakdown when the state holds NaN. Collective.
  virtual IterationReport iterate(Index k) = 0;

  virtual const Network& network() const = 0;

  /// Everything that the next iteration depends on besides data and options.
  virtual StateView state() = 0;
};

}  // namespace admmnet
