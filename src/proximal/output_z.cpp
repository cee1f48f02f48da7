#include "proximal/output_z.h"

#include <cmath>
#include <string>

#include "proximal/output_step.h"
#include "runtime/error.h"

namespace admmnet {

// NOLINTNEXTLINE(readability-non-const-parameter): the step writes to z
void minimise_output_z(Loss loss, Index outputs, Index columns, const double* v, Index ldv,
                       const int* labels, double beta, double* z, Index ldz) {
  if (!(beta > 0.0 && std::isfinite(beta)))
    throw InternalError("output z: beta " + std::to_string(beta) + " must be positive");
  if (ldv < outputs || ldz < outputs)
    throw InternalError("output z: leading dimensions " + std::to_string(ldv) + " and " +
                        std::to_string(ldz) + " for " + std::to_string(outputs) + " outputs");
  loss->minimise({loss, outputs, columns, v, ldv, labels, beta, z, ldz});
}

}  // namespace admmnet
