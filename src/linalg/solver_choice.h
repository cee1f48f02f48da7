/// Which solver of the menu a weight problem gets, by counted flops. Pure arithmetic.
#pragma once

#include <string>

#include "config/options.h"

namespace admmnet {

/// The system of one layer: min |T - W A|^2 + shifts, W: targets x inputs.
struct WeightProblem {
  Index inputs = 0, targets = 0;
  Index samples = 0;  ///< columns of A where the sweep has them at hand; 0: only A A^T is known
  double refreshes = 1.0;   ///< how often A changes, a solve: 1 always, 0.5 every other, 0 never
  double shift = 0.0;       ///< least shift of an entry, relative to the mean diagonal of A A^T
  bool diagonal = false;    ///< A A^T is: cholesky is a division
  bool all_shifted = true;  ///< no entry is without shift while others have one
  double entries = 0.0;     ///< of a sparse A: what works on all of its values is no way, and cg
                            ///< goes without A A^T; 0: A is dense
  double inner = 0.0;       ///< of a sparse A: flops of A^T A of a block
};

/// Flops of a solve by each way that applies; infinity where one does not.
///   cholesky  refreshes (N n (n+1) + n^3/3) + 2 n m N + 2 n^2 m; without samples the terms in N
///             fall away, since the sweep forms both sums whatever the solver; with a diagonal
///             A A^T n m are left of n^3/3 and 2 n^2 m
///   dual      N n (N+1) + N^3/3 + 2 m N^2 + 2 n m N, for N < n
///   qr        2 (n+m)^2 (1.25 N + n)        (sample_factor.h)
///   svd       qr, or refreshes 20 n^3 without samples, and 20 n^3 + 4 n^2 m
///   cg        as cholesky with, for n^3/3 + 2 n^2 m, the bound on its steps times 2 n^2 m:
///             steps <= 1/2 sqrt(n/shift + 1) ln(2 10^12), because cond <= n/shift + 1; with a
///             sparse A 4 m entries a step, and no sum
struct SolverFlops {
  double cholesky, qr, svd, dual, cg;
};
SolverFlops solver_flops(const WeightProblem& problem);

struct SolverChoice {
  WeightSolver solver = WeightSolver::cholesky;
  bool diagonal = false;  ///< of the problem
  std::string reason;     ///< for the log: "cholesky (1.2e+09 flops a solve; dual 3e+10)"
};

/// The cheapest exact way, or the one asked for. qr and svd are never the cheapest: they are for
/// ill-conditioned and rank-deficient problems, and are taken only when asked for, or as fallbacks.
SolverChoice choose_solver(WeightSolver asked, const WeightProblem& problem);

}  // namespace admmnet
