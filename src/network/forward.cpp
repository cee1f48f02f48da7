#include "network/forward.h"

#include <string>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "proximal/activation_functions.h"
#include "runtime/error.h"

namespace admmnet {

ForwardPass::ForwardPass(const Network& network, Index widest) {
  const Topology& topology = network.topology();
  for (int l = 1; l <= topology.layers(); ++l) {
    z_.push_back(network.make_sample_like(topology.width(l), widest));
    if (l < topology.layers()) a_.push_back(network.make_sample_like(topology.extended(l), widest));
  }
}

void ForwardPass::run(const Network& network, const BlockCyclicMatrix& inputs) {
  require(inputs.col_block() == z(1).col_block() && inputs.cols() <= z(1).capacity(),
          "ForwardPass: a panel of " + std::to_string(inputs.cols()) +
              " columns that the buffers were not made for");
  inputs_ = &inputs;
  const Topology& topology = network.topology();
  for (int l = 1; l <= topology.layers(); ++l) {
    z(l).set_cols(inputs.cols());
    apply(network.W(l), a(l - 1), z(l));
    if (l == topology.layers()) break;
    BlockCyclicMatrix& activation = a_[static_cast<std::size_t>(l - 1)];
    activation.set_cols(inputs.cols());
    activate_extended(topology.activation, z(l), activation);
  }
}

void activate_extended(const Activation& h, const BlockCyclicMatrix& z, BlockCyclicMatrix& a) {
  const Index units = z.local_rows();
  const bool ones = a.local_rows() > units;  // this rank holds the last row, the ones
  for (Index j = 0; j < a.local_cols(); ++j) {
    activate(h, static_cast<std::size_t>(units), z.column(j), a.column(j));
    if (ones) a.at(units, j) = 1.0;
  }
}

OutputColumns::OutputColumns(const ProcessGrid& grid, Index outputs, Index widest)
    : samples_(grid.sample_grid(), outputs, widest, outputs, slab_width(widest, grid.size())) {}

// On a 1 x P grid the two layouts coincide, and nothing has to be sent.
void OutputColumns::take(const BlockCyclicMatrix& m) {
  samples_.set_cols(m.cols());
  if (m.grid().rows() == 1)
    for_each_entry([](double& own, double entry) { own = entry; }, samples_, m);
  else
    redistribute(m, samples_);
}

void OutputColumns::give(BlockCyclicMatrix& m) const {
  if (m.grid().rows() == 1)
    for_each_entry([](double& entry, double own) { entry = own; }, m, samples_);
  else
    redistribute(samples_, m);
}

}  // namespace admmnet
