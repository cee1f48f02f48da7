/// Who stands where: the order of the training samples and which of them are held out.
#pragma once

#include <vector>

#include "runtime/random.h"
#include "runtime/types.h"

namespace admmnet {

/// Places the S selected samples of the training file, counted in the order of the file, as
/// dataset.h says (see load). Pure arithmetic, the same on every rank; memory: 8 bytes a held-out
/// sample.
class TrainingSplit {
 public:
  TrainingSplit(Index selected, Index held_out, Index seed);

  struct Place {
    bool held_out;
    Index position;  ///< in the validation or the training set
  };
  Place operator()(Index sample) const;

 private:
  Shuffle lots_;                 ///< draws the held-out samples
  std::vector<Index> held_out_;  ///< those, ascending
  Shuffle order_;                ///< of the rest
};

/// The columns of a SampleSet: panels, and which rank holds which column in the sample layout.
struct PanelColumns {
  /// bounds as in PanelLayout::train_bounds. Throws InternalError unless they rise from 0.
  PanelColumns(std::vector<Index> panel_bounds, int rank_count);
  /// Panels of at most `widest` columns.
  static PanelColumns uniform(Index samples, Index widest, int rank_count);

  Index samples() const { return bounds.back(); }
  Index panels() const { return static_cast<Index>(bounds.size()) - 1; }
  Index first(Index panel) const { return bounds[static_cast<std::size_t>(panel)]; }
  Index count(Index panel) const { return first(panel + 1) - first(panel); }
  Index local_count(Index panel, int rank) const;  ///< columns of a panel that a rank holds

  struct Slot {
    Index panel;
    int rank;
    Index column;  ///< local to the rank
  };
  Slot locate(Index position) const;

  std::vector<Index> bounds;
  Index widest = 0;  ///< columns of the widest panel
  Index slab = 1;    ///< columns of a rank in a panel: slab_width(widest, ranks)
  int ranks = 1;
};

}  // namespace admmnet
