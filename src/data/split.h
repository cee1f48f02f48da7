/// Who stands where: the order of the training samples and which of them are held out.
#pragma once

#include <optional>
#include <vector>

#include "runtime/random.h"
#include "runtime/types.h"

namespace admmnet {

struct DataShape;  // data/dataset.h

/// How many samples of each class are held out, of sizes[c] that are there: in proportion, by
/// largest remainder (the earlier class where two are equal), and at least one of each class stays.
/// Throws InternalError unless held_out is that small.
std::vector<Index> held_out_of_classes(const std::vector<Index>& sizes, Index held_out);

/// How the held-out samples are drawn. of_all: without regard to the classes, as versions did that
/// began runs which may still have to go on.
enum class HoldOut { of_each_class, of_all };

/// Places the first S selected samples of the training file, counted in the order of the file, as
/// dataset.h says (see load). Pure arithmetic, the same on every rank: two looks at each class
/// index and one draw a held-out sample. Memory: 16 bytes a held-out sample, 8 of them for good.
class TrainingSplit {
 public:
  /// classes: of each sample of the file, kNotSelected for what does not count.
  TrainingSplit(const std::vector<int>& classes, Index selected, Index held_out, Index seed,
                HoldOut how = HoldOut::of_each_class);

  struct Place {
    bool held_out;
    Index position;  ///< in the validation or the training set
  };
  Place operator()(Index sample) const;
  /// The sample that stands at this position of the training set.
  Index training_sample(Index position) const;
  /// The same of the validation set.
  Index held_out_sample(Index position) const {
    return lots_ ? (*lots_)(position) : held_out_[static_cast<std::size_t>(position)];
  }

 private:
  std::optional<Shuffle> lots_;  ///< of_all: what draws the held-out samples, and their order
  std::vector<Index> held_out_;  ///< ascending
  Shuffle order_;                ///< of the rest
};

/// Which set a selected sample of the training file belongs to, and its position there: 0 training,
/// 1 validation, 2 test.
struct Destination {
  int set;
  Index position;
};

/// Places all selected samples of the training file. Those to train on and to hold out are a
/// TrainingSplit's, and the test's are the last ones. With DataShape::roles the sets are given: the
/// samples to train on are shuffled as in dataset.h, the other sets keep the order of the file.
class Placement {
 public:
  Placement(const DataShape& shape, Index seed, HoldOut how = HoldOut::of_each_class);

  Destination operator()(Index sample) const;
  /// The sample that stands at this position of a set.
  Index sample_at(int set, Index position) const;

 private:
  Index to_train_;                           ///< to train on and to hold out
  std::optional<TrainingSplit> split_;       ///< none where roles are given
  std::optional<Shuffle> order_;             ///< then: of the samples to train on
  std::vector<Destination> places_;          ///< of each sample, before shuffling
  std::vector<std::vector<Index>> members_;  ///< of each set, ascending
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
