#include <cmath>

#include "network/forward.h"
#include "network/objective.h"

namespace admmnet {

void Objective::draw_curvature(const OutputColumns& z, const Targets& targets,
                               const CounterRandom& random, Index first, OutputColumns& v) const {
  for (Index j = 0; j < v.count(); ++j)
    for (Index i = 0; i < v.outputs(); ++i)
      v.column(j)[i] = (random.words(i, first + v.global_column(j))[0] & 1U) != 0U ? 1.0 : -1.0;
  apply_curvature(z, targets, v);
  for (Index j = 0; j < v.count(); ++j)
    for (Index i = 0; i < v.outputs(); ++i) {
      double& entry = v.column(j)[i];
      entry = std::copysign(std::sqrt(std::abs(entry)), entry);
    }
}

}  // namespace admmnet
