#include "data/sparse_dataset.h"

#include <memory>
#include <utility>

#include "data/formats.h"
#include "data/moments.h"
#include "data/odd_values.h"
#include "data/sparse_staging.h"
#include "runtime/communicator.h"
#include "runtime/element_hash.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// Reads the first `limit` selected samples of a file into the sets. Collective.
void read_sparse(const DataOptions& options, const DataShape& shape, const SourceFile& file,
                 Index limit, const std::function<Destination(Index)>& destination,
                 const std::vector<SparseStagedSet*>& sets, MPI_Comm comm) {
  const OpenedSource opened = open_source(options, shape, file, comm);
  const double mean = file.sparsity.entries / file.sparsity.samples;
  deliver_sparse({opened.source.get(), opened.random_access, &file.classes, limit, destination},
                 mean, sets, comm);
}

/// c of H = S - c 1^T, with 0 at the row of ones; empty where nothing is centred.
std::vector<double> shift_of(const Preprocessing& preprocessing, Index rows) {
  std::vector<double> c(static_cast<std::size_t>(rows), 0.0);
  bool any = false;
  for (std::size_t i = 0; i < preprocessing.shift.size(); ++i) {
    c[i] = preprocessing.shift[i] * preprocessing.scale[i];
    any = any || c[i] != 0.0;
  }
  return any ? c : std::vector<double>();
}

/// The entries of a panel, scaled, and the row of ones.
SparseRows scaled_rows(const SparseStagedSet& staged, Index panel,
                       const Preprocessing& preprocessing, bool bias) {
  const Index features = staged.features();
  SparseRows rows;
  const auto end_column = [&] {
    if (bias) {
      rows.cols.push_back(features);
      rows.values.push_back(1.0);
    }
    rows.end_row();
  };
  staged.for_each(panel, [&](Index j, Index feature, double x) {
    while (rows.count() < j) end_column();
    rows.cols.push_back(feature);
    rows.values.push_back(scaled_entry(preprocessing, feature, x));
  });
  while (rows.count() < staged.local_count(panel)) end_column();
  return rows;
}

/// Scales the panels of a set onto the grid, giving back their memory one by one. Collective.
SampleSet place_on_grid(SparseStagedSet staged, const Preprocessing& preprocessing,
                        const ProcessGrid& grid, const PanelLayout& layout) {
  const PanelColumns& columns = staged.columns();
  const Index rows = preprocessing.features() + (layout.bias ? 1 : 0);
  const std::vector<double> shift = shift_of(preprocessing, rows);
  SampleSet set;
  set.samples = columns.samples();
  set.widest = columns.widest;
  if (set.samples == 0) return set;
  for (Index p = 0; p < columns.panels(); ++p) {
    SamplePanel panel;
    panel.first = columns.first(p);
    panel.count = columns.count(p);
    const SparseRows own = scaled_rows(staged, p, preprocessing, layout.bias);
    panel.targets.classes = staged.take_labels(p);
    staged.release(p);
    panel.sparse.emplace(grid, rows, panel.count, columns.widest, layout.unit_block, own, shift);
    set.panels.push_back(std::move(panel));
  }
  return set;
}

/// This rank's share of Dataset::values_checksum; samples are counted from `first` on.
std::uint64_t values_checksum(const SparseStagedSet& staged, Index first, int rank) {
  const PanelColumns& columns = staged.columns();
  std::uint64_t sum = 0;
  for (Index p = 0; p < columns.panels(); ++p)
    staged.for_each(p, [&](Index j, Index feature, double value) {
      const Index position = first + columns.first(p) + rank * columns.slab + j;
      sum += checksum(position * staged.features() + feature, &value, 1);
    });
  return sum;
}

SparseStagedSet staged_for_evaluation(const DataShape& shape, Index samples,
                                      const ProcessGrid& grid, const PanelLayout& layout) {
  return {PanelColumns::uniform(samples, layout.evaluation_columns, grid.size()), shape.features,
          grid.rank()};
}

SparseStagedSet read_sparse_test(const DataOptions& options, const DataShape& shape,
                                 const ProcessGrid& grid, const PanelLayout& layout) {
  SparseStagedSet test = staged_for_evaluation(shape, shape.test, grid, layout);
  if (shape.test > 0)
    read_sparse(
        options, shape, shape.test_file, shape.test,
        [](Index sample) {
          return Destination{0, sample};
        },
        {&test}, grid.comm());
  return test;
}

}  // namespace

Dataset load_sparse(const DataOptions& options, const DataShape& shape, Index seed,
                    const ProcessGrid& grid, const PanelLayout& layout, HoldOut how,
                    const Preprocessing* learned) {
  const MPI_Comm comm = grid.comm();
  SparseStagedSet train({layout.train_bounds, grid.size()}, shape.features, grid.rank());
  SparseStagedSet validation = staged_for_evaluation(shape, shape.validation, grid, layout);
  SparseStagedSet test =
      staged_for_evaluation(shape, shape.test_of_train ? shape.test : 0, grid, layout);
  const Placement placement(shape, seed, how);
  read_sparse(
      options, shape, shape.train_file,
      shape.train + shape.validation + (shape.test_of_train ? shape.test : 0),
      [&placement](Index sample) { return placement(sample); }, {&train, &validation, &test}, comm);

  Dataset data;
  data.shape = shape;
  data.values_checksum = values_checksum(train, 0, grid.rank()) +
                         values_checksum(validation, shape.train, grid.rank());
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &data.values_checksum, 1, MPI_UINT64_T, MPI_SUM, comm));
  const Moments moments(train, comm);
  const Scaling kind = options.scaling.value_or(usual_scaling(options));
  data.preprocessing =
      learned != nullptr ? *learned : fit_preprocessing(kind, false, moments, shape.features);
  examine_moments(options, moments, comm, data);
  data.train = place_on_grid(std::move(train), data.preprocessing, grid, layout);
  data.train.features = shape.features;
  data.validation = place_on_grid(std::move(validation), data.preprocessing, grid, layout);
  if (!shape.test_of_train) test = read_sparse_test(options, shape, grid, layout);
  data.test = place_on_grid(std::move(test), data.preprocessing, grid, layout);
  return data;
}

SampleSet load_sparse_test(const DataOptions& options, const DataShape& shape,
                           const Preprocessing& preprocessing, const ProcessGrid& grid,
                           const PanelLayout& layout) {
  return place_on_grid(read_sparse_test(options, shape, grid, layout), preprocessing, grid, layout);
}

}  // namespace admmnet
