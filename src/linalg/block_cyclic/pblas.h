/// Products, Cholesky factors and solves by PBLAS and ScaLAPACK, in the precision that is set. Used
/// inside linalg/ only; collective on the grid of the operands.
#pragma once

#include "linalg/layout.h"
#include "linalg/pricing.h"
#include "linalg/sample_operand.h"

namespace admmnet {

/// C := alpha op(A) op(B) + beta C on the leading m x k, k x n and m x n parts (p?gemm).
void multiply(Transpose op_A, Transpose op_B, Index m, Index n, Index k, double alpha,
              const SampleOperand& A, const SampleOperand& B, double beta, BlockCyclicMatrix& C);
/// G := alpha H H^T + beta G, lower triangle (p?syrk).
void multiply_gram(double alpha, const SampleOperand& H, double beta, BlockCyclicMatrix& G);
/// K := alpha H^T H, lower triangle (p?syrk).
void multiply_inner(double alpha, const SampleOperand& H, BlockCyclicMatrix& K);

/// L L^T = A in place, lower triangle (p?potrf). Returns 0, or the order of the leading minor that
/// is not positive definite.
int pblas_factor(BlockCyclicMatrix& A);
/// B := B (L L^T)^-1, and B := (L L^T)^-1 B for the leading `cols` columns (p?trsm). A B in other
/// blocks than L moves to L's and back (p?gemr2d). Where the factor's solves are in float, L and B
/// are rounded, and what comes out is right for L L^T with a relative error of about 1e-6.
void pblas_solve_right(CholeskyFactor& factor, BlockCyclicMatrix& B);
void pblas_solve_left(const BlockCyclicMatrix& L, Index cols, BlockCyclicMatrix& B);
/// What they cost; from the left, for these columns and order n.
Work pblas_solve_right_cost(const Operation& operation, const Pricing& pricing);
Work pblas_solve_left_cost(const Extent& columns, Index n, const Pricing& pricing);

/// Doubles that a call holds besides its operands: PBLAS copies panels of its logical block of both
/// operands and of the result, and what it receives of them; and the operands in float.
double pblas_entries(const Operation& operation, const Pricing& pricing);
double pblas_solve_right_entries(const Operation& operation, const Pricing& pricing);

}  // namespace admmnet
