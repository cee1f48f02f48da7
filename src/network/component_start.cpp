#include "network/component_start.h"

#include "linalg/products.h"
#include "network/receptive_fields.h"
#include "runtime/error.h"

namespace admmnet {

/// to := from [R 0; 0 1] with R of `inner` x `outer` entries rotation(i, j).
template <class Entry>
static void multiply_inputs(const BlockCyclicMatrix& from, Index inner, Index outer, bool bias,
                            Entry&& rotation, BlockCyclicMatrix& to) {
  const FullPrecision in_double;
  const Index one = bias ? 1 : 0;
  ADMMNET_REQUIRE(
      from.cols() == inner + one && to.cols() == outer + one && from.rows() == to.rows(),
      "multiply_inputs: shapes differ");
  BlockCyclicMatrix transposed(to.grid(), to.cols(), from.cols(), from.row_block(),
                               from.col_block());
  transposed.fill([&](Index j, Index i) {
    if (i < inner && j < outer) return rotation(i, j);
    return i == inner && j == outer ? 1.0 : 0.0;
  });
  accumulate_outer(1.0, from, transposed, 0.0, to);
}

void project_inputs(const BlockCyclicMatrix& of_features, const Preprocessing& components,
                    bool bias, BlockCyclicMatrix& W) {
  const Index n = components.features();
  const auto U = [&](Index i, Index j) {
    return components.rotation[static_cast<std::size_t>(i + j * n)];
  };
  multiply_inputs(of_features, n, components.inputs(), bias, U, W);
}

void unproject_inputs(const BlockCyclicMatrix& W, const Preprocessing& components, bool bias,
                      BlockCyclicMatrix& of_features) {
  const Index n = components.features();
  const auto U_transposed = [&](Index i, Index j) {
    return components.rotation[static_cast<std::size_t>(j + i * n)];
  };
  multiply_inputs(W, components.inputs(), n, bias, U_transposed, of_features);
}

void initialise_in_components(Network& network, const Dataset& data, InitScheme scheme, Index seed,
                              double deviation) {
  Topology first = network.topology();
  first.widths = {data.preprocessing.features(), first.width(1)};
  Network of_features(network.grid(), first, network.unit_block());
  of_features.initialise(scheme, seed, deviation);
  if (scheme == InitScheme::receptive_fields) initialise_receptive_fields(of_features, data, seed);
  project_inputs(of_features.W(1), data.preprocessing, first.bias, network.W(1));
}

}  // namespace admmnet
