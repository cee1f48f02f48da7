#include "proximal/loss_functions.h"

#include <algorithm>
#include <string>

#include "runtime/error.h"

namespace admmnet {

void check_loss_arguments(Loss loss, Index outputs, int label) {
  if (!loss->takes_classes())
    throw InternalError("loss " + std::string(loss->name) + ": it is of real targets alone");
  if (outputs < (loss->compares_outputs ? 2 : 1))
    throw InternalError("loss " + std::string(loss->name) + ": " + std::to_string(outputs) +
                        " outputs; losses that compare outputs need 2, the others 1");
  const Index classes = std::max<Index>(outputs, 2);
  if (label < 0 || label >= classes)
    throw InternalError("loss: label " + std::to_string(label) +
                        " is not one of the classes 0 to " + std::to_string(classes - 1));
}

double loss_value(Loss loss, Index outputs, const double* z, int label) {
  check_loss_arguments(loss, outputs, label);
  return loss->value(outputs, z, label);
}

void loss_gradient(Loss loss, Index outputs, const double* z, int label, double* s) {
  check_loss_arguments(loss, outputs, label);
  loss->gradient(outputs, z, label, s);
}

int classify(Index outputs, const double* z) {
  if (outputs == 1) return z[0] >= 0.5 ? 1 : 0;
  return static_cast<int>(std::max_element(z, z + outputs) - z);
}

bool in_loss_subdifferential(Loss loss, Index outputs, const double* z, int label, const double* s,
                             double tolerance) {
  check_loss_arguments(loss, outputs, label);
  return loss->in_subdifferential(outputs, z, label, s, tolerance);
}

}  // namespace admmnet
