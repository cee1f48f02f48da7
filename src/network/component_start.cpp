#include "network/component_start.h"

#include <cmath>
#include <numeric>
#include <vector>

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

/// D_j^2 = |r_j|^2, and 1 for the bias; where components are not whitened all of them are 1.
static std::vector<double> squares_of_columns(const Preprocessing& components) {
  const auto n = components.features();
  std::vector<double> squares(static_cast<std::size_t>(components.inputs()) + 1, 1.0);
  for (Index j = 0; components.has_whitened_components() && j < components.inputs(); ++j) {
    const double* r = components.rotation.data() + j * n;
    squares[static_cast<std::size_t>(j)] = std::inner_product(r, r + n, r, 0.0);
  }
  return squares;
}

void project_inputs(const BlockCyclicMatrix& of_features, const Preprocessing& components,
                    bool bias, BlockCyclicMatrix& W) {
  const Index n = components.features();
  const std::vector<double> squares = squares_of_columns(components);
  const auto U_over_D = [&](Index i, Index j) {
    return components.rotation[static_cast<std::size_t>(i + j * n)] /
           squares[static_cast<std::size_t>(j)];
  };
  multiply_inputs(of_features, n, components.inputs(), bias, U_over_D, W);
}

void unproject_inputs(const BlockCyclicMatrix& W, const Preprocessing& components, bool bias,
                      BlockCyclicMatrix& of_features) {
  const Index n = components.features();
  const auto R_transposed = [&](Index i, Index j) {
    return components.rotation[static_cast<std::size_t>(j + i * n)];
  };
  multiply_inputs(W, components.inputs(), n, bias, R_transposed, of_features);
}

void initialise_in_components(Network& network, const Dataset& data, InitScheme scheme, Index seed,
                              double deviation) {
  Topology first = network.topology();
  first.widths = {data.preprocessing.features(), first.width(1)};
  Network of_features(network.grid(), first, network.unit_block());
  of_features.initialise(scheme, seed, deviation);
  if (scheme == InitScheme::receptive_fields) initialise_receptive_fields(of_features, data, seed);
  BlockCyclicMatrix& W = network.W(1);
  project_inputs(of_features.W(1), data.preprocessing, first.bias, W);
  // W U, the start for the features after ZCA, from W U D^-1
  const std::vector<double> squares = squares_of_columns(data.preprocessing);
  for (Index j = 0; j < W.local_cols(); ++j)
    for (Index i = 0; i < W.local_rows(); ++i)
      W.at(i, j) *= std::sqrt(squares[static_cast<std::size_t>(W.global_col(j))]);
}

}  // namespace admmnet
