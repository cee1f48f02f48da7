#include "methods/weights.h"

namespace admmnet {

double own_inner_product(const Network& x, const Network& y, const std::vector<double>* scale) {
  double sum = 0.0;
  for (int l = 1; l <= x.layers(); ++l) {
    const BlockCyclicMatrix &a = x.W(l), &b = y.W(l);
    const double factor = scale == nullptr ? 1.0 : (*scale)[static_cast<std::size_t>(l - 1)];
    account_for_entries(a, 2.0);
    for (Index j = 0; j < a.local_cols(); ++j)
      sum += factor * inner_product(a.column(j), b.column(j), a.local_rows());
  }
  return sum;
}

double inner_product(const Network& x, const Network& y) {
  return x.grid().sum(own_inner_product(x, y));
}

Network zeros_like(const Network& network) {
  return {network.grid(), network.topology(), network.unit_block()};
}

}  // namespace admmnet
