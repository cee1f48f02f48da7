/// pdADMM of Wang, Chai, Cheng and Zhao (2020, 2022), serially (src/methods/pdadmm/README.md §2 to
/// §5). Layers are inserted into the lists where the network grows.
#pragma once

#include <vector>

#include "reference/problem.h"

namespace admmnet::reference {

struct PdadmmParameters {
  bool exact = true;  ///< else one gradient step of the best length
  double rho = 0.1, nu = 0.1;
  double ridge = 0.01;  ///< exact: relative
  double decay = 0.0;   ///< mu, else
  double zeta = 0.0;
  std::vector<Index> growth, stage_iterations;
  bool keep_output = false;
  int bits = 0;
};

/// All state is public on purpose: tests compare it entry by entry. k layers of weights take part;
/// vectors have k + 1 entries, of which entry 0 is empty.
struct Pdadmm {
  Pdadmm(const Problem& the_problem, const PdadmmParameters& the_parameters);
  void iterate();
  int depth() const { return static_cast<int>(W.size()) - 1; }
  double objective() const;   ///< F, of all samples
  double lagrangian() const;  ///< L_rho, of all samples

  Problem problem;
  PdadmmParameters parameters;
  Matrix T;
  Index iterations = 0;
  std::size_t stage = 0;
  double high = 0.0;    ///< end of the grid that p and q are rounded to
  double change = 0.0;  ///< sum |q - q before|^2 of the last iteration
  Layers W, z;          ///< 1..k
  Layers p;             ///< 1..k, p_1 = X
  Layers q, u;          ///< 1..k-1

 private:
  Matrix linear(int l) const;  ///< W_l p_l + b_l
  Matrix coded() const;
  void grow(int to);
  void update_p(int l);
  void update_weights(int l);
  void update_z(int l);
  double rounded(double x) const;
};

}  // namespace admmnet::reference
