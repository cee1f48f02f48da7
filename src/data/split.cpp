#include "data/split.h"

#include <algorithm>
#include <string>
#include <utility>

#include "linalg/block_cyclic_matrix.h"
#include "runtime/error.h"

namespace admmnet {

TrainingSplit::TrainingSplit(Index selected, Index held_out, Index seed)
    : lots_(selected, seed, Stream::validation),
      order_(selected - held_out, seed, Stream::shuffle) {
  require(held_out >= 0 && held_out <= selected, "TrainingSplit: " + std::to_string(held_out) +
                                                     " held out of " + std::to_string(selected));
  held_out_.reserve(static_cast<std::size_t>(held_out));
  for (Index p = 0; p < held_out; ++p) held_out_.push_back(lots_(p));
  std::sort(held_out_.begin(), held_out_.end());
}

TrainingSplit::Place TrainingSplit::operator()(Index sample) const {
  const auto found = std::lower_bound(held_out_.begin(), held_out_.end(), sample);
  if (found != held_out_.end() && *found == sample) return {true, lots_.inverse(sample)};
  return {false, order_.inverse(sample - (found - held_out_.begin()))};
}

PanelColumns::PanelColumns(std::vector<Index> panel_bounds, int rank_count)
    : bounds(std::move(panel_bounds)), ranks(rank_count) {
  require(!bounds.empty() && bounds.front() == 0, "PanelColumns: bounds do not begin at 0");
  for (Index p = 0; p < panels(); ++p) {
    require(count(p) > 0, "PanelColumns: panel " + std::to_string(p) + " has " +
                              std::to_string(count(p)) + " columns");
    widest = std::max(widest, count(p));
  }
  slab = slab_width(widest, ranks);
}

PanelColumns PanelColumns::uniform(Index samples, Index widest, int rank_count) {
  require(widest > 0, "PanelColumns: panels of " + std::to_string(widest) + " columns");
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
