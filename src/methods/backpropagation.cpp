#include "methods/backpropagation.h"

#include "linalg/elementwise.h"
#include "linalg/products.h"
#include "proximal/activation_functions.h"
#include "runtime/heartbeat.h"

namespace admmnet {

Backpropagation::Backpropagation(const Network& network, Index widest)
    : forward_(network, widest, 1), output_(network.grid(), network.topology().outputs(), widest) {
  sums_.reserve(static_cast<std::size_t>(network.layers()));
  for (int l = 1; l <= network.layers(); ++l) {
    delta_.push_back(network.make_sample_like(network.topology().width(l), widest));
    sums_.emplace_back(Triangle::full);
  }
}

Evaluation Backpropagation::run(const Network& network,
                                const std::vector<const SamplePanel*>& panels, Network& g,
                                const Objective* trained) {
  const Objective& objective = trained != nullptr ? *trained : network.objective();
  const int L = network.layers();
  forward_.use(network);
  Index samples = 0;
  for (const SamplePanel* panel : panels) samples += panel->count;
  for (int l = 1; l <= L; ++l) sum(l).begin(g.W(l));
  MetricSums seen;
  double f = 0.0;
  for (const SamplePanel* panel : panels) {
    // z_l = W~_l a~_{l-1},  a_l = h(z_l)
    forward_.run(panel->a());
    output_.take(forward_.z(L));
    network.objective().add(output_, panel->targets, seen);
    // delta_L = dl/dz_L
    f += objective.to_gradient(panel->targets, output_);
    delta(L).set_cols(panel->count);
    output_.give(delta(L));
    pass_back(network, 1.0 / static_cast<double>(samples));
    beat("gradient");
  }
  std::vector<OuterSum*> sums;
  for (OuterSum& sum : sums_) sums.push_back(&sum);
  OuterSum::finish(sums);
  double all[4] = {f, seen.loss, seen.score, seen.samples};
  network.grid().sum(all, 4);
  return {all[0] / static_cast<double>(samples), {all[1], all[2], all[3]}};
}

void differentiate(const Activation& h, const BlockCyclicMatrix& z, BlockCyclicMatrix& delta) {
  account_for_entries(delta, 3.0);
  const auto units = static_cast<std::size_t>(delta.local_rows());
  in_parts(delta.local_cols(), delta.local_cols() * delta.local_rows(),
           [&](Index first, Index last) {
             for (Index j = first; j < last; ++j)
               backpropagate(h, units, z.column(j), delta.column(j));
           });
}

void Backpropagation::pass_back(const Network& network, double weight) {
  for (int l = network.layers(); l >= 1; --l) {
    // g_l = 1/n sum delta_l a~_{l-1}^T
    sum(l).add(weight, delta(l), forward_.a(l - 1));
    if (l == 1) break;
    // delta_{l-1} = h'(z_{l-1}) W_l^T delta_l
    delta(l - 1).set_cols(delta(l).cols());
    apply_transposed(1.0, forward_.weights(l), delta(l), 0.0, delta(l - 1));
    differentiate(network.topology().activation, forward_.z(l - 1), delta(l - 1));
  }
}

}  // namespace admmnet
