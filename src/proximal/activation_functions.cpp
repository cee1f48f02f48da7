#include "proximal/activation_functions.h"

namespace admmnet {

void activate(const Activation& h, std::size_t n, const double* z, double* a) {
  with_activation(h, [=](auto function) {
    for (std::size_t i = 0; i < n; ++i) a[i] = function(z[i]);
  });
}

}  // namespace admmnet
