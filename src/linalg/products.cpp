#include "linalg/products.h"

#include <algorithm>
#include <string>

#include <petscsys.h>

#include "linalg/elementwise.h"
#include "linalg/local_blas.h"
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

namespace {

/// The local part of a matrix in float, with the descriptor that goes with it.
class SinglePart {
 public:
  SinglePart(const BlockCyclicMatrix& A, Scratch<float>& copy)
      : data_(copy.of_size(std::max<Index>(1, A.local_rows() * A.local_cols()))) {
    constexpr int kLeadingDimension = 8;  // its place in a descriptor
    std::copy_n(A.descriptor(), 9, descriptor_);
    descriptor_[kLeadingDimension] = static_cast<int>(std::max<Index>(1, A.local_rows()));
  }
  float* data() const { return data_; }
  const int* descriptor() const { return descriptor_; }

 private:
  float* data_;
  int descriptor_[9];
};

SinglePart rounded(const BlockCyclicMatrix& A, Scratch<float>& copy) {
  const SinglePart part(A, copy);
  rounded(A.data(), A.local_rows(), A.local_cols(), A.leading_dimension(), copy);
  return part;
}

/// C := P + beta C for the entries of the leading m x n part, its lower triangle or all of it.
void add(const SinglePart& P, Index m, Index n, double beta, BlockCyclicMatrix& C,
         Triangle triangle) {
  const Index rows = C.local_rows_below(m), cols = C.local_cols_below(n);
  for (Index j = 0; j < cols; ++j) {
    const Index first =
        triangle == Triangle::lower ? C.local_rows_below(std::min(m, C.global_col(j))) : 0;
    add_single(P.data() + first + j * C.local_rows(), rows - first, 1, beta, C.column(j) + first,
               C.leading_dimension(), false);
  }
}

}  // namespace

void multiply(Transpose op_A, Transpose op_B, Index m, Index n, Index k, double alpha,
              const BlockCyclicMatrix& A, const BlockCyclicMatrix& B, double beta,
              BlockCyclicMatrix& C) {
  if (m == 0 || n == 0) return;
  const char* a = op_A == Transpose::yes ? "T" : "N";
  const char* b = op_B == Transpose::yes ? "T" : "N";
  const int mi = static_cast<int>(m), ni = static_cast<int>(n), ki = static_cast<int>(k);
  if (!in_single(m, n, k)) {
    pdgemm_(a, b, &mi, &ni, &ki, &alpha, A.data(), &kOne, &kOne, A.descriptor(), B.data(), &kOne,
            &kOne, B.descriptor(), &beta, C.data(), &kOne, &kOne, C.descriptor());
    return;
  }
  static Scratch<float> copy_A, copy_B, copy_C;
  const SinglePart A_single = rounded(A, copy_A), B_single = rounded(B, copy_B);
  const SinglePart product(C, copy_C);
  const float factor = static_cast<float>(alpha), zero = 0.0F;
  psgemm_(a, b, &mi, &ni, &ki, &factor, A_single.data(), &kOne, &kOne, A_single.descriptor(),
          B_single.data(), &kOne, &kOne, B_single.descriptor(), &zero, product.data(), &kOne, &kOne,
          product.descriptor());
  add(product, m, n, beta, C, Triangle::full);
}

static void multiply_gram(double alpha, const BlockCyclicMatrix& H, double beta,
                          BlockCyclicMatrix& G) {
  const int n = static_cast<int>(G.rows()), k = static_cast<int>(H.cols());
  if (!in_single(G.rows(), G.rows(), H.cols())) {
    pdsyrk_("L", "N", &n, &k, &alpha, H.data(), &kOne, &kOne, H.descriptor(), &beta, G.data(),
            &kOne, &kOne, G.descriptor());
    return;
  }
  static Scratch<float> copy_H, copy_G;
  const SinglePart H_single = rounded(H, copy_H);
  const SinglePart product(G, copy_G);
  const float factor = static_cast<float>(alpha), zero = 0.0F;
  pssyrk_("L", "N", &n, &k, &factor, H_single.data(), &kOne, &kOne, H_single.descriptor(), &zero,
          product.data(), &kOne, &kOne, product.descriptor());
  add(product, G.rows(), G.cols(), beta, G, Triangle::lower);
}

void multiply_symmetric(double alpha, const BlockCyclicMatrix& A, const BlockCyclicMatrix& S,
                        BlockCyclicMatrix& C) {
  ADMMNET_REQUIRE(S.rows() == A.cols() && C.rows() == A.rows() && C.cols() == A.cols(),
                  "multiply_symmetric: " + shape(A) + " times " + shape(S) + " into " + shape(C));
  count_flops(2.0 * volume(A.rows(), A.cols(), A.cols()), A);
  const int m = static_cast<int>(A.rows()), n = static_cast<int>(A.cols());
  const double zero = 0.0;
  pdsymm_("R", "L", &m, &n, &alpha, S.data(), &kOne, &kOne, S.descriptor(), A.data(), &kOne, &kOne,
          A.descriptor(), &zero, C.data(), &kOne, &kOne, C.descriptor());
}

void apply(const UnitOperand& operand, const SampleOperand& samples, BlockCyclicMatrix& Z) {
  const BlockCyclicMatrix& H = samples.dense();
  const BlockCyclicMatrix& W = operand.matrix();
  ADMMNET_REQUIRE(W.cols() >= H.rows() && Z.rows() >= W.rows() && Z.cols() == H.cols(),
                  "apply: " + shape(W) + " times " + shape(H) + " into " + shape(Z));
  count_flops(2.0 * volume(W.rows(), H.rows(), H.cols()), H);
  if (whole_samples(H))
    local_apply(Transpose::no, W.rows(), H.rows(), 1.0, operand, H, 0.0, Z);
  else
    multiply(Transpose::no, Transpose::no, W.rows(), H.cols(), H.rows(), 1.0, W, H, 0.0, Z);
}

void apply_transposed(double alpha, const UnitOperand& operand, const BlockCyclicMatrix& D,
                      double beta, BlockCyclicMatrix& Z) {
  const BlockCyclicMatrix& X = operand.matrix();
  ADMMNET_REQUIRE(
      X.rows() == D.rows() && Z.rows() >= X.cols() && Z.cols() == D.cols(),
      "apply_transposed: " + shape(X) + " transposed times " + shape(D) + " into " + shape(Z));
  count_flops(2.0 * volume(X.cols(), X.rows(), D.cols()), D);
  if (whole_samples(D))
    local_apply(Transpose::yes, X.cols(), X.rows(), alpha, operand, D, beta, Z);
  else
    multiply(Transpose::yes, Transpose::no, X.cols(), D.cols(), X.rows(), alpha, X, D, beta, Z);
}

void accumulate_outer(double alpha, const BlockCyclicMatrix& D, const SampleOperand& samples,
                      double beta, BlockCyclicMatrix& R) {
  const BlockCyclicMatrix& H = samples.dense();
  ADMMNET_REQUIRE(
      R.rows() == D.rows() && R.cols() == H.rows() && D.cols() == H.cols(),
      "accumulate_outer: " + shape(D) + " times transposed " + shape(H) + " into " + shape(R));
  if (whole_samples(H)) {
    local_outer(Triangle::full, alpha, D, H, beta, R);
    return;
  }
  count_flops(2.0 * volume(R.rows(), R.cols(), H.cols()), H);
  multiply(Transpose::no, Transpose::yes, R.rows(), R.cols(), H.cols(), alpha, D, H, beta, R);
}

void accumulate_gram(double alpha, const SampleOperand& samples, double beta,
                     BlockCyclicMatrix& G) {
  const BlockCyclicMatrix& H = samples.dense();
  ADMMNET_REQUIRE(G.rows() == H.rows() && G.cols() == H.rows(),
                  "accumulate_gram: " + shape(H) + " into " + shape(G));
  if (whole_samples(H)) {
    local_outer(Triangle::lower, alpha, H, H, beta, G);
    return;
  }
  count_flops(volume(G.rows(), G.rows() + 1, H.cols()), H);
  multiply_gram(alpha, H, beta, G);
}

double sum_of_squares(const SampleOperand& H) {
  return sum_of_squares(H.dense(), H.cols());
}

double sum_of_squares(const BlockCyclicMatrix& A, Index cols) {
  double sum = 0.0;
  const Index local_cols = A.local_cols_below(cols);
  for (Index j = 0; j < local_cols; ++j) sum += sum_of_squares(A.column(j), A.local_rows());
  return sum_over(A.grid().comm(), sum);
}

double inner_product(const BlockCyclicMatrix& A, const BlockCyclicMatrix& B) {
  ADMMNET_REQUIRE(A.local_rows() == B.local_rows() && A.local_cols() == B.local_cols(),
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
