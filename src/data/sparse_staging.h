/// Sparse samples from the file to the ranks, as staging.h brings dense ones.
#pragma once

#include <vector>

#include <mpi.h>

#include "data/source.h"
#include "data/staging.h"

namespace admmnet {

/// This rank's columns of a set of sparse samples, as raw values in the order in which they came.
/// The memory of a panel can be given back. 16 bytes an entry, and 20 a sample.
class SparseStagedSet {
 public:
  SparseStagedSet(PanelColumns columns, Index features, int rank);

  const PanelColumns& columns() const { return columns_; }
  Index features() const { return features_; }
  Index local_count(Index panel) const { return columns_.local_count(panel, rank_); }

  /// `count` entries; zeros among them are left out.
  void store(Index panel, Index column, int label, const Index* features, const double* values,
             Index count);
  /// Calls f(local column, feature, value) for the entries of a panel, column by column.
  template <class F>
  void for_each(Index panel, F&& f) const {
    const Panel& p = panels_[static_cast<std::size_t>(panel)];
    for (std::size_t j = 0; j < p.begins.size(); ++j)
      for (std::size_t e = p.begins[j]; e < p.begins[j] + p.sizes[j]; ++e)
        f(static_cast<Index>(j), p.features[e], p.values[e]);
  }
  /// Calls f(feature, value) for all entries of this rank.
  template <class F>
  void for_each(F&& f) const {
    for (Index p = 0; p < columns_.panels(); ++p)
      for_each(p, [&](Index, Index feature, double value) { f(feature, value); });
  }
  std::vector<int> take_labels(Index panel);
  void release(Index panel);
  /// Entries of all samples of this rank.
  Index entries() const;

 private:
  struct Panel {
    std::vector<Index> features;
    std::vector<double> values;
    std::vector<std::size_t> begins, sizes;  // of each column
    std::vector<int> labels;
  };
  PanelColumns columns_;
  Index features_;
  int rank_;
  std::vector<Panel> panels_;
};

/// Reads and hands out, as deliver(). `mean`: entries of a sample, about, by which the batches are
/// cut. Collective on comm.
void deliver_sparse(const Delivery& delivery, double mean,
                    const std::vector<SparseStagedSet*>& sets, MPI_Comm comm);

}  // namespace admmnet
