#include "minimal_flops.h"

#include <algorithm>

namespace admmnet::bench {

/// The targets of `columns` columns through an m x n matrix W: W W^T + eps I or W^T W + eps I,
/// whichever is smaller, its factor, and solves for the rows of W or for the columns, whichever are
/// fewer.
static double correction(double m, double n, double columns) {
  const double small = std::min(m, n), large = std::max(m, n);
  return small * small * large + small * small * small / 3.0 +
         2.0 * small * small * std::min(large, columns);
}

MinimalFlops minimal_flops(const Topology& topology, Index samples, const Options& options) {
  const int L = topology.layers();
  const auto n = [&](int l) { return static_cast<double>(topology.width(l)); };
  const TaylorOptions& admm = taylor_options(options);
  const bool printed = admm.sweep == Sweep::printed, full = admm.sweep == Sweep::full;
  const Index blocks = printed || full ? 1 : admm.blocks.value();
  // How often a pass does each, and which share of the samples enters the hidden Gram matrices.
  const double solves = static_cast<double>(blocks);
  const double every = full || printed ? 1.0 : static_cast<double>(admm.gram_every.value());
  const double grams = printed || full ? 1.0 : solves / every;
  const double columns = static_cast<double>(samples) / solves;

  MinimalFlops result;
  double per_sample = 0.0;
  for (int l = 1; l <= L; ++l) {
    per_sample += 4.0 * n(l) * n(l - 1);  // forward or output, and S_l
    if (l > 1) per_sample += n(l - 1) * n(l - 1) / every;
    if (l < L) per_sample += (printed ? 4.0 : 2.0) * n(l) * n(l + 1);
    const double factors = l > 1 ? grams : full ? 1.0 : 0.0;
    result.cubic += factors * n(l - 1) * n(l - 1) * n(l - 1) / 3.0;
    result.cubic += solves * 2.0 * n(l) * n(l - 1) * n(l - 1);
    if (l < L) result.cubic += solves * correction(n(l + 1), n(l), columns);
  }
  result.products = per_sample * static_cast<double>(samples);
  return result;
}

}  // namespace admmnet::bench
