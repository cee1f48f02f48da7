/// The z problem of the output layer: for every column, exactly,
///
///     z = argmin_z  l(z, y) + (beta/2) |z - v|^2,   v = m - lambda/beta,   m = W_L a_{L-1}
///
/// for the losses of loss.h (Taylor et al., ICML 2016, in the half convention; the square is
/// completed over the multiplier). The minimiser is unique, and beta (v - z) lies in dl(z).
///   squared            z = (T + beta v) / (1 + beta)
///   hinge              y_i = 1: max(v, min(1, v + 1/beta));  y_i = 0: min(v, max(0, v - 1/beta))
///   multiclass_hinge   by sorting the column, crammer_singer_prox.h
///   softmax            by Newton or a scalar root, softmax_prox.h
#pragma once

#include "proximal/loss.h"
#include "proximal/loss_functions.h"
#include "runtime/types.h"

namespace admmnet {

/// v, z: outputs x columns, column-major, leading dimensions ldv, ldz >= outputs; labels: the class
/// of each column (with one output 0 or 1, y itself). z may be v, with ldz = ldv; no other overlap.
/// beta > 0. One workspace of a few columns a call. Leading flops a column: squared and hinge
/// 3 outputs, multiclass_hinge outputs log outputs, softmax 3 to 10 exponentials an output.
/// A column of multiclass_hinge or softmax with an entry that is not finite becomes NaN; the other
/// losses go entry by entry, NaN to NaN. (output_step.h has the loop.)
/// Errors: InternalError for beta <= 0, a leading dimension below outputs, and those of
/// loss_functions.h.
void minimise_output_z(Loss loss, Index outputs, Index columns, const double* v, Index ldv,
                       const int* labels, double beta, double* z, Index ldz);

}  // namespace admmnet
