#include "network/network.h"

#include <cmath>
#include <limits>

#include "runtime/error.h"
#include "runtime/random.h"

namespace admmnet {

std::string Topology::text() const {
  std::string result;
  for (Index width : widths) result += (result.empty() ? "" : "-") + std::to_string(width);
  return result;
}

Index outputs_for(Index classes, Loss loss) {
  return classes == 2 && !loss->compares_outputs ? 1 : classes;
}

Network::Network(const ProcessGrid& grid, Topology topology, Index unit_block)
    : Network(grid, std::move(topology), unit_block, 1, std::numeric_limits<int>::max()) {}

Network::Network(const ProcessGrid& grid, Topology topology, Index unit_block, int first, int last)
    : grid_(grid),
      topology_(std::move(topology)),
      objective_(make_objective(topology_)),
      unit_block_(unit_block) {
  for (int l = 1; l <= layers(); ++l)
    weights_.push_back(first <= l && l <= last ? make_like_weight(l) : BlockCyclicMatrix());
}

BlockCyclicMatrix Network::make_like_weight(int l) const {
  return {grid_, topology_.width(l), topology_.extended(l - 1), unit_block_, unit_block_};
}

BlockCyclicMatrix Network::make_gram(int l) const {
  const Index n = topology_.extended(l - 1);
  return {grid_, n, n, unit_block_, unit_block_};
}

BlockCyclicMatrix Network::make_sample_like(Index rows, Index widest) const {
  return {grid_, rows, widest, unit_block_, slab_width(widest, grid_.cols())};
}

void Network::initialise(InitScheme scheme, Index seed, double deviation) {
  for (int l = 1; l <= layers(); ++l) {
    const CounterRandom random(seed, Stream::weights, l);
    const auto fan_in = static_cast<double>(topology_.width(l - 1));
    const auto fan_out = static_cast<double>(topology_.width(l));
    const Index inputs = topology_.width(l - 1);
    W(l).fill([&](Index i, Index j) {
      if (j >= inputs) return 0.0;  // bias
      switch (scheme) {
        case InitScheme::automatic:
        case InitScheme::he:
        case InitScheme::receptive_fields:
          return std::sqrt(2.0 / fan_in) * random.normal(i, j);
        case InitScheme::xavier:
          return std::sqrt(2.0 / (fan_in + fan_out)) * random.normal(i, j);
        case InitScheme::lecun:
          return std::sqrt(1.0 / fan_in) * random.normal(i, j);
        case InitScheme::normal:
          return deviation * random.normal(i, j);
        case InitScheme::uniform:
          return random.uniform(i, j);
        case InitScheme::zero:
          return 0.0;
      }
      return 0.0;
    });
  }
}

void Network::copy_weights_from(const Network& other) {
  for (int l = 1; l <= layers(); ++l) W(l).copy_from(other.W(l));
}

bool Network::all_finite() const {
  double sum = 0.0;  // 0, or NaN: what NaN and infinity become when multiplied by zero
  for (const BlockCyclicMatrix& weight : weights_)
    for (Index j = 0; j < weight.local_cols(); ++j)
      for (Index i = 0; i < weight.local_rows(); ++i) sum += 0.0 * weight.at(i, j);
  return std::isfinite(grid_.sum(sum));
}

void Network::append_state(const std::string& prefix, StateView& view) {
  for (int l = 1; l <= layers(); ++l) {
    const Index inputs = topology_.width(l - 1), units = topology_.width(l);
    const std::string layer = prefix + "layer_" + std::to_string(l) + "/";
    view.tensors.push_back({layer + "W", units, inputs, {{&W(l), 0, inputs, 0}}, true});
    if (topology_.bias)
      view.tensors.push_back({layer + "b", units, 1, {{&W(l), inputs, 1, 0}}, true});
  }
}

StateTensor whole_tensor(const std::string& path, BlockCyclicMatrix& matrix) {
  return {path, matrix.rows(), matrix.cols(), {{&matrix, 0, matrix.cols(), 0}}};
}

}  // namespace admmnet
