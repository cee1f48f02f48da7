/// Products of local arrays, column-major, in the precision that is set. Used inside linalg/ only.
#pragma once

#include "linalg/layout.h"
#include "linalg/sample_operand.h"

namespace admmnet {

/// A local array, column-major. Does not own it.
template <class Real>
struct Columns {
  const Real* entries = nullptr;
  Index leading_dimension = 0;
};

/// A factor of a local product: in double, in float (samples that are stored so), or in both.
struct LocalOperand {
  LocalOperand(const double* entries, Index leading_dimension)
      : in_double{entries, leading_dimension} {}
  explicit LocalOperand(Columns<float> single) : in_float(single) {}

  /// The part from a row and a column on.
  LocalOperand from(Index row, Index col) const {
    LocalOperand part = *this;
    if (in_double.entries) part.in_double.entries += row + col * in_double.leading_dimension;
    if (in_float.entries) part.in_float.entries += row + col * in_float.leading_dimension;
    return part;
  }

  Columns<double> in_double;
  Columns<float> in_float;
};

/// What this rank has of dense samples, from local row `first` on.
LocalOperand local_part(const SampleOperand& H, Index first = 0);

/// C := alpha op(A) op(B) + beta C;  op(A): m x k, op(B): k x n.  op is "N" or "T". A factor in
/// float is not rounded once more, and in double it is widened.
void local_gemm(const char* op_A, const char* op_B, Index m, Index n, Index k, double alpha,
                const LocalOperand& A, const LocalOperand& B, double beta, double* C, Index ldc);

/// C := alpha op(A) op(A)^T + beta C, lower triangle.  op(A): n x k.  op is "N" or "T".
void local_syrk(const char* op, Index n, Index k, double alpha, const LocalOperand& A, double beta,
                double* C, Index ldc);

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

/// Whether samples that are stored in float are multiplied so, whatever the dimensions.
bool in_single(const SampleOperand& H);

/// A, rows x cols, rounded to float and without gaps between the columns.
const float* rounded(const double* A, Index rows, Index cols, Index lda, Scratch<float>& copy);

/// C := P + beta C, where P is rows x cols without gaps; with `lower` its lower triangle only.
void add_single(const float* P, Index rows, Index cols, double beta, double* C, Index ldc,
                bool lower);

}  // namespace admmnet
