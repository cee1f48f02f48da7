#include "network/forward.h"

#include <algorithm>
#include <string>

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "linalg/whole_columns.h"
#include "proximal/activation_functions.h"
#include "runtime/error.h"

namespace admmnet {

ForwardPass::ForwardPass(const Network& network, Index widest, std::size_t kept)
    : activation_(network.topology().activation),
      weights_(static_cast<std::size_t>(network.layers())),
      hidden_(std::max<std::size_t>(1, kept)),
      output_(network.make_sample_like(network.topology().outputs(), widest)) {
  const Topology& topology = network.topology();
  const auto same_width = [&](int l) {
    int other = kept > 0 ? l : 1;
    while (topology.width(other) != topology.width(l)) ++other;
    return other;
  };
  for (int l = 1; l < topology.layers(); ++l) {
    const int other = same_width(l);
    places_.push_back(other < l ? place(other) : a_.size());
    if (other < l) continue;
    for (auto& z : hidden_) z.push_back(network.make_sample_like(topology.width(l), widest));
    a_.push_back(network.make_sample_like(topology.extended(l), widest));
  }
}

void ForwardPass::use(const Network& network) {
  for (int l = 1; l <= layers(); ++l) use(network, l);
}

void ForwardPass::use(const Network& network, int l) {
  weights_[static_cast<std::size_t>(l - 1)].assign(network.W(l));
}

void ForwardPass::run(const SampleOperand& inputs) {
  run_hidden(inputs);
  run_output();
}

void ForwardPass::run_hidden(const SampleOperand& inputs, std::size_t panel) {
  ADMMNET_REQUIRE(inputs.col_block() == output_.col_block() && inputs.cols() <= output_.capacity(),
                  "ForwardPass: a panel of " + std::to_string(inputs.cols()) +
                      " columns that the buffers were not made for");
  ADMMNET_REQUIRE(panel < hidden_.size(),
                  "ForwardPass: no place for panel " + std::to_string(panel));
  inputs_ = inputs;
  panel_ = panel;
  for (int l = 1; l < layers(); ++l) {
    z(l).set_cols(inputs.cols());
    apply(weights_[static_cast<std::size_t>(l - 1)], a(l - 1), z(l));
    set_activation(l);
  }
}

void ForwardPass::run_output() {
  output_.set_cols(inputs_.cols());
  apply(weights_.back(), a(layers() - 1), output_);
}

void ForwardPass::recall(const SampleOperand& inputs, std::size_t panel) {
  inputs_ = inputs;
  panel_ = panel;
  for (int l = 1; l < layers(); ++l) set_activation(l);
}

void ForwardPass::set_activation(int l) {
  BlockCyclicMatrix& a = a_[place(l)];
  a.set_cols(z(l).cols());
  activate_extended(activation_, z(l), a);
}

void activate_extended(const Activation& h, const BlockCyclicMatrix& z, BlockCyclicMatrix& a) {
  const Index units = z.local_rows();
  const bool ones = a.local_rows() > units;  // this rank holds the last row, the ones
  account_for_entries(z, 3.0);
  in_parts(a.local_cols(), a.local_cols() * units, [&](Index first, Index last) {
    for (Index j = first; j < last; ++j) {
      activate(h, static_cast<std::size_t>(units), z.column(j), a.column(j));
      if (ones) a.at(units, j) = 1.0;
    }
  });
}

OutputColumns::OutputColumns(const ProcessGrid& grid, Index outputs, Index widest)
    : samples_(grid.sample_grid(), outputs, widest, outputs, slab_width(widest, grid.size())) {}

void OutputColumns::take(const BlockCyclicMatrix& m) {
  samples_.set_cols(m.cols());
  move_columns(m, samples_);
}

void OutputColumns::give(BlockCyclicMatrix& m) const {
  move_columns(samples_, m);
}

void OutputColumns::account_for_entries(double seconds) const {
  samples_.grid().account({Verb::outputs, samples_.rows(), 0, samples_.cols(), 0, seconds});
}

}  // namespace admmnet
