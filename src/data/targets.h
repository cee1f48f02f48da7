/// What a network should give for samples.
#pragma once

#include <vector>

#include "runtime/types.h"

namespace admmnet {

/// The targets of this rank's columns of a panel, in the sample layout (SamplePanel): class
/// indices, kNoLabel where there is none; or real ones, as they stand in the file, and class 0
/// where they are given.
struct Targets {
  std::vector<int> classes;
  std::vector<double> reals;  ///< of each column `width`, one behind the other
  Index width = 0;
  /// What each column counts in sums of losses and scores, >= 0 (sample_weights.h); empty: 1 each.
  std::vector<double> weights;

  Index count() const { return static_cast<Index>(classes.size()); }
  int class_of(Index column) const { return classes[static_cast<std::size_t>(column)]; }
  bool given(Index column) const { return class_of(column) >= 0; }
  double weight(Index column) const {
    return weights.empty() ? 1.0 : weights[static_cast<std::size_t>(column)];
  }
  const double* reals_of(Index column) const { return reals.data() + column * width; }
};

}  // namespace admmnet
