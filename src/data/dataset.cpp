#include "data/dataset.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "data/csv.h"
#include "data/idx.h"
#include "data/split.h"
#include "data/staging.h"
#include "runtime/communicator.h"
#include "runtime/element_hash.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

ValueType value_type_of(DataFormat format) {
  return format == DataFormat::csv ? ValueType::real : ValueType::byte;
}

std::unique_ptr<SampleSource> open_source(const DataOptions& options, const SourceFile& file,
                                          Index features) {
  if (options.format == DataFormat::csv) return open_csv(file.path, options.label_column, features);
  return open_idx_images(file.path, static_cast<Index>(file.classes.size()), features);
}

/// Reads the first `limit` selected samples of a file into the sets. Collective.
void read_file(const DataOptions& options, const SourceFile& file, Index limit,
               const std::function<Destination(Index)>& destination,
               const std::vector<StagedSet*>& sets, MPI_Comm comm) {
  const Index features = sets.front()->features();
  std::unique_ptr<SampleSource> source;
  collectively(comm, [&] {
    if (rank_of(comm) == 0) source = open_source(options, file, features);
  });
  int random_access = source != nullptr && source->random_access() ? 1 : 0;
  check_mpi(MPI_Bcast(&random_access, 1, MPI_INT, 0, comm), "MPI_Bcast");
  collectively(comm, [&] {
    if (random_access == 1 && source == nullptr) source = open_source(options, file, features);
  });
  deliver({source.get(), random_access == 1, &file.classes, limit, destination}, sets, comm);
}

/// Scales the panels of a staged set onto the grid, giving back their memory one by one.
/// Collective.
SampleSet place_on_grid(StagedSet staged, const Preprocessing& preprocessing,
                        const ProcessGrid& grid, const PanelLayout& layout) {
  const PanelColumns& columns = staged.columns();
  const Index rows = staged.features() + (layout.bias ? 1 : 0);
  SampleSet set;
  set.samples = columns.samples();
  set.widest = columns.widest;
  if (set.samples == 0) return set;

  const ProcessGrid sample_grid = grid.sample_grid();
  BlockCyclicMatrix whole_samples;  // on a 1 x P grid the panel itself is in the sample layout
  if (grid.rows() > 1)
    whole_samples =
        BlockCyclicMatrix(sample_grid, rows, columns.widest, layout.unit_block, columns.slab);
  for (Index p = 0; p < columns.panels(); ++p) {
    SamplePanel panel;
    panel.first = columns.first(p);
    panel.count = columns.count(p);
    panel.inputs = BlockCyclicMatrix(grid, rows, panel.count, layout.unit_block,
                                     slab_width(columns.widest, grid.cols()));
    if (grid.rows() > 1) whole_samples.set_cols(panel.count);
    BlockCyclicMatrix& target = grid.rows() > 1 ? whole_samples : panel.inputs;
    require(target.local_cols() == staged.local_count(p), "place_on_grid: the layouts differ");
    apply_preprocessing(preprocessing, staged, p, target.data(), target.leading_dimension());
    if (layout.bias)
      for (Index j = 0; j < target.local_cols(); ++j) target.at(rows - 1, j) = 1.0;
    if (grid.rows() > 1) redistribute(whole_samples, panel.inputs);
    panel.labels = staged.take_labels(p);
    staged.release(p);
    set.panels.push_back(std::move(panel));
  }
  return set;
}

/// This rank's share of Dataset::values_checksum; the set's samples are counted from `first` on.
std::uint64_t values_checksum(const StagedSet& staged, Index first, int rank) {
  const PanelColumns& columns = staged.columns();
  std::vector<double> values(static_cast<std::size_t>(staged.features()));
  std::uint64_t sum = 0;
  for (Index p = 0; p < columns.panels(); ++p)
    for (Index j = 0; j < staged.local_count(p); ++j) {
      staged.values(p, j, values.data());
      const Index position = first + columns.first(p) + rank * columns.slab + j;
      sum += checksum(position * staged.features(), values.data(), staged.features());
    }
  return sum;
}

StagedSet read_test(const DataOptions& options, const DataShape& shape, const ProcessGrid& grid,
                    const PanelLayout& layout) {
  StagedSet test(PanelColumns::uniform(shape.test, layout.evaluation_columns, grid.size()),
                 shape.features, value_type_of(options.format), grid.rank());
  if (shape.test > 0)
    read_file(
        options, shape.test_file, shape.test,
        [](Index sample) {
          return Destination{0, sample};
        },
        {&test}, grid.comm());
  return test;
}

}  // namespace

Dataset load(const DataOptions& options, const DataShape& shape, Index seed,
             const ProcessGrid& grid, const PanelLayout& layout) {
  PanelColumns train_columns(layout.train_bounds, grid.size());
  require(train_columns.samples() == shape.train,
          "load: the panels end at " + std::to_string(train_columns.samples()) + ", there are " +
              std::to_string(shape.train) + " training samples");
  const ValueType type = value_type_of(options.format);
  StagedSet train(std::move(train_columns), shape.features, type, grid.rank());
  StagedSet validation(
      PanelColumns::uniform(shape.validation, layout.evaluation_columns, grid.size()),
      shape.features, type, grid.rank());
  const Index selected = shape.train + shape.validation;
  const TrainingSplit split(selected, shape.validation, seed);
  const auto destination = [&split](Index sample) {
    const auto place = split(sample);
    return Destination{place.held_out ? 1 : 0, place.position};
  };
  read_file(options, shape.train_file, selected, destination, {&train, &validation}, grid.comm());

  Dataset data;
  data.shape = shape;
  data.values_checksum = values_checksum(train, 0, grid.rank()) +
                         values_checksum(validation, shape.train, grid.rank());
  check_mpi(
      MPI_Allreduce(MPI_IN_PLACE, &data.values_checksum, 1, MPI_UINT64_T, MPI_SUM, grid.comm()),
      "MPI_Allreduce");
  data.preprocessing = fit_preprocessing(options.scaling, train, grid.comm());
  data.train = place_on_grid(std::move(train), data.preprocessing, grid, layout);
  data.validation = place_on_grid(std::move(validation), data.preprocessing, grid, layout);
  data.test =
      place_on_grid(read_test(options, shape, grid, layout), data.preprocessing, grid, layout);
  return data;
}

SampleSet load_test(const DataOptions& options, const DataShape& shape,
                    const Preprocessing& preprocessing, const ProcessGrid& grid,
                    const PanelLayout& layout) {
  return place_on_grid(read_test(options, shape, grid, layout), preprocessing, grid, layout);
}

}  // namespace admmnet
