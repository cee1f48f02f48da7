#include "network/receptive_fields.h"

#include <algorithm>
#include <cmath>

#include "linalg/products.h"
#include "runtime/error.h"
#include "runtime/random.h"

namespace admmnet {
namespace {

constexpr Index kSmallestField = 80;  // pixels

/// The columns of the first panel and their classes, whole on every rank: a few thousand samples.
struct Exemplars {
  Index features, count;
  std::vector<double> values;  // features x count
  std::vector<int> labels;
};

/// The features of a sample, or what its components hold of them: x += U x'.
void features_of(const Preprocessing& preprocessing, Index n, const double* inputs, double* x) {
  if (!preprocessing.has_components()) {
    std::copy_n(inputs, n, x);
    return;
  }
  for (Index i = 0; i < preprocessing.inputs(); ++i) {
    const double* u = preprocessing.rotation.data() + i * n;
    for (Index feature = 0; feature < n; ++feature) x[feature] += inputs[i] * u[feature];
  }
}

Exemplars first_panel(const Network& network, const Dataset& data) {
  const SampleSet& set = data.train;
  const SamplePanel& panel = set.panels.front();
  const ProcessGrid& grid = network.grid();
  Exemplars result{network.topology().width(0), panel.count, {}, {}};
  const SampleOperand inputs = panel.a();
  const Index rows = inputs.rows();
  BlockCyclicMatrix widened;
  const std::vector<double> whole = gather(inputs.dense(widened));
  result.values.assign(static_cast<std::size_t>(result.features * panel.count), 0.0);
  for (Index j = 0; j < panel.count; ++j)
    features_of(data.preprocessing, result.features, whole.data() + j * rows,
                result.values.data() + j * result.features);
  result.labels.assign(static_cast<std::size_t>(panel.count), 0);
  std::copy(panel.targets.classes.begin(), panel.targets.classes.end(),
            result.labels.begin() +
                std::min(panel.count, slab_width(set.widest, grid.size()) * grid.rank()));
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, result.labels.data(), static_cast<int>(panel.count),
                            MPI_INT, MPI_SUM, grid.comm()));
  return result;
}

/// A rectangle of at least kSmallestField pixels, as [top, bottom) x [left, right).
struct Field {
  Index top, bottom, left, right;
  bool contains(Index row, Index col) const {
    return row >= top && row < bottom && col >= left && col < right;
  }
};

Index below(double uniform, Index n) {
  return static_cast<Index>(uniform * static_cast<double>(n));
}

Field random_field(const CounterRandom& random, Index unit, Index rows, Index cols) {
  for (Index attempt = 0;; ++attempt) {
    Index a = below(random.uniform(unit, 4 * attempt + 2), rows);
    Index b = below(random.uniform(unit, 4 * attempt + 3), rows);
    Index c = below(random.uniform(unit, 4 * attempt + 4), cols);
    Index d = below(random.uniform(unit, 4 * attempt + 5), cols);
    if (a > b) std::swap(a, b);
    if (c > d) std::swap(c, d);
    const Field field{a, b + 1, c, d + 1};
    const Index size = (field.bottom - field.top) * (field.right - field.left);
    if (size >= std::min(kSmallestField, rows * cols)) return field;
  }
}

/// w (features entries) and b of one unit.
std::vector<double> unit_weights(const Exemplars& samples, const CounterRandom& random, Index unit,
                                 Index image_rows, Index image_cols) {
  const auto column = [&](Index j) { return samples.values.data() + j * samples.features; };
  const Index x = below(random.uniform(unit, 0), samples.count);
  Index y = below(random.uniform(unit, 1), samples.count);
  const auto label = [&](Index j) { return samples.labels[static_cast<std::size_t>(j)]; };
  for (Index tried = 0; label(y) == label(x) && tried < samples.count; ++tried)
    y = (y + 1) % samples.count;

  std::vector<double> w(static_cast<std::size_t>(samples.features) + 1);
  const bool image = image_rows * image_cols == samples.features;
  const Field field = image ? random_field(random, unit, image_rows, image_cols) : Field{};
  for (Index i = 0; i < samples.features; ++i)
    if (!image || field.contains(i / image_cols, i % image_cols))
      w[static_cast<std::size_t>(i)] = column(x)[i] - column(y)[i];

  const auto project = [&](Index j) {
    double sum = 0.0;
    for (Index i = 0; i < samples.features; ++i)
      sum += w[static_cast<std::size_t>(i)] * column(j)[i];
    return sum;
  };
  const Index probes = std::min<Index>(samples.count, 1000);
  double sum = 0.0, squares = 0.0;
  for (Index j = 0; j < probes; ++j) {
    const double p = project(j);
    sum += p;
    squares += p * p;
  }
  const double mean = sum / static_cast<double>(probes);
  const double deviation =
      std::sqrt(std::max(squares / static_cast<double>(probes) - mean * mean, 0.0));
  w.back() = -0.5 * (project(x) + project(y));
  if (deviation > 0.0)
    for (double& value : w) value /= deviation;
  return w;
}

}  // namespace

void initialise_receptive_fields(Network& network, const Dataset& data, Index seed) {
  if (!network.topology().bias)
    throw BadInput(
        "-init_scheme receptive_fields places a threshold at each unit: it needs -net_bias true");
  const Exemplars samples = first_panel(network, data);
  const CounterRandom random(seed, Stream::receptive);
  BlockCyclicMatrix& W = network.W(1);
  for (Index i = 0; i < W.local_rows(); ++i) {
    const auto w = unit_weights(samples, random, W.global_row(i), data.shape.image_rows,
                                data.shape.image_cols);
    for (Index j = 0; j < W.local_cols(); ++j)
      W.at(i, j) = w[static_cast<std::size_t>(W.global_col(j))];
  }
}

}  // namespace admmnet
