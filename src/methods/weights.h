/// All weights of a network as one vector.
#pragma once

#include <vector>

#include "linalg/elementwise.h"
#include "network/network.h"

namespace admmnet {

/// f(entry of x, matching entries of others...) for every weight and bias of this rank; networks of
/// one topology. Not collective.
template <class F, class First, class... Others>
void for_each_weight(F&& f, First& x, Others&... others) {
  for (int l = 1; l <= x.layers(); ++l) for_each_entry_in_parts(f, x.W(l), others.W(l)...);
}

/// sum_l scale_l <x_l, y_l> over the entries of this rank; without a scale that of <x, y>. Not
/// collective.
double own_inner_product(const Network& x, const Network& y,
                         const std::vector<double>* scale = nullptr);

/// <x, y>. Collective.
double inner_product(const Network& x, const Network& y);

/// Zeros, of the shape of `network`. Collective.
Network zeros_like(const Network& network);

}  // namespace admmnet
