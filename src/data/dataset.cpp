#include "data/dataset.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "data/formats.h"
#include "data/missing.h"
#include "data/moments.h"
#include "data/node_lists.h"
#include "data/odd_values.h"
#include "data/propagation.h"
#include "data/real_targets.h"
#include "data/sample_weights.h"
#include "data/sparse_dataset.h"
#include "data/spectrum.h"
#include "data/split.h"
#include "data/square_roots.h"
#include "data/staging.h"
#include "linalg/whole_columns.h"
#include "runtime/communicator.h"
#include "runtime/element_hash.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// Whether NaN may stand among the values.
bool has_missing(const DataOptions& options) {
  return format_of(options).missing_values && options.missing == Missing::mean;
}

/// Whether values may be there that the scaling cannot take.
bool takes_roots_of_table(const DataOptions& options, Scaling kind) {
  return kind == Scaling::sqn && !format_of(options).images;
}

/// What a graph adds to the samples of a file.
struct GraphFacts {
  std::uint64_t checksum = 0;
  std::vector<std::string> notes;
};

/// Reads the first `limit` selected samples of a file into the sets. Collective.
GraphFacts read_file(const DataOptions& options, const DataShape& shape, const SourceFile& file,
                     Index limit, const std::function<Destination(Index)>& destination,
                     const std::vector<StagedSet*>& sets, MPI_Comm comm) {
  if (!options.graph.empty()) {
    const Propagated inputs = propagate(options, shape, file, comm);
    deliver({inputs.source.get(), true, &file.classes, limit, destination}, sets, comm);
    return {inputs.graph_checksum, inputs.notes};
  }
  const OpenedSource opened = open_source(options, shape, file, comm);
  deliver({opened.source.get(), opened.random_access, &file.classes, limit, destination}, sets,
          comm);
  return {};
}

/// Scales the panels of a staged set onto the grid, giving back their memory one by one.
/// Collective.
SampleSet place_on_grid(StagedSet staged, const Preprocessing& preprocessing,
                        const ProcessGrid& grid, const PanelLayout& layout) {
  const PanelColumns& columns = staged.columns();
  const Index rows = preprocessing.inputs() + (layout.bias ? 1 : 0);
  SampleSet set;
  set.samples = columns.samples();
  set.widest = columns.widest;
  if (set.samples == 0) return set;

  WholeColumns whole(grid, rows, columns.widest, layout.unit_block);
  for (Index p = 0; p < columns.panels(); ++p) {
    SamplePanel panel;
    panel.first = columns.first(p);
    panel.count = columns.count(p);
    panel.inputs = BlockCyclicMatrix(grid, rows, panel.count, layout.unit_block,
                                     slab_width(columns.widest, grid.cols()));
    BlockCyclicMatrix& target = whole.of(panel.inputs);
    ADMMNET_REQUIRE(target.local_cols() == staged.local_count(p),
                    "place_on_grid: the layouts differ");
    apply_preprocessing(preprocessing, staged, p, target.data(), target.leading_dimension());
    if (layout.bias)
      for (Index j = 0; j < target.local_cols(); ++j) target.at(rows - 1, j) = 1.0;
    whole.give(panel.inputs);
    if (layout.in_float) panel.round();
    panel.targets.classes = staged.take_labels(p);
    staged.release(p);
    set.panels.push_back(std::move(panel));
  }
  return set;
}

/// Blocks of the inputs, of which the first stands in the file.
Index hops_of(const DataOptions& options) {
  return options.graph.empty() ? 1 : options.hops;
}

/// This rank's share of Dataset::values_checksum; the set's samples are counted from `first` on,
/// and their first `features` values stand in the file.
std::uint64_t values_checksum(const StagedSet& staged, Index features, Index first, int rank) {
  const PanelColumns& columns = staged.columns();
  std::vector<double> values(static_cast<std::size_t>(staged.features()));
  std::uint64_t sum = 0;
  for (Index p = 0; p < columns.panels(); ++p)
    for (Index j = 0; j < staged.local_count(p); ++j) {
      staged.values(p, j, values.data());
      const Index position = first + columns.first(p) + rank * columns.slab + j;
      sum += checksum(position * features, values.data(), features);
    }
  return sum;
}

/// What may stand in the file depends on the kind of the scaling that it goes through.
StagedSet read_test(const DataOptions& options, const DataShape& shape, Scaling kind,
                    const ProcessGrid& grid, const PanelLayout& layout) {
  if (!options.graph.empty() && shape.test > 0)
    check_memory_of_inputs(options, shape, shape.test_file, grid.comm());
  StagedSet test(PanelColumns::uniform(shape.test, layout.evaluation_columns, grid.size()),
                 shape.features, format_of(options).value_type(options), grid.rank());
  if (shape.test > 0)
    read_file(
        options, shape, shape.test_file, shape.test,
        [](Index sample) {
          return Destination{0, sample};
        },
        {&test}, grid.comm());
  if (takes_roots_of_table(options, kind)) {
    NegativeValues negative(grid.comm());
    negative.look_through(test, [](Index p) { return p; });
    negative.refuse(options, shape.test_file);
  }
  return test;
}

/// The samples of the training file, in the order of the file, to where they belong.
GraphFacts read_train(const DataOptions& options, const DataShape& shape,
                      const Placement& placement,
                      const std::vector<StagedSet*>& train_validation_test, MPI_Comm comm) {
  return read_file(
      options, shape, shape.train_file,
      shape.train + shape.validation + (shape.test_of_train ? shape.test : 0),
      [&placement](Index sample) { return placement(sample); }, train_validation_test, comm);
}

/// Without the test samples of the training file.
DataShape without_test(DataShape shape) {
  shape.test_of_train = false;
  if (shape.roles.empty()) return shape;
  std::vector<int> roles;
  std::size_t sample = 0;
  for (int& label : shape.train_file.classes) {
    if (label == kNotSelected) continue;
    const int role = shape.roles[sample++];
    if (role == role_test)
      label = kNotSelected;
    else
      roles.push_back(role);
  }
  shape.roles = std::move(roles);
  return shape;
}

/// Of the training samples, where the scaling or a look at a table needs them. Collective.
Moments moments_of(const DataOptions& options, Scaling kind, const StagedSet& train,
                   MPI_Comm comm) {
  const bool pixels = format_of(options).images;
  return needs_moments(kind, pixels) ? Moments(train, comm, sample_map(kind, unit_of(kind, pixels)))
                                     : Moments();
}

/// What was fitted, with what else is known of how samples are made inputs.
Preprocessing completed(const DataOptions& options, const Moments& moments, Preprocessing result) {
  result.pool = options.pool;
  result.hops = hops_of(options);
  if (has_missing(options)) result.fill = moments.mean;
  return result;
}

Scaling scaling_kind(const DataOptions& options) {
  return options.scaling.value_or(usual_scaling(options));
}

/// The scaling, and what its moments show. Collective.
void learn_scaling(const DataOptions& options, const StagedSet& train, const Preprocessing* learned,
                   MPI_Comm comm, Dataset& data) {
  const bool table = !format_of(options).images;
  const Scaling kind = scaling_kind(options);
  const Moments moments =
      learned == nullptr || table ? moments_of(options, kind, train, comm) : Moments();
  data.preprocessing =
      learned != nullptr
          ? *learned
          : completed(options, moments,
                      fit_preprocessing(kind, format_of(options).images, moments, train, comm));
  if (table) examine_moments(options, moments, comm, data);
}

void warn_of_odd_values(const DataOptions& options, const SourceFile& file, OddValues& odd,
                        MPI_Comm comm, Dataset& data) {
  const std::vector<std::string> lines = describe_odd(options, file, odd.take(), comm);
  data.warnings.insert(data.warnings.end(), lines.begin(), lines.end());
}

/// What the training file holds, where it belongs.
struct StagedSets {
  StagedSet train, validation, test;  ///< test: without samples unless shape.test_of_train
};

StagedSets stage(const DataOptions& options, const DataShape& shape, const ProcessGrid& grid,
                 const PanelLayout& layout) {
  if (!options.graph.empty()) check_memory_of_inputs(options, shape, shape.train_file, grid.comm());
  PanelColumns train_columns(layout.train_bounds, grid.size());
  ADMMNET_REQUIRE(train_columns.samples() == shape.train,
                  "load: the panels end at " + std::to_string(train_columns.samples()) +
                      ", there are " + std::to_string(shape.train) + " training samples");
  const auto evaluated = [&](Index samples) {
    return StagedSet(PanelColumns::uniform(samples, layout.evaluation_columns, grid.size()),
                     shape.features, format_of(options).value_type(options), grid.rank());
  };
  return {StagedSet(std::move(train_columns), shape.features,
                    format_of(options).value_type(options), grid.rank()),
          evaluated(shape.validation), evaluated(shape.test_of_train ? shape.test : 0)};
}

/// Calls use(set, sample_of) for each of the sets; sample_of: from a position of the set to the
/// place among the selected samples of the file.
template <class F>
void for_each_set(const StagedSets& sets, const Placement& placement, F&& use) {
  use(sets.train, [&](Index p) { return placement.sample_at(0, p); });
  use(sets.validation, [&](Index p) { return placement.sample_at(1, p); });
  use(sets.test, [&](Index p) { return placement.sample_at(2, p); });
}

/// Throws BadInput where the scaling takes roots and a table has a negative value. Collective.
void check_roots(const DataOptions& options, const StagedSets& sets, const Placement& placement,
                 const DataShape& shape, MPI_Comm comm) {
  if (!takes_roots_of_table(options, scaling_kind(options))) return;
  NegativeValues negative(comm);
  for_each_set(sets, placement, [&](const StagedSet& set, const auto& sample_of) {
    negative.look_through(set, sample_of);
  });
  negative.refuse(options, shape.train_file);
}

/// Looks through the values of a table. Collective.
std::optional<OddValues> look_for_odd_values(const DataOptions& options, const StagedSets& sets,
                                             const Placement& placement, MPI_Comm comm,
                                             Dataset& data) {
  std::optional<OddValues> odd;
  if (format_of(options).images) return odd;
  odd.emplace(sets.train, comm);
  for_each_set(sets, placement, [&](const StagedSet& set, const auto& sample_of) {
    odd->look_through(set, sample_of);
  });
  warn_of_odd_values(options, data.shape.train_file, *odd, comm, data);
  return odd;
}

/// load() but for real targets and weights.
Dataset load_dense(const DataOptions& options, const DataShape& shape, Index seed,
                   const ProcessGrid& grid, const PanelLayout& layout, HoldOut how,
                   const Preprocessing* learned) {
  const MPI_Comm comm = grid.comm();
  StagedSets sets = stage(options, shape, grid, layout);
  const Placement placement(shape, seed, how);
  const GraphFacts graph =
      read_train(options, shape, placement, {&sets.train, &sets.validation, &sets.test}, comm);

  Dataset data;
  data.shape = shape;
  const Index features = shape.features / hops_of(options);
  data.values_checksum = values_checksum(sets.train, features, 0, grid.rank()) +
                         values_checksum(sets.validation, features, shape.train, grid.rank());
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &data.values_checksum, 1, MPI_UINT64_T, MPI_SUM, comm));
  data.values_checksum += graph.checksum;
  check_roots(options, sets, placement, shape, comm);
  learn_scaling(options, sets.train, learned, comm, data);
  std::optional<OddValues> odd = look_for_odd_values(options, sets, placement, comm, data);
  data.notes.insert(data.notes.end(), graph.notes.begin(), graph.notes.end());
  data.train = place_on_grid(std::move(sets.train), data.preprocessing, grid, layout);
  data.train.features = data.preprocessing.accounted_features();
  data.train.left_out = data.preprocessing.left_out();
  data.validation = place_on_grid(std::move(sets.validation), data.preprocessing, grid, layout);
  if (!shape.test_of_train) {
    sets.test = read_test(options, shape, data.preprocessing.kind, grid, layout);
    if (odd) {
      odd->look_through(sets.test, [](Index p) { return p; });
      warn_of_odd_values(options, shape.test_file, *odd, comm, data);
    }
  }
  data.test = place_on_grid(std::move(sets.test), data.preprocessing, grid, layout);
  return data;
}

}  // namespace

Dataset load(const DataOptions& options, const DataShape& shape, Index seed,
             const ProcessGrid& grid, const PanelLayout& layout, HoldOut how,
             const Preprocessing* learned) {
  const auto load_inputs = options.storage == Storage::sparse ? load_sparse : load_dense;
  Dataset data = load_inputs(options, shape, seed, grid, layout, how, learned);
  give_real_targets(shape, seed, how, grid, data);
  give_weights(shape, seed, how, grid, data);
  return data;
}

Preprocessing learn_eigenvectors(const DataOptions& options, const DataShape& shape, Index seed,
                                 MPI_Comm comm) {
  constexpr Index kColumns = 2500;  // of a panel and a rank
  const ProcessGrid grid(comm, 1, size_of(comm));
  PanelLayout layout;
  layout.evaluation_columns = kColumns * grid.size();
  layout.train_bounds =
      PanelColumns::uniform(shape.train, layout.evaluation_columns, grid.size()).bounds;
  const DataShape used = without_test(shape);
  StagedSets sets = stage(options, used, grid, layout);
  const Placement placement(used, seed);
  read_train(options, used, placement, {&sets.train, &sets.validation, &sets.test}, comm);
  check_roots(options, sets, placement, used, comm);

  const Scaling kind = scaling_kind(options);
  const Moments moments = moments_of(options, kind, sets.train, comm);
  Preprocessing result =
      completed(options, moments,
                fit_preprocessing(kind, format_of(options).images, moments, sets.train.features()));
  SymmetricEigen eigen = spectrum_of(result, sets.train, grid);
  result.rotation = gather(eigen.vectors);
  result.eigenvalues = std::move(eigen.values);
  return result;
}

SampleSet load_test(const DataOptions& options, const DataShape& shape,
                    const Preprocessing& preprocessing, const ProcessGrid& grid,
                    const PanelLayout& layout) {
  SampleSet set;
  if (options.storage == Storage::sparse) {
    set = load_sparse_test(options, shape, preprocessing, grid, layout);
  } else {
    Preprocessing used = preprocessing;
    if (has_missing(options)) used.fill = means_of(preprocessing);
    set = place_on_grid(read_test(options, shape, used.kind, grid, layout), used, grid, layout);
  }
  give_real_targets(shape, grid, set);
  return set;
}

}  // namespace admmnet
