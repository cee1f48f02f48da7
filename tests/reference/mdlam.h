/// mDLAM, serially (src/methods/mdlam/README.md):
///   F = sum l(z_L) + sum_l rho/2 |z_l - W_l a_{l-1} - b_l|^2 + sum_l mu/2 |W_l|^2
///   subject to h(z_l) - eps <= a_l <= h(z_l) + eps
#pragma once

#include "reference/problem.h"

namespace admmnet::reference {

struct MdlamParameters {
  double rho = 1e-3;
  double weight_decay = 0.05;  ///< mu
  double epsilon_first = 100, epsilon_last = 1e-3, epsilon_factor = 0.5;
  bool exact_line = true;  ///< else 1 / Lipschitz constant
  bool momentum = true;
};

/// The largest eigenvalue of a symmetric matrix, by Jacobi's rotations.
double largest_eigenvalue(Matrix G);

/// All state is public on purpose: tests compare it entry by entry.
struct Mdlam {
  Mdlam(const Problem& the_problem, const MdlamParameters& the_parameters);
  void iterate();
  double objective() const;  ///< F / N

  Problem problem;
  MdlamParameters parameters;
  Matrix T;                              ///< targets, n_L x N
  Layers W;                              ///< with the bias as last column
  Layers z, a;                           ///< a_l without a row of ones
  Layers previous_W, previous_a;         ///< of the iteration before
  double epsilon;                        ///< of the next iteration
  double s = 0.0;                        ///< of Nesterov
  Index extrapolated = 0, accepted = 0;  ///< steps with momentum
  Index shortened = 0;  ///< columns that took the Lipschitz constant behind the clip

 private:
  const Matrix& input(int l) const { return l == 1 ? problem.X : a[l - 1]; }
  Matrix residual(int l, const Matrix& W_l, const Matrix& input) const;
  double phi(int l, const Matrix& W_l, const Matrix& input) const;
  Matrix weight_step(int l, const Matrix& from) const;
  Matrix activation_step(int l, const Matrix& from);
  void update_weights(int l, double omega);
  void update_bias(int l);
  void update_z(int l);
  void update_activations(int l, double omega);
  Matrix in_box(int l, const Matrix& x) const;
};

}  // namespace admmnet::reference
