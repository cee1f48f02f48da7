/// What an iteration of each sweep has to cost: the independent count that measured flops are
/// compared with.
///
/// Products of the samples (src/methods/taylor/README.md §9), without biases, per sample:
///   forward, l < L      2 n_l n_{l-1}          Gram of a_{l-1}, l >= 2   n_{l-1}^2
///   S_l, l <= L         2 n_l n_{l-1}          output W_L a_{L-1}        2 n_L n_{L-1}
///   correction, l < L   2 n_l n_{l+1}
/// The printed sweep also needs W_{l+1} h_l, l < L: its z_{l+1} are no forward pass.
/// Cubic terms for every time that they are needed: a factor n^3/3, its use 2 n_l n_{l-1}^2, and a
/// correction's factor and solves. The factor of the input's Gram matrix is formed once in
/// blocks and as printed; in full batch its ridge changes with every iteration.
#pragma once

#include "config/options.h"
#include "methods/taylor/parameters.h"
#include "network/network.h"

namespace admmnet::bench {

struct MinimalFlops {
  double products = 0.0;  ///< with samples
  double cubic = 0.0;
  double total() const { return products + cubic; }
};

MinimalFlops minimal_flops(const Topology& topology, Index samples, const Options& options);

}  // namespace admmnet::bench
