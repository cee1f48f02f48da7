#include "proximal/hidden_z.h"

#include <cmath>
#include <string>

#include "runtime/error.h"

namespace admmnet {

static void require_hidden_step(const Activation& h) {
  ADMMNET_REQUIRE(h.kind->has_hidden_step(),
                  std::string("hidden z: ") + h.kind->name + " has no hidden z step");
}

double minimise_hidden_z(const Activation& h, double a, double m, double gamma, double beta) {
  double z = 0.0;
  minimise_hidden_z(h, 1, &a, &m, gamma, beta, &z);
  return z;
}

void minimise_hidden_z(const Activation& h, std::size_t n, const double* a, const double* m,
                       double gamma, double beta, double* z) {
  const double sum = gamma + beta;
  if (!(gamma > 0.0 && beta > 0.0 && std::isfinite(sum)))
    throw InternalError("hidden z: gamma " + std::to_string(gamma) + " and beta " +
                        std::to_string(beta) + " must be positive");
  require_hidden_step(h);
  h.kind->minimise_hidden(h.slope, {gamma / sum, beta / sum}, n, a, m, z);
}

void hidden_z_step(const Activation& h, std::size_t n, const double* z, double ratio,
                   double* delta) {
  if (!(ratio > 0.0 && std::isfinite(ratio)))
    throw InternalError("hidden z step: beta/gamma " + std::to_string(ratio) + " must be positive");
  require_hidden_step(h);
  h.kind->hidden_step(h.slope, ratio, n, z, delta);
}

}  // namespace admmnet
