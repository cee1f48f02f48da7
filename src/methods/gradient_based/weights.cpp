#include "methods/gradient_based/weights.h"

namespace admmnet {

double inner_product(const Network& x, const Network& y) {
  double sum = 0.0;
  for (int l = 1; l <= x.layers(); ++l) {
    const BlockCyclicMatrix &a = x.W(l), &b = y.W(l);
    account_for_entries(a, 2.0);
    for (Index j = 0; j < a.local_cols(); ++j)
      sum += inner_product(a.column(j), b.column(j), a.local_rows());
  }
  return x.grid().sum(sum);
}

Network zeros_like(const Network& network) {
  return {network.grid(), network.topology(), network.unit_block()};
}

}  // namespace admmnet
