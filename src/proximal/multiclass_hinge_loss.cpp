/// max_j (1 - [j=y] + z_j) - z_y, of Crammer and Singer.
#include "proximal/crammer_singer_prox.h"
#include "proximal/loss_functions.h"
#include "proximal/loss_parts.h"
#include "proximal/output_step.h"

namespace admmnet {
namespace {

double value(Index outputs, const double* z, int label) {
  return largest_of(outputs, [=](Index j) { return margin(j, label) + z[j]; }) - z[label];
}

/// s = e_j - e_y, j the first of the largest 1 - [j=y] + z_j
void gradient(Index outputs, const double* z, int label, double* s) {
  Index largest = 0;
  for (Index j = 1; j < outputs; ++j)
    if (margin(j, label) + z[j] > margin(largest, label) + z[largest]) largest = j;
  for (Index j = 0; j < outputs; ++j)  // NaN stays
    s[j] = (j == largest ? 1.0 : 0.0) - target(outputs, j, label) + 0.0 * z[j];
}

void minimise(const OutputStep& step) {
  step.minimise_with(CrammerSingerProx(step.outputs, step.beta));
}

bool in_subdifferential(Index outputs, const double* z, int label, const double* s,
                        double tolerance) {
  const double largest = largest_of(outputs, [=](Index j) { return margin(j, label) + z[j]; });
  if (std::isnan(largest)) return false;
  double sum = 0.0;
  for (Index j = 0; j < outputs; ++j) {
    const double p = s[j] + 1.0 - margin(j, label);
    // Both the largest entry and this one may be off by the tolerance.
    const bool active = margin(j, label) + z[j] >= largest - 2.0 * tolerance;
    if (!within(p, -tolerance, (active ? 1.0 : 0.0) + tolerance)) return false;
    sum += p;
  }
  return near(sum, 1.0, static_cast<double>(outputs) * tolerance);
}

}  // namespace

constexpr LossFunctions multiclass_hinge_loss{
    "multiclass_hinge", true, false, 5e-8, value, gradient, minimise, in_subdifferential};

}  // namespace admmnet
