#include "linalg/local_blas.h"

#include <algorithm>

#include "linalg/products.h"
#include "linalg/scalapack.h"

namespace admmnet {

static constexpr Index kLeastSingle = 64;
static Precision precision_of_products = Precision::full;

void set_product_precision(Precision precision) {
  precision_of_products = precision;
}

FullPrecision::FullPrecision() : before_(precision_of_products) {
  precision_of_products = Precision::full;
}

bool in_single(Index m, Index n, Index k) {
  return precision_of_products == Precision::single && std::min({m, n, k}) >= kLeastSingle;
}

double single_entries(Index m, Index k, Index n) {
  return in_single(m, n, k) ? 0.5 * static_cast<double>(m * k + k * n + m * n) : 0.0;
}

const float* rounded(const double* A, Index rows, Index cols, Index lda, Scratch<float>& copy) {
  float* to = copy.of_size(rows * cols);
  for (Index j = 0; j < cols; ++j)
    for (Index i = 0; i < rows; ++i) to[i + j * rows] = static_cast<float>(A[i + j * lda]);
  return to;
}

void add_single(const float* P, Index rows, Index cols, double beta, double* C, Index ldc,
                bool lower) {
  for (Index j = 0; j < cols; ++j) {
    const float* from = P + j * rows;
    double* to = C + j * ldc;
    const Index first = lower ? j : 0;
    if (beta == 0.0)  // C may hold anything
      for (Index i = first; i < rows; ++i) to[i] = from[i];
    else
      for (Index i = first; i < rows; ++i) to[i] = from[i] + beta * to[i];
  }
}

static int leading(Index rows) {
  return static_cast<int>(std::max<Index>(1, rows));
}

void local_gemm(const char* op_A, const char* op_B, Index m, Index n, Index k, double alpha,
                const double* A, Index lda, const double* B, Index ldb, double beta, double* C,
                Index ldc) {
  if (m == 0 || n == 0) return;
  const int mi = static_cast<int>(m), ni = static_cast<int>(n), ki = static_cast<int>(k);
  if (!in_single(m, n, k)) {
    const int la = leading(lda), lb = leading(ldb), lc = leading(ldc);
    dgemm_(op_A, op_B, &mi, &ni, &ki, &alpha, A, &la, B, &lb, &beta, C, &lc);
    return;
  }
  static Scratch<float> a, b, c;
  const Index rows_A = *op_A == 'N' ? m : k, rows_B = *op_B == 'N' ? k : n;
  const float* A_single = rounded(A, rows_A, *op_A == 'N' ? k : m, lda, a);
  const float* B_single = rounded(B, rows_B, *op_B == 'N' ? n : k, ldb, b);
  const float factor = static_cast<float>(alpha), zero = 0.0F;
  const int la = leading(rows_A), lb = leading(rows_B);
  sgemm_(op_A, op_B, &mi, &ni, &ki, &factor, A_single, &la, B_single, &lb, &zero, c.of_size(m * n),
         &mi);
  add_single(c.data(), m, n, beta, C, ldc, false);
}

void local_syrk(const char* op, Index n, Index k, double alpha, const double* A, Index lda,
                double beta, double* C, Index ldc) {
  if (n == 0) return;
  const int ni = static_cast<int>(n), ki = static_cast<int>(k);
  if (!in_single(n, n, k)) {
    const int la = leading(lda), lc = leading(ldc);
    dsyrk_("L", op, &ni, &ki, &alpha, A, &la, &beta, C, &lc);
    return;
  }
  static Scratch<float> a, c;
  const Index rows_A = *op == 'N' ? n : k;
  const float* A_single = rounded(A, rows_A, *op == 'N' ? k : n, lda, a);
  const float factor = static_cast<float>(alpha), zero = 0.0F;
  const int la = leading(rows_A);
  ssyrk_("L", op, &ni, &ki, &factor, A_single, &la, &zero, c.of_size(n * n), &ni);
  add_single(c.data(), n, n, beta, C, ldc, true);
}

}  // namespace admmnet
