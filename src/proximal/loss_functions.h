/// The losses l(z, y) of loss.h for one column: value, targets, classification, subdifferential.
///
/// z has `outputs` entries. `label` is the class, 0 <= label < outputs; with one output it is 0 or
/// 1 and is y itself. multiclass_hinge and softmax compare outputs, so they need at least two.
/// Errors of every function here that takes a loss: InternalError for a label out of its range, for
/// outputs < 1, and for one output with a loss that compares outputs.
#pragma once

#include "proximal/loss.h"
#include "runtime/types.h"

namespace admmnet {

/// The entry T(row, column) of the coded targets: one-hot, or y itself with one output.
inline double target(Index outputs, Index row, int label) {
  return outputs == 1 ? label : (row == label ? 1.0 : 0.0);
}

/// l(z, y), formulas in loss.h. NaN in z gives NaN.
double loss_value(Loss loss, Index outputs, const double* z, int label);

/// s (`outputs` entries, may be z) := an element of the subdifferential of l(., y) at z, the
/// gradient where there is one. NaN in z gives NaN in s.
void loss_gradient(Loss loss, Index outputs, const double* z, int label, double* s);

/// The class of a column: the row of the largest entry, the first on a tie; with one output 1 if
/// z >= 1/2, else 0, for every loss (0/1 coding).
int classify(Index outputs, const double* z);

/// Whether s (`outputs` entries) lies in the subdifferential of l(., y) at z, within an absolute
/// tolerance: there are z' and s' in dl(z') with |z - z'| <= tolerance and |s - s'| <= tolerance in
/// every entry, z' differing from z only where z is near a kink; the sum of the entries of s, where
/// it is fixed, within outputs * tolerance. False for NaN.
///   squared            s = z - T
///   hinge, y_i = 1     s_i = -1 for z_i < 1, in [-1, 0] at z_i = 1, 0 above
///   hinge, y_i = 0     s_i = 0 for z_i < 0, in [0, 1] at z_i = 0, 1 above
///   multiclass_hinge   s = p - e_y, p >= 0, sum p = 1, p_j = 0 unless 1 - [j=y] + z_j is largest
///   softmax            s = softmax(z) - e_y
/// An output step with multiplier, lambda += beta (z_L - m), leaves -lambda in dl(z_L).
bool in_loss_subdifferential(Loss loss, Index outputs, const double* z, int label, const double* s,
                             double tolerance);

/// The precondition stated above, for the rest of the room.
void check_loss_arguments(Loss loss, Index outputs, int label);

}  // namespace admmnet
