#include "methods/pdadmm/coupling.h"

#include "linalg/elementwise.h"

namespace admmnet {

Coupling::Coupling(const Network& network, int l, Index samples)
    : q(network.make_sample_like(network.topology().width(l), samples)),
      p(network.make_sample_like(network.topology().extended(l), samples)),
      u(network.make_sample_like(network.topology().width(l), samples)) {
  const Index units = network.topology().width(l);
  p.fill([&](Index i, Index) { return i < units ? 0.0 : 1.0; });
}

void copy_leading_rows(const BlockCyclicMatrix& source, BlockCyclicMatrix& target) {
  if (source.rows() <= target.rows())
    for_each_entry([](double from, double& to) { to = from; }, source, target);
  else
    for_each_entry([](double& to, double from) { to = from; }, target, source);
}

}  // namespace admmnet
