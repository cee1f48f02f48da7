#include "methods/pdadmm/parts.h"

#include <algorithm>

#include "runtime/error.h"

namespace admmnet {

// A part begins where the work so far passes its share, and leaves a layer for each part behind it.
std::vector<int> first_layers(const Topology& topology, int parts) {
  const int L = topology.layers();
  const auto work = [&](int l) {
    return static_cast<double>(topology.width(l)) * static_cast<double>(topology.width(l - 1));
  };
  double all = 0.0, done = 0.0;
  for (int l = 1; l <= L; ++l) all += work(l);
  std::vector<int> first{1};
  for (int l = 1; l < L && static_cast<int>(first.size()) < parts; ++l) {
    done += work(l);
    const int left = parts - static_cast<int>(first.size());
    const double share = all * static_cast<double>(first.size()) / parts;
    if (done + 0.5 * work(l + 1) >= share || L - l == left) first.push_back(l + 1);
  }
  return first;
}

LayerParts::LayerParts(const Topology& topology, const ProcessGrid& grid, int count)
    : all_(grid), layers_(topology.layers()), first_(first_layers(topology, count)) {
  ADMMNET_REQUIRE(1 <= count && count <= layers_,
                  std::to_string(count) + " parts for " + std::to_string(layers_) + " layers");
  if (count == 1) {
    grids_.push_back(grid);
    return;
  }
  for (int part = 0; part < count; ++part) grids_.push_back(grid.part(part, count));
  if (grid.ledger() != nullptr) return;
  const int mine = here().front();
  peers_ = Communicator::split(grid.comm(), grids_[static_cast<std::size_t>(mine)].rank());
}

int LayerParts::of(int l) const {
  const auto behind = std::upper_bound(first_.begin(), first_.end(), l);
  return static_cast<int>(behind - first_.begin()) - 1;
}

std::vector<int> LayerParts::here() const {
  std::vector<int> result;
  for (int part = 0; part < count(); ++part)
    if (grid(part).contains_this_rank()) result.push_back(part);
  return result;
}

std::vector<std::string> texts_of_parts(const LayerParts& parts, const std::string& own) {
  if (parts.count() == 1 || parts.all().ledger() != nullptr) return {own};
  std::vector<std::string> result;
  for (int part = 0; part < parts.count(); ++part)
    result.push_back(broadcast(own, parts.root(part), parts.all().comm()));
  return result;
}

}  // namespace admmnet
