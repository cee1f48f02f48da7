#include "linalg/products.h"

#include <algorithm>
#include <string>

#include <petscsys.h>

#include "linalg/local_samples.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {

static const int kOne = 1;

/// Adds to PETSc's flop counter, each rank its share: -log_view and the summary read it.
static void count_flops(double flops, const BlockCyclicMatrix& A) {
  PetscLogFlops(flops / A.grid().size());
}

static double volume(Index m, Index n, Index k) {
  return static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
}

static bool whole_samples(const BlockCyclicMatrix& A) {
  return A.grid().rows() == 1;
}

static std::string shape(const BlockCyclicMatrix& A) {
  return std::to_string(A.rows()) + " x " + std::to_string(A.cols());
}

void multiply(Transpose op_A, Transpose op_B, Index m, Index n, Index k, double alpha,
              const BlockCyclicMatrix& A, const BlockCyclicMatrix& B, double beta,
              BlockCyclicMatrix& C) {
  if (m == 0 || n == 0) return;
  const char* a = op_A == Transpose::yes ? "T" : "N";
  const char* b = op_B == Transpose::yes ? "T" : "N";
  const int mi = static_cast<int>(m), ni = static_cast<int>(n), ki = static_cast<int>(k);
  pdgemm_(a, b, &mi, &ni, &ki, &alpha, A.data(), &kOne, &kOne, A.descriptor(), B.data(), &kOne,
          &kOne, B.descriptor(), &beta, C.data(), &kOne, &kOne, C.descriptor());
}

void multiply_symmetric(double alpha, const BlockCyclicMatrix& A, const BlockCyclicMatrix& S,
                        BlockCyclicMatrix& C) {
  require(S.rows() == A.cols() && C.rows() == A.rows() && C.cols() == A.cols(),
          "multiply_symmetric: " + shape(A) + " times " + shape(S) + " into " + shape(C));
  count_flops(2.0 * volume(A.rows(), A.cols(), A.cols()), A);
  const int m = static_cast<int>(A.rows()), n = static_cast<int>(A.cols());
  const double zero = 0.0;
  pdsymm_("R", "L", &m, &n, &alpha, S.data(), &kOne, &kOne, S.descriptor(), A.data(), &kOne, &kOne,
          A.descriptor(), &zero, C.data(), &kOne, &kOne, C.descriptor());
}

void apply(const BlockCyclicMatrix& W, const BlockCyclicMatrix& H, BlockCyclicMatrix& Z) {
  require(W.cols() >= H.rows() && Z.rows() >= W.rows() && Z.cols() == H.cols(),
          "apply: " + shape(W) + " times " + shape(H) + " into " + shape(Z));
  count_flops(2.0 * volume(W.rows(), H.rows(), H.cols()), H);
  if (whole_samples(H))
    local_apply(Transpose::no, W.rows(), H.rows(), 1.0, W, H, 0.0, Z);
  else
    multiply(Transpose::no, Transpose::no, W.rows(), H.cols(), H.rows(), 1.0, W, H, 0.0, Z);
}

void apply_transposed(double alpha, const BlockCyclicMatrix& X, const BlockCyclicMatrix& D,
                      double beta, BlockCyclicMatrix& Z) {
  require(X.rows() == D.rows() && Z.rows() >= X.cols() && Z.cols() == D.cols(),
          "apply_transposed: " + shape(X) + " transposed times " + shape(D) + " into " + shape(Z));
  count_flops(2.0 * volume(X.cols(), X.rows(), D.cols()), D);
  if (whole_samples(D))
    local_apply(Transpose::yes, X.cols(), X.rows(), alpha, X, D, beta, Z);
  else
    multiply(Transpose::yes, Transpose::no, X.cols(), D.cols(), X.rows(), alpha, X, D, beta, Z);
}

void accumulate_outer(double alpha, const BlockCyclicMatrix& D, const BlockCyclicMatrix& H,
                      double beta, BlockCyclicMatrix& R) {
  require(R.rows() == D.rows() && R.cols() == H.rows() && D.cols() == H.cols(),
          "accumulate_outer: " + shape(D) + " times transposed " + shape(H) + " into " + shape(R));
  count_flops(2.0 * volume(R.rows(), R.cols(), H.cols()), H);
  if (whole_samples(H))
    local_outer(Triangle::full, alpha, D, H, beta, R);
  else
    multiply(Transpose::no, Transpose::yes, R.rows(), R.cols(), H.cols(), alpha, D, H, beta, R);
}

void accumulate_gram(double alpha, const BlockCyclicMatrix& H, double beta, BlockCyclicMatrix& G) {
  require(G.rows() == H.rows() && G.cols() == H.rows(),
          "accumulate_gram: " + shape(H) + " into " + shape(G));
  count_flops(volume(G.rows(), G.rows() + 1, H.cols()), H);
  if (whole_samples(H)) {
    local_outer(Triangle::lower, alpha, H, H, beta, G);
    return;
  }
  const int n = static_cast<int>(G.rows()), k = static_cast<int>(H.cols());
  pdsyrk_("L", "N", &n, &k, &alpha, H.data(), &kOne, &kOne, H.descriptor(), &beta, G.data(), &kOne,
          &kOne, G.descriptor());
}

double sum_of_squares(const BlockCyclicMatrix& A, Index cols) {
  double sum = 0.0;
  const Index local_cols = A.local_cols_below(cols);
  for (Index j = 0; j < local_cols; ++j)
    for (Index i = 0; i < A.local_rows(); ++i) sum += A.at(i, j) * A.at(i, j);
  return sum_over(A.grid().comm(), sum);
}

double inner_product(const BlockCyclicMatrix& A, const BlockCyclicMatrix& B) {
  require(A.local_rows() == B.local_rows() && A.local_cols() == B.local_cols(),
          "inner_product: " + shape(A) + " and " + shape(B));
  double sum = 0.0;
  for (Index j = 0; j < A.local_cols(); ++j)
    for (Index i = 0; i < A.local_rows(); ++i) sum += A.at(i, j) * B.at(i, j);
  return sum_over(A.grid().comm(), sum);
}

double trace(const BlockCyclicMatrix& A) {
  double sum = 0.0;
  for_each_diagonal(A, [&](Index, double entry) { sum += entry; });
  return sum_over(A.grid().comm(), sum);
}

}  // namespace admmnet
