/// Real targets on their way to the panels.
#pragma once

#include <functional>
#include <vector>

#include "data/dataset.h"
#include "data/split.h"

namespace admmnet {

/// The real targets of the selected samples of a file. Memory: 8 bytes a selected sample.
class RealTargets {
 public:
  RealTargets(const SourceFile& file, Index width);

  const double* of_selected(Index sample) const {
    return file_.reals.data() + places_[static_cast<std::size_t>(sample)] * width_;
  }
  /// Gives this rank's columns of a set theirs; sample_of: from a position of the set to the place
  /// among the selected samples. Not collective.
  void give(SampleSet& set, const ProcessGrid& grid,
            const std::function<Index(Index)>& sample_of) const;

 private:
  const SourceFile& file_;
  Index width_;
  std::vector<Index> places_;  ///< in the file
};

/// All sets of a data set theirs; nothing where targets are classes. Not collective.
void give_real_targets(const DataShape& shape, Index seed, HoldOut how, const ProcessGrid& grid,
                       Dataset& data);

}  // namespace admmnet
