#include "reference/dense.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/error.h"

namespace admmnet::reference {
namespace {

void require_same_shape(const Matrix& A, const Matrix& B) {
  ADMMNET_REQUIRE(A.rows == B.rows && A.cols == B.cols, "reference: the matrices differ in shape");
}

/// y += factor x for two columns of length n.
void axpy(Index n, double factor, const double* x, double* y) {
  for (Index i = 0; i < n; ++i) y[i] += factor * x[i];
}

}  // namespace

Matrix::Matrix(Index number_of_rows, Index number_of_cols, double value)
    : rows(number_of_rows),
      cols(number_of_cols),
      values(static_cast<std::size_t>(number_of_rows * number_of_cols), value) {}

Matrix operator*(const Matrix& A, const Matrix& B) {
  ADMMNET_REQUIRE(A.cols == B.rows, "reference: a product's inner sizes differ");
  Matrix C(A.rows, B.cols);
  const Index panel = 64;  // columns of A that stay in cache while all of B's columns go by
  for (Index k_begin = 0; k_begin < A.cols; k_begin += panel) {
    const Index k_end = std::min(A.cols, k_begin + panel);
    for (Index j = 0; j < B.cols; ++j) {
      for (Index k = k_begin; k < k_end; ++k) axpy(A.rows, B(k, j), &A(0, k), &C(0, j));
    }
  }
  return C;
}

Matrix operator*(double factor, const Matrix& A) {
  Matrix result = A;
  for (double& value : result.values) value *= factor;
  return result;
}

Matrix operator+(const Matrix& A, const Matrix& B) {
  require_same_shape(A, B);
  Matrix result = A;
  for (std::size_t i = 0; i < A.values.size(); ++i) result.values[i] += B.values[i];
  return result;
}

Matrix operator-(const Matrix& A, const Matrix& B) {
  return A + (-1.0) * B;
}

Matrix transposed(const Matrix& A) {
  Matrix result(A.cols, A.rows);
  for (Index j = 0; j < A.cols; ++j) {
    for (Index i = 0; i < A.rows; ++i) result(j, i) = A(i, j);
  }
  return result;
}

double trace(const Matrix& A) {
  double sum = 0.0;
  for (Index i = 0; i < std::min(A.rows, A.cols); ++i) sum += A(i, i);
  return sum;
}

double max_abs(const Matrix& A) {
  double largest = 0.0;
  for (double value : A.values) {
    if (std::isnan(value)) return value;  // std::max would go on without it
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

double squared_norm(const Matrix& A) {
  double sum = 0.0;
  for (double value : A.values) sum += value * value;
  return sum;
}

Matrix plus_diagonal(const Matrix& A, double value) {
  Matrix result = A;
  for (Index i = 0; i < A.rows; ++i) result(i, i) += value;
  return result;
}

Matrix columns(const Matrix& A, Index begin, Index end) {
  Matrix result(A.rows, end - begin);
  std::copy(A.values.begin() + begin * A.rows, A.values.begin() + end * A.rows,
            result.values.begin());
  return result;
}

Matrix first_rows(const Matrix& A, Index count) {
  Matrix result(count, A.cols);
  for (Index j = 0; j < A.cols; ++j) {
    for (Index i = 0; i < count; ++i) result(i, j) = A(i, j);
  }
  return result;
}

Cholesky::Cholesky(const Matrix& G) : factor_(G.rows, G.rows) {
  ADMMNET_REQUIRE(G.rows == G.cols, "reference: Cholesky of a matrix that is not square");
  const Index n = G.rows;
  Matrix& C = factor_;
  for (Index j = 0; j < n; ++j) {
    for (Index i = j; i < n; ++i) C(i, j) = G(i, j);
    for (Index k = 0; k < j; ++k) axpy(n - j, -C(j, k), &C(j, k), &C(j, j));
    if (!(C(j, j) > 0.0)) {
      throw NumericalBreakdown("reference: Cholesky pivot " + std::to_string(j) + " of " +
                               std::to_string(n) + " is not positive");
    }
    const double pivot = std::sqrt(C(j, j));
    for (Index i = j; i < n; ++i) C(i, j) /= pivot;
  }
}

Matrix Cholesky::right_solve(const Matrix& R) const {
  const Matrix& C = factor_;
  ADMMNET_REQUIRE(R.cols == C.rows,
                  "reference: right-hand side and Cholesky factor differ in size");
  Matrix X = R;
  for (Index j = 0; j < C.rows; ++j) {  // Y C^T = R
    for (Index k = 0; k < j; ++k) axpy(X.rows, -C(j, k), &X(0, k), &X(0, j));
    for (Index i = 0; i < X.rows; ++i) X(i, j) /= C(j, j);
  }
  for (Index j = C.rows - 1; j >= 0; --j) {  // X C = Y
    for (Index k = j + 1; k < C.rows; ++k) axpy(X.rows, -C(k, j), &X(0, k), &X(0, j));
    for (Index i = 0; i < X.rows; ++i) X(i, j) /= C(j, j);
  }
  return X;
}

Matrix Cholesky::left_solve(const Matrix& R) const {
  return transposed(right_solve(transposed(R)));
}

}  // namespace admmnet::reference
