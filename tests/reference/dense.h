/// Plain dense matrices for the serial reference implementation.
///
/// The room `tests/reference` is the method written down once more, serially and as close to the
/// formulas as C++ allows, so that the distributed program has something independent to agree with.
/// It shares no code with src/linalg, src/proximal or src/methods, only enumerations and
/// runtime/random.h (for the same initial numbers). What may not enter: MPI, PETSc, BLAS,
/// cleverness.
///
/// Symbols. Columns are samples. L layers, widths n_0..n_L. W_l stands for [W_l b_l], n_l x
/// (n_{l-1}+1) with biases and n_l x n_{l-1} without. Vectors indexed by layer have L+1 entries and
/// start at l = 1; entry 0 is empty.
#pragma once

#include <vector>

#include "runtime/types.h"

namespace admmnet::reference {

/// A column-major matrix of doubles.
struct Matrix {
  Index rows = 0;
  Index cols = 0;
  std::vector<double> values;

  Matrix() = default;
  Matrix(Index number_of_rows, Index number_of_cols, double value = 0.0);
  double& operator()(Index i, Index j) { return values[static_cast<std::size_t>(i + j * rows)]; }
  const double& operator()(Index i, Index j) const {
    return values[static_cast<std::size_t>(i + j * rows)];
  }
  bool empty() const { return values.empty(); }
};

/// One matrix a layer, l = 1..L; entry 0 is empty.
using Layers = std::vector<Matrix>;

Matrix operator*(const Matrix& A, const Matrix& B);  ///< A B; 2 rows(A) cols(A) cols(B) flops
Matrix operator*(double factor, const Matrix& A);
Matrix operator+(const Matrix& A, const Matrix& B);
Matrix operator-(const Matrix& A, const Matrix& B);
Matrix transposed(const Matrix& A);

double trace(const Matrix& A);
double max_abs(const Matrix& A);       ///< NaN if an entry is
double squared_norm(const Matrix& A);  ///< Frobenius norm, squared

/// A + value I, A square.
Matrix plus_diagonal(const Matrix& A, double value);
/// Columns begin..end-1.
Matrix columns(const Matrix& A, Index begin, Index end);
/// The first `count` rows: C of [C; 1].
Matrix first_rows(const Matrix& A, Index count);

/// G = C C^T with C lower triangular. Throws NumericalBreakdown if a pivot is not positive.
class Cholesky {
 public:
  Cholesky() = default;
  explicit Cholesky(const Matrix& G);
  Matrix right_solve(const Matrix& R) const;  ///< R G^{-1}
  Matrix left_solve(const Matrix& R) const;   ///< G^{-1} R

 private:
  Matrix factor_;
};

}  // namespace admmnet::reference
