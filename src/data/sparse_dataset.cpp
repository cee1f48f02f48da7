#include "data/sparse_dataset.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "data/components.h"
#include "data/formats.h"
#include "data/moments.h"
#include "data/odd_values.h"
#include "data/sparse_staging.h"
#include "linalg/leading_eigen.h"
#include "linalg/products.h"
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

/// Makes components of sparse samples.
class Projection {
 public:
  /// U_k^T as a layer matrix. Collective.
  Projection(const Preprocessing& components, const ProcessGrid& grid, Index unit_block)
      : directions_(grid, components.inputs(), components.features(), unit_block, unit_block) {
    const Index n = components.features();
    directions_.fill(
        [&](Index i, Index f) { return components.rotation[static_cast<std::size_t>(f + i * n)]; });
    operand_.assign(directions_);
  }

  /// X := U_k^T (S - c 1^T), and below it a row of ones where X has one row more. Collective.
  void project(const SparseSamples& samples, BlockCyclicMatrix& X) const {
    apply(operand_, samples, X);
    for (Index j = 0; j < X.local_cols(); ++j)
      for (Index i = X.local_rows_below(directions_.rows()); i < X.local_rows(); ++i)
        X.at(i, j) = 1.0;
  }

 private:
  BlockCyclicMatrix directions_;
  LayerOperand operand_;
};

/// Scales the panels of a set onto the grid, giving back their memory one by one. Collective.
SampleSet place_on_grid(SparseStagedSet staged, const Preprocessing& preprocessing,
                        const ProcessGrid& grid, const PanelLayout& layout) {
  const PanelColumns& columns = staged.columns();
  const bool projected = preprocessing.has_components(), ones = layout.bias && !projected;
  const Index rows = preprocessing.features() + (ones ? 1 : 0);
  const std::vector<double> shift = shift_of(preprocessing, rows);
  std::optional<Projection> projection;
  if (projected) projection.emplace(preprocessing, grid, layout.unit_block);
  SampleSet set;
  set.samples = columns.samples();
  set.widest = columns.widest;
  if (set.samples == 0) return set;
  for (Index p = 0; p < columns.panels(); ++p) {
    SamplePanel panel;
    panel.first = columns.first(p);
    panel.count = columns.count(p);
    const SparseRows own = scaled_rows(staged, p, preprocessing, ones);
    panel.targets.classes = staged.take_labels(p);
    staged.release(p);
    panel.sparse.emplace(grid, rows, panel.count, columns.widest, layout.unit_block, own, shift);
    if (projection) {
      panel.inputs = BlockCyclicMatrix(grid, preprocessing.inputs() + (layout.bias ? 1 : 0),
                                       panel.count, layout.unit_block, panel.sparse->col_block());
      projection->project(*panel.sparse, panel.inputs);
      panel.sparse.reset();
      if (layout.in_float) panel.round();
    }
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

/// What the training file holds, where it belongs.
struct StagedSets {
  SparseStagedSet train, validation, test;  ///< test: without samples unless shape.test_of_train
};

/// Collective.
StagedSets read_sparse_train(const DataOptions& options, const DataShape& shape, Index seed,
                             const ProcessGrid& grid, const PanelLayout& layout, HoldOut how) {
  const Index test = shape.test_of_train ? shape.test : 0;
  StagedSets sets{{{layout.train_bounds, grid.size()}, shape.features, grid.rank()},
                  staged_for_evaluation(shape, shape.validation, grid, layout),
                  staged_for_evaluation(shape, test, grid, layout)};
  const Placement placement(shape, seed, how);
  read_sparse(
      options, shape, shape.train_file, shape.train + shape.validation + test,
      [&placement](Index sample) { return placement(sample); },
      {&sets.train, &sets.validation, &sets.test}, grid.comm());
  return sets;
}

Preprocessing scaling_by(const DataOptions& options, const Moments& moments, Index features) {
  const Scaling kind = options.scaling.value_or(usual_scaling(options));
  return fit_preprocessing(kind, false, moments, features);
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
  auto [train, validation, test] = read_sparse_train(options, shape, seed, grid, layout, how);
  Dataset data;
  data.shape = shape;
  data.values_checksum = values_checksum(train, 0, grid.rank()) +
                         values_checksum(validation, shape.train, grid.rank());
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, &data.values_checksum, 1, MPI_UINT64_T, MPI_SUM, comm));
  const Moments moments(train, comm);
  data.preprocessing = learned != nullptr ? *learned : scaling_by(options, moments, shape.features);
  examine_moments(options, moments, comm, data);
  data.train = place_on_grid(std::move(train), data.preprocessing, grid, layout);
  data.train.features = data.preprocessing.accounted_features();
  data.train.left_out = data.preprocessing.left_out();
  data.validation = place_on_grid(std::move(validation), data.preprocessing, grid, layout);
  if (!shape.test_of_train) test = read_sparse_test(options, shape, grid, layout);
  data.test = place_on_grid(std::move(test), data.preprocessing, grid, layout);
  return data;
}

static double rest_of(double trace, const std::vector<double>& eigenvalues) {
  return std::max(0.0, trace - std::accumulate(eigenvalues.begin(), eigenvalues.end(), 0.0));
}

/// Throws BadInput where the samples do not vary in as many directions as there are inputs.
static void check_directions(const Preprocessing& components) {
  constexpr double kNothing = 1e-12;  // of the largest eigenvalue: rounding
  const std::vector<double>& lambda = components.eigenvalues;
  const auto first_nothing = std::find_if(lambda.begin(), lambda.end(),
                                          [&](double x) { return x <= kNothing * lambda.front(); });
  const auto directions = static_cast<Index>(first_nothing - lambda.begin());
  if (directions >= components.inputs()) return;
  throw BadInput("-data_components " + std::to_string(components.inputs()) +
                 ": the samples lie in " + std::to_string(directions) + " directions; set " +
                 std::to_string(directions) + " at most, or none");
}

/// The eigenvalues that a number or a share takes, and at least as many vectors. Collective.
static LeadingEigen directions_of(const Components& asked, double trace, Index most, Index seed,
                                  SampleGram& G) {
  if (asked == Components::number) return leading_eigen(G, asked.count, seed);
  constexpr Index kFirst = 16;
  most = std::min(most, kMostOfShare);
  for (Index count = std::min(kFirst, most);; count = std::min(2 * count, most)) {
    LeadingEigen eigen = leading_eigen(G, count, seed);
    const double rest = rest_of(trace, eigen.values);
    if (component_count(asked, G.order(), eigen.values, rest) > 0) return eigen;
    if (count < most) continue;
    char text[160];
    std::snprintf(text, sizeof text,
                  "-data_components %g: the %lld largest eigenvalues hold %.3g of the trace; set "
                  "a number of components, a smaller share, or none",
                  asked.part, static_cast<long long>(count), 1.0 - rest / trace);
    throw BadInput(text);
  }
}

Preprocessing learn_sparse_components(const DataOptions& options, const DataShape& shape,
                                      const Components& asked, Index seed, MPI_Comm comm) {
  constexpr Index kColumns = 2500, kBlock = 64;  // of a panel and a rank; of features
  check_sparse_components(asked, shape.features, shape.train);
  const ProcessGrid grid(comm, 1, size_of(comm));
  PanelLayout layout{kBlock, false, {}, kColumns * grid.size()};
  layout.train_bounds =
      PanelColumns::uniform(shape.train, layout.evaluation_columns, grid.size()).bounds;
  DataShape used = shape;
  used.test_of_train = false;
  StagedSets sets = read_sparse_train(options, used, seed, grid, layout, HoldOut::of_each_class);
  Preprocessing result = scaling_by(options, Moments(sets.train, comm), shape.features);
  const SampleSet samples = place_on_grid(std::move(sets.train), result, grid, layout);

  SampleGram G;
  for (const SamplePanel& panel : samples.panels) G.add(panel.a());
  const std::vector<double> diagonal = G.diagonal();
  const double trace = std::accumulate(diagonal.begin(), diagonal.end(), 0.0);
  if (!std::isfinite(trace))
    throw NumericalBreakdown("-data_components: squares of the features overflow");
  if (trace == 0.0) throw BadInput("-data_components: every feature is 0 in all samples; set none");
  LeadingEigen eigen =
      directions_of(asked, trace, most_sparse_components(shape.features, shape.train), seed, G);
  result.rest_of_trace = rest_of(trace, eigen.values);
  result.eigenvalues = std::move(eigen.values);
  result.rotation = std::move(eigen.vectors);
  keep_components(component_count(asked, shape.features, result.eigenvalues, result.rest_of_trace),
                  result);
  check_directions(result);
  whiten_components(shape.train, result);
  return result;
}

SampleSet load_sparse_test(const DataOptions& options, const DataShape& shape,
                           const Preprocessing& preprocessing, const ProcessGrid& grid,
                           const PanelLayout& layout) {
  return place_on_grid(read_sparse_test(options, shape, grid, layout), preprocessing, grid, layout);
}

}  // namespace admmnet
