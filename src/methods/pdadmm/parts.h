/// Which part of the ranks has which layers (README.md §11).
#pragma once

#include <vector>

#include "network/network.h"
#include "runtime/communicator.h"

namespace admmnet {

/// Layers 1 ... L in `count` runs of neighbours, of about equal work n_l n_{l-1}; each run on a
/// part of the process columns (ProcessGrid::part). One part is the whole grid.
class LayerParts {
 public:
  /// `count` at most L, and a divisor of the process columns. Collective on the grid.
  LayerParts(const Topology& topology, const ProcessGrid& grid, int count);

  int count() const { return static_cast<int>(first_.size()); }
  int first(int part) const { return first_[static_cast<std::size_t>(part)]; }
  int last(int part) const { return part + 1 == count() ? layers_ : first(part + 1) - 1; }
  int of(int l) const;  ///< the part that has layer l

  const ProcessGrid& all() const { return all_; }
  const ProcessGrid& grid(int part) const { return grids_[static_cast<std::size_t>(part)]; }
  /// The parts that this rank works for: its own; on a grid of shapes all of them.
  std::vector<int> here() const;
  /// The peers of this rank in all parts, in their order; null where there is one part.
  MPI_Comm peers() const { return peers_.get(); }
  /// The rank of all() that is the first one of a part.
  int root(int part) const { return part * (all_.cols() / count()); }

 private:
  ProcessGrid all_;
  int layers_;
  std::vector<int> first_;
  std::vector<ProcessGrid> grids_;
  Communicator peers_;
};

/// First layers of the parts.
std::vector<int> first_layers(const Topology& topology, int parts);

/// The text of every part's first rank, in the order of the parts, on every rank. Collective on
/// all().
std::vector<std::string> texts_of_parts(const LayerParts& parts, const std::string& own);

}  // namespace admmnet
