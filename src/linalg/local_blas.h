/// Products of local arrays, column-major, in the precision that is set. Used inside linalg/ only.
#pragma once

#include "linalg/layout.h"

namespace admmnet {

/// C := alpha op(A) op(B) + beta C;  op(A): m x k, op(B): k x n.  op is "N" or "T". `A_single`: A
/// rounded, where it is already, in columns of `lda_single` entries.
void local_gemm(const char* op_A, const char* op_B, Index m, Index n, Index k, double alpha,
                const double* A, Index lda, const double* B, Index ldb, double beta, double* C,
                Index ldc, const float* A_single = nullptr, Index lda_single = 0);

/// C := alpha op(A) op(A)^T + beta C, lower triangle.  op(A): n x k.  op is "N" or "T".
void local_syrk(const char* op, Index n, Index k, double alpha, const double* A, Index lda,
                double beta, double* C, Index ldc);

/// Whether a product with these dimensions on this rank is formed in float; with `keeps_A`, A being
/// rounded already, also one of few columns.
bool in_single(Index m, Index n, Index k, bool keeps_A = false);

/// Whether a solve from the right with this factor, or as this operation says, is in float.
bool solves_in_single(const CholeskyFactor& factor, Index sides);
bool solves_in_single(const Operation& solve_right);

/// Doubles' room that the factors and the result of such a product take in float; 0 in double.
double single_entries(Index m, Index k, Index n, bool keeps_A = false);

/// Doubles' room of a layer matrix that is kept in float for its products; 0 in double.
double single_layer_entries(Index rows, Index cols);

/// A, rows x cols, rounded to float and without gaps between the columns.
const float* rounded(const double* A, Index rows, Index cols, Index lda, Scratch<float>& copy);

/// C := P + beta C, where P is rows x cols without gaps; with `lower` its lower triangle only.
void add_single(const float* P, Index rows, Index cols, double beta, double* C, Index ldc,
                bool lower);

}  // namespace admmnet
