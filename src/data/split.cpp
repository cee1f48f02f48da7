#include "data/split.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "data/dataset.h"
#include "linalg/block_cyclic_matrix.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// For products of two numbers of samples.
__extension__ typedef unsigned __int128 Wide;

/// Calls f(class, sample) for the first `selected` selected samples.
template <class F>
void for_each_selected(const std::vector<int>& classes, Index selected, F&& f) {
  Index sample = 0;
  for (auto label = classes.begin(); label != classes.end() && sample < selected; ++label)
    if (*label != kNotSelected) f(static_cast<std::size_t>(*label), sample++);
  ADMMNET_REQUIRE(sample == selected, "TrainingSplit: " + std::to_string(selected) +
                                          " samples of " + std::to_string(sample) +
                                          " that are selected");
}

/// Which members of a class, counted in the order of the file, are held out; ascending.
std::vector<Index> draw_members(std::size_t label, Index size, Index held_out, Index seed) {
  const Shuffle lots(size, seed, Stream::held_out, static_cast<int>(label));
  std::vector<Index> members(static_cast<std::size_t>(held_out));
  for (std::size_t p = 0; p < members.size(); ++p) members[p] = lots(static_cast<Index>(p));
  std::sort(members.begin(), members.end());
  return members;
}

/// The held-out samples, ascending.
std::vector<Index> draw_held_out(const std::vector<int>& classes, Index selected, Index held_out,
                                 Index seed) {
  std::vector<Index> drawn;
  if (held_out == 0) return drawn;
  std::vector<Index> sizes;
  for_each_selected(classes, selected, [&](std::size_t label, Index) {
    if (label >= sizes.size()) sizes.resize(label + 1, 0);
    ++sizes[label];
  });
  const std::vector<Index> parts = held_out_of_classes(sizes, held_out);
  std::vector<std::vector<Index>> members;
  for (std::size_t c = 0; c < sizes.size(); ++c)
    members.push_back(draw_members(c, sizes[c], parts[c], seed));
  std::vector<Index> seen(sizes.size(), 0);
  std::vector<std::size_t> taken(sizes.size(), 0);
  drawn.reserve(static_cast<std::size_t>(held_out));
  for_each_selected(classes, selected, [&](std::size_t label, Index sample) {
    const Index member = seen[label]++;
    if (taken[label] == members[label].size() || members[label][taken[label]] != member) return;
    ++taken[label];
    drawn.push_back(sample);
  });
  return drawn;
}

}  // namespace

std::vector<Index> held_out_of_classes(const std::vector<Index>& sizes, Index held_out) {
  const Index samples = std::accumulate(sizes.begin(), sizes.end(), Index{0});
  const auto filled = std::count_if(sizes.begin(), sizes.end(), [](Index n) { return n > 0; });
  ADMMNET_REQUIRE(held_out >= 0 && held_out <= samples - filled,
                  "held_out_of_classes: " + std::to_string(held_out) + " of " +
                      std::to_string(samples) + " samples of " + std::to_string(filled) +
                      " classes");
  std::vector<Index> parts(sizes.size(), 0);
  std::vector<std::pair<Index, std::size_t>> remainders;  // negative: the largest comes first
  Index left = held_out;
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    if (sizes[c] == 0) continue;
    const Wide product = static_cast<Wide>(held_out) * static_cast<Wide>(sizes[c]);
    parts[c] = static_cast<Index>(product / static_cast<Wide>(samples));
    left -= parts[c];
    remainders.emplace_back(-static_cast<Index>(product % static_cast<Wide>(samples)), c);
  }
  std::sort(remainders.begin(), remainders.end());
  while (left > 0)
    for (const auto& [remainder, c] : remainders) {
      if (left == 0) break;
      if (parts[c] + 1 >= sizes[c]) continue;
      ++parts[c];
      --left;
    }
  return parts;
}

TrainingSplit::TrainingSplit(const std::vector<int>& classes, Index selected, Index held_out,
                             Index seed, HoldOut how)
    : order_(selected - held_out, seed, Stream::shuffle) {
  if (how == HoldOut::of_each_class) {
    held_out_ = draw_held_out(classes, selected, held_out, seed);
    return;
  }
  lots_.emplace(selected, seed, Stream::validation);
  for (Index p = 0; p < held_out; ++p) held_out_.push_back((*lots_)(p));
  std::sort(held_out_.begin(), held_out_.end());
}

TrainingSplit::Place TrainingSplit::operator()(Index sample) const {
  const auto found = std::lower_bound(held_out_.begin(), held_out_.end(), sample);
  const Index before = found - held_out_.begin();
  if (found != held_out_.end() && *found == sample)
    return {true, lots_ ? lots_->inverse(sample) : before};
  return {false, order_.inverse(sample - before)};
}

Index TrainingSplit::training_sample(Index position) const {
  const Index place = order_(position);  // among those that are not held out
  Index before = 0, end = static_cast<Index>(held_out_.size());
  while (before < end) {  // the number of held-out samples in front of it
    const Index middle = before + (end - before) / 2;
    if (held_out_[static_cast<std::size_t>(middle)] - middle <= place)
      before = middle + 1;
    else
      end = middle;
  }
  return place + before;
}

Placement::Placement(const DataShape& shape, Index seed, HoldOut how)
    : to_train_(shape.train + shape.validation), members_(3) {
  if (shape.roles.empty()) {
    split_.emplace(shape.train_file.classes, to_train_, shape.validation, seed, how);
    return;
  }
  order_.emplace(shape.train, seed, Stream::shuffle);
  for (std::size_t sample = 0; sample < shape.roles.size(); ++sample) {
    const int set = shape.roles[sample];
    std::vector<Index>& members = members_[static_cast<std::size_t>(set)];
    places_.push_back({set, static_cast<Index>(members.size())});
    members.push_back(static_cast<Index>(sample));
  }
}

Destination Placement::operator()(Index sample) const {
  if (!split_) {
    const Destination place = places_[static_cast<std::size_t>(sample)];
    return place.set == 0 ? Destination{0, order_->inverse(place.position)} : place;
  }
  if (sample >= to_train_) return {2, sample - to_train_};
  const auto place = (*split_)(sample);
  return {place.held_out ? 1 : 0, place.position};
}

Index Placement::sample_at(int set, Index position) const {
  if (!split_)
    return members_[static_cast<std::size_t>(set)]
                   [static_cast<std::size_t>(set == 0 ? (*order_)(position) : position)];
  if (set == 2) return to_train_ + position;
  return set == 1 ? split_->held_out_sample(position) : split_->training_sample(position);
}

PanelColumns::PanelColumns(std::vector<Index> panel_bounds, int rank_count)
    : bounds(std::move(panel_bounds)), ranks(rank_count) {
  ADMMNET_REQUIRE(!bounds.empty() && bounds.front() == 0, "PanelColumns: bounds do not begin at 0");
  for (Index p = 0; p < panels(); ++p) {
    ADMMNET_REQUIRE(count(p) > 0, "PanelColumns: panel " + std::to_string(p) + " has " +
                                      std::to_string(count(p)) + " columns");
    widest = std::max(widest, count(p));
  }
  slab = slab_width(widest, ranks);
}

PanelColumns PanelColumns::uniform(Index samples, Index widest, int rank_count) {
  ADMMNET_REQUIRE(widest > 0, "PanelColumns: panels of " + std::to_string(widest) + " columns");
  std::vector<Index> bounds = {0};
  while (bounds.back() < samples) bounds.push_back(std::min(samples, bounds.back() + widest));
  return {std::move(bounds), rank_count};
}

Index PanelColumns::local_count(Index panel, int rank) const {
  return std::clamp(count(panel) - rank * slab, Index{0}, slab);
}

PanelColumns::Slot PanelColumns::locate(Index position) const {
  const auto next = std::upper_bound(bounds.begin(), bounds.end(), position);
  const Index panel = next - bounds.begin() - 1;
  const Index column = position - first(panel);
  return {panel, static_cast<int>(column / slab), column % slab};
}

}  // namespace admmnet
