/// Values of the activations h that activation.h names.
///
/// Each kind is also a function object, so that a loop over entries is compiled for one kind alone:
/// with_activation() chooses the object once, outside the loop. NaN in, NaN out, for all of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "proximal/activation.h"
#include "runtime/error.h"

namespace admmnet {

/// max(z, 0)
struct Relu {
  double operator()(double z) const { return std::max(z, 0.0); }
};

/// max(z, slope z), 0 < slope < 1
struct LeakyRelu {
  double slope;
  double operator()(double z) const {
    const double scaled = slope * z;
    return z < 0.0 ? scaled : z;
  }
};

/// clip(z, low, high): hard_sigmoid is Clip{0, 1}, hard_tanh is Clip{-1, 1}.
struct Clip {
  double low, high;
  double operator()(double z) const { return std::min(std::max(z, low), high); }
};

/// f(Relu{}), f(LeakyRelu{slope}) or f(Clip{low, high}), whichever h names; returns what f returns.
/// Errors: InternalError if the slope of leaky_relu is not in (0, 1).
template <class Function>
auto with_activation(const Activation& h, Function&& f) {
  switch (h.kind) {
    case ActivationKind::relu:
      return f(Relu{});
    case ActivationKind::leaky_relu:
      if (!(h.slope > 0.0 && h.slope < 1.0))
        throw InternalError("leaky_relu: slope " + std::to_string(h.slope) + " is not in (0, 1)");
      return f(LeakyRelu{h.slope});
    case ActivationKind::hard_sigmoid:
      return f(Clip{0.0, 1.0});
    case ActivationKind::hard_tanh:
      return f(Clip{-1.0, 1.0});
  }
  throw InternalError("activation kind " + std::to_string(static_cast<int>(h.kind)) +
                      " is unknown");
}

/// h(z) of one number. For many, use the array form below.
inline double activate(const Activation& h, double z) {
  return with_activation(h, [z](auto function) { return function(z); });
}

/// a[i] = h(z[i]), i < n. a may be z; no other overlap.
void activate(const Activation& h, std::size_t n, const double* z, double* a);

}  // namespace admmnet
