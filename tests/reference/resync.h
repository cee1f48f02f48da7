/// What the two forms of the re-synchronised sweep share: residual targets and the weight step.
///
/// Formulas: src/methods/taylor/README.md §5, in the 1/2 convention.
#pragma once

#include "reference/problem.h"

namespace admmnet::reference {

/// P = W'^T (W' W'^T + kappa s I)^{-1}, s = tr(W' W'^T) / n_{l+1}: n_l x n_{l+1}. W' = W_{l+1}
/// without its bias column.
Matrix output_side_solve(const Matrix& W_without_bias, double kappa);

/// D_l for l = 1..L. D_L is given. Downwards, delta = P D_{l+1} is what the layer above asks for,
/// a = h(z_l) + delta, and D_l(i,j) = argmin_z 1/2 (a - h(z))^2 + b/2 (z - z_l)^2, minus z_l;
/// b = beta_l / gamma_l. along_ray: delta = tau t, t = W'^T D_{l+1}, tau = |t_S|^2 / (|W' t_S|^2 +
/// kappa s |t_S|^2), over every max(1, min(8, columns/32))-th column.
Layers residual_targets(const Problem& problem, const Layers& W, const Forward& pass,
                        const Matrix& D_L, double kappa, double b, bool along_ray = false);

/// Delta = (R - ridge mbar(G) W I') H^{-1}, H = G + ridge mbar(G) I' + p mbar(G) I: the proximal
/// step from W towards the least-squares weights of z + D. R = sum D h~^T, G = sum h~ h~^T.
Matrix weight_step(const Problem& problem, const Matrix& R, const Matrix& W, const Matrix& G,
                   const Cholesky& H, double ridge);

}  // namespace admmnet::reference
