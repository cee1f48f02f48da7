/// Damped Gauss-Newton steps, serially, with the Jacobian and all else as dense matrices
/// (src/methods/gauss_newton/README.md).
#pragma once

#include "reference/problem.h"

namespace admmnet::reference {

/// d z_L / d W at one column x: outputs x weights, these in the order of as_vector (gradient.h).
Matrix jacobian(const Problem& problem, const Layers& W, const Matrix& x);

/// The Hessian of the loss by the output z, one column: squared I, softmax diag(p) - p p^T.
Matrix loss_hessian(Loss loss, const Matrix& z);

/// What an outer step knows of its columns [begin, end).
struct CurvatureModel {
  Matrix A;                  ///< 1/N_s sum J^T H J, weights x weights
  Layers G, S;               ///< the factors of each layer
  std::vector<double> c{0};  ///< c_l from l = 1 on
};
CurvatureModel curvature_model(const Problem& problem, const Layers& W, Index begin, Index end,
                               Index outer_step);

/// lambda C + the blocks S_l (x) G_l, dense: the preconditioner.
Matrix preconditioner(const CurvatureModel& model, double lambda);

struct GaussNewtonRun {
  Problem problem;
  Layers W;
  double lambda = 0.1;
  Index most = 10;  ///< iterations of conjugate gradients
  Index outer_steps = 0, rejected = 0;

  /// f and its gradient over all columns, the curvature over [begin, end).
  void outer_step(Index begin, Index end);
  double loss() const;
};

}  // namespace admmnet::reference
