/// Values of the activations h that activation.h names. NaN in, NaN out, for all of them.
/// Errors: InternalError if the slope of leaky_relu is not in (0, 1).
#pragma once

#include <cstddef>

#include "proximal/activation.h"

namespace admmnet {

/// a[i] = h(z[i]), i < n. a may be z; no other overlap.
inline void activate(const Activation& h, std::size_t n, const double* z, double* a) {
  h.kind->activate(h.slope, n, z, a);
}

/// delta[i] := h'(z[i]) delta[i], i < n; where h has a kink, the derivative from the left.
inline void backpropagate(const Activation& h, std::size_t n, const double* z, double* delta) {
  h.kind->backpropagate(h.slope, n, z, delta);
}

/// h(z) of one number, for tests: a call costs more than the value. For many, use the array form.
inline double activate(const Activation& h, double z) {
  activate(h, 1, &z, &z);
  return z;
}

}  // namespace admmnet
