/// Exact minimiser of max_j (1 - [j=y] + z_j) - z_y + (beta/2) |z - v|^2 for one column.
///
/// With Delta_j = 1 - [j=y] and u = v + e_y/beta + Delta, sorting u gives the level tau with
/// sum_j max(u_j - tau, 0) = 1/beta, and z = min(u, tau) - Delta. (The dual subproblem of Crammer
/// and Singer, JMLR 2 (2001) 265, has the same form and the same solution by sorting.)
///
/// tau is the mean of u over the k entries above it, less 1/(beta k). When y is among them the two
/// terms in 1/beta cancel; here they cancel on paper, so a small beta costs no digits.
#pragma once

#include <vector>

#include "runtime/types.h"

namespace admmnet {

class CrammerSingerProx {
 public:
  /// outputs >= 2, beta > 0.
  CrammerSingerProx(Index outputs, double beta);
  /// v, z: `outputs` finite numbers; z may be v. outputs log2(outputs) comparisons.
  void minimise(const double* v, int label, double* z);

 private:
  Index outputs_;
  double reach_;                ///< 1/beta
  std::vector<double> rivals_;  ///< v_j + 1 for j != y, in descending order
};

}  // namespace admmnet
