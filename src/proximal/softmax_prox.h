/// Exact minimiser of log sum_j exp(z_j) - z_y + (beta/2) |z - v|^2 for one column.
///
/// The optimum satisfies beta (z - v) + p - e_y = 0 with p = softmax(z). Two solvers for it:
///
/// Newton, for beta >= 1e-2, in d = z - v. The Hessian diag(beta + p) - p p' is inverted by Sherman
/// and Morrison; steps are halved until the objective falls sufficiently (Armijo). 2 to 9 steps of
/// one exponential an entry.
///
/// A scalar root, for smaller beta and whenever Newton fails. With s = log sum exp(z), every entry
/// but the label's follows from s alone: p_j = beta w_j, z_j = v_j - w_j, and
/// w_j = omega(v_j - s - ln beta), omega Wright's function; and the label's deficit q = 1 - p_y
/// solves q/beta - ln(1 - q) = s - v_y. What remains is F(s) = sum_{j != y} w_j - q/beta = 0, a
/// convex decreasing function: Newton from a point left of the root rises to it monotonically, so
/// it cannot fail. At s_0 = max(v_y, max_{j != y} v_j - 1/beta) some p_j is 1, hence F >= 0. Using
/// q instead of p_y keeps the full accuracy when beta is tiny and the label's p_y is almost 1.
///
/// The result satisfies the optimality condition to about 1e-14 (few outputs; 1e-13 for a thousand)
/// plus (1 + beta) eps max|v|, which is what rounding z costs by itself.
#pragma once

#include <vector>

#include "runtime/types.h"

namespace admmnet {

class SoftmaxProx {
 public:
  /// outputs >= 2, beta > 0.
  SoftmaxProx(Index outputs, double beta);

  /// v, z: `outputs` finite numbers; z may be v.
  void minimise(const double* v, int label, double* z);

  /// The two solvers by themselves, same arguments. False: Newton failed and z is untouched.
  bool minimise_by_newton(const double* v, int label, double* z);
  void minimise_by_root(const double* v, int label, double* z);

 private:
  double objective_at_trial(const double* v, int label);
  double newton_step(int label);
  double root_residual(double s, int label, double* slope);

  std::size_t outputs_;
  double beta_;
  // Newton: d = z - v, its successor, the step between them, and p at the point evaluated last.
  // Root: w in trial_, v less its largest entry in d_.
  std::vector<double> d_, trial_, step_, p_;
};

}  // namespace admmnet
