/// What the minimiser of a loss works on, and the loop over its columns. For the rows of the table
/// of losses; users call output_z.h.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "proximal/loss_functions.h"
#include "runtime/types.h"

namespace admmnet {

/// The arguments of minimise_output_z, checked.
struct OutputStep {
  Loss loss;
  Index outputs, columns;
  const double* v;
  Index ldv;
  const int* labels;
  double beta;
  double* z;
  Index ldz;

  /// prox.minimise(v, label, z) for every column. Where the loss compares outputs, a column with an
  /// entry that is not finite becomes NaN instead.
  template <class Prox>
  void minimise_with(Prox&& prox) const {
    const auto is_finite = [](double x) { return std::isfinite(x); };
    const bool couples = loss->compares_outputs;
    for (Index j = 0; j < columns; ++j) {
      check_loss_arguments(loss, outputs, labels[j]);
      const double* from = v + j * ldv;
      double* to = z + j * ldz;
      if (couples && !std::all_of(from, from + outputs, is_finite))
        std::fill(to, to + outputs, std::numeric_limits<double>::quiet_NaN());
      else
        prox.minimise(from, labels[j], to);
    }
  }
};

}  // namespace admmnet
