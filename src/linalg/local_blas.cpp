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

bool in_single(Index m, Index n, Index k, bool keeps_A) {
  constexpr Index kLeastColumns = 16;
  return precision_of_products == Precision::single && std::min(m, k) >= kLeastSingle &&
         n >= (keeps_A ? kLeastColumns : kLeastSingle);
}

bool solves_in_single(const CholeskyFactor& factor, Index sides) {
  return factor.solves == Precision::single && in_single(sides, factor.order(), factor.order());
}

bool solves_in_single(const Operation& o) {
  return o.weight == 1.0 && in_single(o.m, o.k, o.k);
}

/// Columns of a result of m rows that are multiplied and added at a time: of a large one so many
/// that the product does not feel it, which a cache holds in between.
static Index columns_at_once(Index m, Index n) {
  constexpr Index kLargest = Index{1} << 20, kColumns = 512;
  return m * n <= kLargest ? n : std::min(n, kColumns);
}

double single_entries(Index m, Index k, Index n, bool keeps_A) {
  if (!in_single(m, n, k, keeps_A)) return 0.0;
  return 0.5 * static_cast<double>((keeps_A ? 0 : m * k) + (k + m) * columns_at_once(m, n));
}

double single_layer_entries(Index rows, Index cols) {
  return in_single(rows, cols, kLeastSingle) ? 0.5 * static_cast<double>(rows * cols) : 0.0;
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
                Index ldc, const float* A_single, Index lda_single) {
  if (m == 0 || n == 0) return;
  const int mi = static_cast<int>(m), ki = static_cast<int>(k);
  if (A_single == nullptr && !in_single(m, n, k)) {
    const int ni = static_cast<int>(n), la = leading(lda), lb = leading(ldb), lc = leading(ldc);
    dgemm_(op_A, op_B, &mi, &ni, &ki, &alpha, A, &la, B, &lb, &beta, C, &lc);
    return;
  }
  static Scratch<float> a, b, c;
  const bool plain_A = *op_A == 'N', plain_B = *op_B == 'N';
  if (A_single == nullptr) {
    lda_single = plain_A ? m : k;
    A_single = rounded(A, lda_single, plain_A ? k : m, lda, a);
  }
  const float factor = static_cast<float>(alpha), zero = 0.0F;
  const Index step = columns_at_once(m, n);
  for (Index first = 0; first < n; first += step) {
    const Index width = std::min(step, n - first), rows_B = plain_B ? k : width;
    const float* B_single =
        rounded(B + (plain_B ? first * ldb : first), rows_B, plain_B ? width : k, ldb, b);
    const int wi = static_cast<int>(width), la = leading(lda_single), lb = leading(rows_B);
    sgemm_(op_A, op_B, &mi, &wi, &ki, &factor, A_single, &la, B_single, &lb, &zero,
           c.of_size(m * step), &mi);
    add_single(c.data(), m, width, beta, C + first * ldc, ldc, false);
  }
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
