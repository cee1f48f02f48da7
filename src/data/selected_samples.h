/// The selected samples of a file, and what stands beside them there (targets, weights) on its way
/// to the panels. Every rank holds all of it.
#pragma once

#include <vector>

#include "data/dataset.h"
#include "data/split.h"

namespace admmnet {

/// Where selected samples stand in their file. Memory: 8 bytes a selected sample.
class SelectedSamples {
 public:
  explicit SelectedSamples(const SourceFile& file) {
    for (std::size_t i = 0; i < file.classes.size(); ++i)
      if (file.classes[i] != kNotSelected) places_.push_back(i);
  }

  /// The place in the file, from 0, of a selected sample.
  std::size_t place(Index sample) const { return places_[static_cast<std::size_t>(sample)]; }

  /// take(targets, place) for each column of this rank in the panels of a set; sample_of: from a
  /// position of the set to the number of the selected sample. Not collective.
  template <class SampleOf, class Take>
  void give(SampleSet& set, const ProcessGrid& grid, SampleOf&& sample_of, Take&& take) const {
    const Index first_of_rank = slab_width(set.widest, grid.size()) * grid.rank();
    for (SamplePanel& panel : set.panels)
      for (Index j = 0; j < panel.targets.count(); ++j)
        take(panel.targets, place(sample_of(panel.first + first_of_rank + j)));
  }

 private:
  std::vector<std::size_t> places_;
};

/// use(set, file, sample_of) for the training, the validation and the test set: `file` is where its
/// samples stand, sample_of as above.
template <class Use>
void for_each_set_of(const DataShape& shape, Index seed, HoldOut how, Dataset& data, Use&& use) {
  const Placement placement(shape, seed, how);
  use(data.train, shape.train_file, [&](Index p) { return placement.sample_at(0, p); });
  use(data.validation, shape.train_file, [&](Index p) { return placement.sample_at(1, p); });
  if (shape.test_of_train)
    use(data.test, shape.train_file, [&](Index p) { return placement.sample_at(2, p); });
  else if (shape.test > 0)
    use(data.test, shape.test_file, [](Index p) { return p; });
}

}  // namespace admmnet
