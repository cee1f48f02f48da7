/// From the file to the ranks: samples are read once, in batches, and sent to their owners, which
/// keep them as raw values in the sample layout until they are scaled.
#pragma once

#include <functional>
#include <vector>

#include <mpi.h>

#include "data/source.h"
#include "data/split.h"

namespace admmnet {

/// This rank's columns of a set of samples, as raw values. The memory of a panel can be given back.
class StagedSet {
 public:
  StagedSet(PanelColumns columns, Index features, ValueType type, int rank);

  const PanelColumns& columns() const { return columns_; }
  Index features() const { return features_; }
  ValueType type() const { return type_; }
  Index local_count(Index panel) const { return columns_.local_count(panel, rank_); }
  const std::vector<int>& labels(Index panel) const { return at(panel).labels; }
  /// The values of local column j of a panel as doubles.
  void values(Index panel, Index j, double* out) const;

  void store(Index panel, Index j, int label, const unsigned char* record);
  std::vector<int> take_labels(Index panel);
  void release(Index panel);

 private:
  struct Panel {
    std::vector<unsigned char> records;
    std::vector<int> labels;
  };
  Panel& at(Index panel) { return panels_[static_cast<std::size_t>(panel)]; }
  const Panel& at(Index panel) const { return panels_[static_cast<std::size_t>(panel)]; }
  std::size_t record_bytes() const {
    return static_cast<std::size_t>(features_) * value_bytes(type_);
  }
  PanelColumns columns_;
  Index features_;
  ValueType type_;
  int rank_;
  std::vector<Panel> panels_;
};

/// The samples of a file, which of them are wanted, and where to.
struct Delivery {
  SampleSource* source;             ///< opened; null on ranks but the first if it is sequential
  bool random_access;               ///< of the source, known to every rank
  const std::vector<int>* classes;  ///< of each sample of the file; kNotSelected: leave out
  Index limit;                      ///< selected samples wanted, the first ones
  /// Of the i-th selected sample: one of the sets, and the position in it.
  std::function<Destination(Index)> destination;
};

/// Reads and hands out. A source of random access is read by all ranks, a slab each; another by
/// rank 0. Collective on comm; throws on every rank what the source throws on one. Moves each
/// sample once.
void deliver(const Delivery& delivery, const std::vector<StagedSet*>& sets, MPI_Comm comm);

}  // namespace admmnet
