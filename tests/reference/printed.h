/// The sweep as printed by Taylor et al. (2016), in the 1/2 convention, serially
/// (src/methods/taylor/README.md §4).
///
///   E = l(z_L) + <lambda, z_L or z_L - W_L a_{L-1}> + sum_l beta_l/2 |z_l - W_l a~_{l-1}|^2
///       + sum_{l<L} gamma_l/2 |a_l - h(z_l)|^2
#pragma once

#include <vector>

#include "methods/taylor/options.h"
#include "reference/problem.h"

namespace admmnet::reference {

struct PrintedParameters {
  std::vector<double> beta;   ///< beta_1..beta_L
  std::vector<double> gamma;  ///< gamma_1..gamma_{L-1}
  Multiplier multiplier = Multiplier::output;
  Index warmup = 10;    ///< iterations before the multiplier moves
  double ridge = 1e-6;  ///< relative to the mean Gram diagonal, bias included

  /// The same beta and gamma in every layer.
  static PrintedParameters uniform(const Problem& problem, double beta, double gamma);
};

/// (beta W'^T W' + gamma I)^{-1} (beta W'^T r + gamma h): the activations as printed. r = t_{l+1} -
/// b.
Matrix printed_activations(const Matrix& W_without_bias, const Matrix& r, const Matrix& h,
                           double beta, double gamma);

/// All state is public on purpose: tests compare it entry by entry.
struct Printed {
  Printed(const Problem& the_problem, const PrintedParameters& the_parameters);
  void iterate();
  /// E without the multiplier's term.
  double objective() const;

  Problem problem;
  PrintedParameters parameters;
  Matrix T;              ///< targets, n_L x N
  Index iterations = 0;  ///< iterations done
  Layers W;
  Layers z;       ///< z_1..z_L
  Layers a;       ///< a_1..a_{L-1}
  Matrix lambda;  ///< n_L x N

 private:
  void start_from_random_numbers();
  void start_from_weights();
  Matrix layer_input(int l) const;
  Matrix layer_target(int l) const;
  void update_activations();
  void update_weights();
  void update_pre_activations();
  double beta(int l) const { return parameters.beta[static_cast<std::size_t>(l) - 1]; }
  double gamma(int l) const { return parameters.gamma[static_cast<std::size_t>(l) - 1]; }
};

}  // namespace admmnet::reference
