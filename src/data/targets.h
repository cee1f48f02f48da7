/// What a network should give for samples.
#pragma once

#include <vector>

#include "runtime/types.h"

namespace admmnet {

/// The targets of this rank's columns of a panel, in the sample layout (SamplePanel): class
/// indices, kNoLabel where there is none. Real columns will stand beside them.
struct Targets {
  std::vector<int> classes;

  Index count() const { return static_cast<Index>(classes.size()); }
  int class_of(Index column) const { return classes[static_cast<std::size_t>(column)]; }
};

}  // namespace admmnet
