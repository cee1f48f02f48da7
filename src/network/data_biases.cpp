#include "network/data_biases.h"

#include <vector>

#include "linalg/products.h"
#include "runtime/error.h"
#include "runtime/random.h"

namespace admmnet {

Index sample_of_bias(Index seed, Index unit, Index samples) {
  const CounterRandom random(seed, Stream::biases);
  return static_cast<Index>(random.uniform(unit, 0) * static_cast<double>(samples));
}

void initialise_biases_from_data(Network& network, const SampleSet& train, Index seed) {
  const Topology& topology = network.topology();
  if (!topology.bias || topology.layers() < 2)
    throw BadInput(
        "-init_bias data sets the biases of hidden layer 1: it needs -net_bias true and "
        "-net_hidden with one layer at least");
  BlockCyclicMatrix& W = network.W(1);
  const Index bias_col = topology.width(0);
  const Index first = W.local_cols_below(bias_col);
  const bool has_biases = W.local_cols_below(bias_col + 1) > first;
  if (has_biases)
    for (Index i = 0; i < W.local_rows(); ++i) W.at(i, first) = 0.0;

  // z_1 = w x of all samples, of which each unit takes one: whoever holds the entry puts it in.
  std::vector<double> b(static_cast<std::size_t>(W.rows()), 0.0);
  const LayerOperand weights(W);
  BlockCyclicMatrix z = network.make_sample_like(W.rows(), train.widest);
  for (const SamplePanel& panel : train.panels) {
    z.set_cols(panel.count);
    apply(weights, panel.a(), z);
    for (Index i = 0; i < z.local_rows(); ++i) {
      const Index unit = z.global_row(i);
      const Index column = sample_of_bias(seed, unit, train.samples) - panel.first;
      if (column < 0 || column >= panel.count) continue;
      const Index j = z.local_cols_below(column);
      if (z.local_cols_below(column + 1) > j) b[static_cast<std::size_t>(unit)] = -z.at(i, j);
    }
  }
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, b.data(), static_cast<int>(b.size()), MPI_DOUBLE, MPI_SUM,
                            network.grid().comm()));
  if (has_biases)
    for (Index i = 0; i < W.local_rows(); ++i)
      W.at(i, first) = b[static_cast<std::size_t>(W.global_row(i))];
}

}  // namespace admmnet
