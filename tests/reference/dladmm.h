/// dlADMM serially, as printed by Wang et al. (2019) and with exact sub-solves
/// (src/methods/dladmm/README.md). Nothing is left out or kept from one step to the next: every
/// product is formed anew, and the forward half fits W_1 again.
#pragma once

#include "reference/problem.h"

namespace admmnet::reference {

enum class DladmmOmega { none, ridge, l1 };

struct DladmmSettings {
  bool exact = true;
  double rho = 1.0, nu = 0.025;
  double ridge_first = 0.1, ridge_last = 0.01;
  Index iterations = 30;  ///< planned
  DladmmOmega omega = DladmmOmega::none;
  double weight = 0.0;  ///< omega, per sample
};

/// argmin |t - W A - b|^2 + ridge mbar |W|^2 by the centred Gram matrix, mbar its mean diagonal;
/// without biases by A A^T.
Matrix ridge_fit(const Problem& problem, const Matrix& A, const Matrix& t, double ridge);

/// One step along the gradient of phi(W) = mu/2 |W A + b - t|^2, its length by
/// src/methods/dladmm/README.md §4.2.
struct GradientStep {
  Matrix W;      ///< after the step
  Matrix G;      ///< gradient of phi at the old W, 0 at the biases
  double theta;  ///< of the step
};
GradientStep gradient_step(const Problem& problem, const DladmmSettings& settings, double mu,
                           const Matrix& W, const Matrix& A, const Matrix& t);

/// All state is public on purpose: tests compare it entry by entry.
struct Dladmm {
  Dladmm(const Problem& the_problem, const DladmmSettings& the_settings);
  void iterate();
  double objective() const;   ///< per sample, src/methods/dladmm/README.md §6
  double lagrangian() const;  ///< per sample

  Problem problem;
  DladmmSettings settings;
  Matrix T;
  Index iterations = 0;  ///< done
  Layers W, z, a;
  Matrix u;

  Matrix input(int l) const;    ///< a~_{l-1}
  Matrix product(int l) const;  ///< W~_l a~_{l-1}
  Matrix target(int l) const;   ///< z_l, or z_L + u/rho
  double penalty(int l) const { return l < problem.layers() ? settings.nu : settings.rho; }

 private:
  double ridge() const;
  void update_weights(int l, bool backward);
  void update_bias(int l);
  void update_activations(int l);
  void update_z(int l);
};

}  // namespace admmnet::reference
