/// Which columns an outer step looks at (README.md §5). Pure arithmetic.
#pragma once

#include <vector>

#include "runtime/types.h"

namespace admmnet {

struct Stage {
  double until;         ///< of the run's passes, as a share
  Index panels;         ///< the first so many give f and its gradient
  Index curvature;      ///< panels of the curvature
  Index factors_every;  ///< outer steps
};

/// The stages of a run on so many panels: one, or three.
std::vector<Stage> stages_of(bool several, Index panels);

/// Which of them it is after so much of the run, a share of its passes.
Index stage_after(const std::vector<Stage>& stages, double share);

/// The panels of the curvature of an outer step, counted from 0: they take turns.
std::vector<Index> curvature_panels(const Stage& stage, Index outer_step);

/// First columns of panels of about `width` of `samples`, all of nearly one size, and their end.
std::vector<Index> equal_panels(Index samples, Index width);

}  // namespace admmnet
