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
  return factor.condition == Condition::moderate &&
         in_single(sides, factor.order(), factor.order());
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

LocalOperand local_part(const SampleOperand& H, Index first) {
  if (const SingleSamples* single = H.in_float())
    return LocalOperand({single->data() + first, single->leading_dimension()});
  const BlockCyclicMatrix& all = *H.in_double();
  return {all.data() + first, all.leading_dimension()};
}

bool in_single(const SampleOperand& H) {
  return precision_of_products == Precision::single && H.in_float() != nullptr;
}

/// A factor of rows x cols in float.
static Columns<float> single_of(const LocalOperand& A, Index rows, Index cols,
                                Scratch<float>& copy) {
  if (A.in_float.entries != nullptr) return A.in_float;
  return {rounded(A.in_double.entries, rows, cols, A.in_double.leading_dimension, copy), rows};
}

/// The same in double.
static Columns<double> double_of(const LocalOperand& A, Index rows, Index cols,
                                 Scratch<double>& copy) {
  if (A.in_double.entries != nullptr || rows == 0 || cols == 0) return A.in_double;
  double* to = copy.of_size(rows * cols);
  for (Index j = 0; j < cols; ++j)
    std::copy_n(A.in_float.entries + j * A.in_float.leading_dimension, rows, to + j * rows);
  return {to, rows};
}

static void gemm_in_double(const char* op_A, const char* op_B, Index m, Index n, Index k,
                           double alpha, const LocalOperand& A, const LocalOperand& B, double beta,
                           double* C, Index ldc) {
  static Scratch<double> a, b;
  const bool plain_A = *op_A == 'N', plain_B = *op_B == 'N';
  const Columns<double> left = double_of(A, plain_A ? m : k, plain_A ? k : m, a);
  const Columns<double> right = double_of(B, plain_B ? k : n, plain_B ? n : k, b);
  const int mi = static_cast<int>(m), ni = static_cast<int>(n), ki = static_cast<int>(k),
            la = leading(left.leading_dimension), lb = leading(right.leading_dimension),
            lc = leading(ldc);
  dgemm_(op_A, op_B, &mi, &ni, &ki, &alpha, left.entries, &la, right.entries, &lb, &beta, C, &lc);
}

/// Whether a product is in float: where one factor is already, in any case.
static bool goes_in_single(const LocalOperand& A, const LocalOperand& B, Index m, Index n,
                           Index k) {
  const bool any = A.in_float.entries != nullptr || B.in_float.entries != nullptr;
  return in_single(m, n, k) || (any && precision_of_products == Precision::single);
}

void local_gemm(const char* op_A, const char* op_B, Index m, Index n, Index k, double alpha,
                const LocalOperand& A, const LocalOperand& B, double beta, double* C, Index ldc) {
  if (m == 0 || n == 0) return;
  if (!goes_in_single(A, B, m, n, k))
    return gemm_in_double(op_A, op_B, m, n, k, alpha, A, B, beta, C, ldc);
  static Scratch<float> a, b, c;
  const bool plain_A = *op_A == 'N', plain_B = *op_B == 'N';
  const Columns<float> left = single_of(A, plain_A ? m : k, plain_A ? k : m, a);
  const float factor = static_cast<float>(alpha), zero = 0.0F;
  const Index step = columns_at_once(m, n);
  for (Index first = 0; first < n; first += step) {
    const Index width = std::min(step, n - first);
    const Columns<float> right = single_of(B.from(plain_B ? 0 : first, plain_B ? first : 0),
                                           plain_B ? k : width, plain_B ? width : k, b);
    const int mi = static_cast<int>(m), wi = static_cast<int>(width), ki = static_cast<int>(k),
              la = leading(left.leading_dimension), lb = leading(right.leading_dimension);
    sgemm_(op_A, op_B, &mi, &wi, &ki, &factor, left.entries, &la, right.entries, &lb, &zero,
           c.of_size(m * step), &mi);
    add_single(c.data(), m, width, beta, C + first * ldc, ldc, false);
  }
}

void local_syrk(const char* op, Index n, Index k, double alpha, const LocalOperand& A, double beta,
                double* C, Index ldc) {
  if (n == 0) return;
  const int ni = static_cast<int>(n), ki = static_cast<int>(k);
  const Index rows = *op == 'N' ? n : k, cols = *op == 'N' ? k : n;
  if (!goes_in_single(A, A, n, n, k)) {
    static Scratch<double> a;
    const Columns<double> factor = double_of(A, rows, cols, a);
    const int la = leading(factor.leading_dimension), lc = leading(ldc);
    dsyrk_("L", op, &ni, &ki, &alpha, factor.entries, &la, &beta, C, &lc);
    return;
  }
  static Scratch<float> a, c;
  const Columns<float> factor = single_of(A, rows, cols, a);
  const float scale = static_cast<float>(alpha), zero = 0.0F;
  const int la = leading(factor.leading_dimension);
  ssyrk_("L", op, &ni, &ki, &scale, factor.entries, &la, &zero, c.of_size(n * n), &ni);
  add_single(c.data(), n, n, beta, C, ldc, true);
}

}  // namespace admmnet
