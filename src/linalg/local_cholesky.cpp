#include "linalg/local_cholesky.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "linalg/local_blas.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {

// Both are recursions on halves: all but the blocks on the diagonal is then dgemm and dsyrk with
// long inner dimensions. OpenBLAS's own blocks are larger and its triangular kernels slower: at
// order 1000 its dtrsm and dpotrf run at 0.65 to 0.9 of dgemm, these at 0.75 to 0.95. A product
// with an inverse takes half the time of a solve with its block: at order 236 that is 0.9 of dgemm,
// where it were 0.67.

/// Where the first half ends: a multiple of the blocks.
static Index half(Index order) {
  return (order / 2 + kOnDiagonal - 1) / kOnDiagonal * kOnDiagonal;
}

int factor_whole(Index order, double* A, Index leading_dimension) {
  const int n = static_cast<int>(order), ld = static_cast<int>(leading_dimension);
  if (order <= 2 * kOnDiagonal) {
    int info = 0;
    dpotrf_("L", &n, A, &ld, &info);
    ADMMNET_REQUIRE(info >= 0, "dpotrf: argument " + std::to_string(-info) + " is wrong");
    for (Index j = 0; info == 0 && j < order; ++j)
      if (!std::isfinite(A[j * (leading_dimension + 1)])) info = static_cast<int>(j) + 1;
    return info;
  }
  const Index first = half(order);
  const WholeFactor top{A, leading_dimension, first};
  double* below = A + first;
  double* rest = A + first * (leading_dimension + 1);
  if (const int info = factor_whole(first, A, leading_dimension)) return info;
  triangular_solve("R", "T", top, order - first, below, leading_dimension);
  subtract_gram(order - first, first, below, leading_dimension, rest, leading_dimension);
  const int info = factor_whole(order - first, rest, leading_dimension);
  return info == 0 ? 0 : static_cast<int>(first) + info;
}

Index inverse_entries(Index order) {
  return (order + kOnDiagonal - 1) / kOnDiagonal * kOnDiagonal * kOnDiagonal;
}

void invert_diagonal(const WholeFactor& factor, double* inverses) {
  const int ld = static_cast<int>(kOnDiagonal);
  for (Index first = 0; first < factor.order; first += kOnDiagonal) {
    const int n = static_cast<int>(std::min(kOnDiagonal, factor.order - first));
    double* inverse = inverses + first * kOnDiagonal;
    for (Index j = 0; j < n; ++j)
      std::copy(factor.block(first + j, first + j), factor.block(first + n, first + j),
                inverse + j * (kOnDiagonal + 1));
    int info = 0;
    dtrtri_("L", "N", &n, inverse, &ld, &info);
    ADMMNET_REQUIRE(info == 0, "dtrtri: a factor with 0 on its diagonal");
  }
}

void subtract_gram(Index n, Index k, const double* A, Index lda, double* C, Index ldc) {
  const int ni = static_cast<int>(n), ki = static_cast<int>(k), la = static_cast<int>(lda),
            lc = static_cast<int>(ldc);
  const double minus = -1.0, one = 1.0;
  dsyrk_("L", "N", &ni, &ki, &minus, A, &la, &one, C, &lc);
}

template <class Real>
void subtract_product(const char* op_A, const char* op_B, Index m, Index n, Index k, const Real* A,
                      Index lda, const Real* B, Index ldb, Real* C, Index ldc) {
  if (m == 0 || n == 0 || k == 0) return;
  const int mi = static_cast<int>(m), ni = static_cast<int>(n), ki = static_cast<int>(k),
            la = static_cast<int>(lda), lb = static_cast<int>(ldb), lc = static_cast<int>(ldc);
  const Real minus = -1, one = 1;
  if constexpr (std::is_same_v<Real, float>)
    sgemm_(op_A, op_B, &mi, &ni, &ki, &minus, A, &la, B, &lb, &one, C, &lc);
  else
    dgemm_(op_A, op_B, &mi, &ni, &ki, &minus, A, &la, B, &lb, &one, C, &lc);
}
template void subtract_product(const char*, const char*, Index, Index, Index, const double*, Index,
                               const double*, Index, double*, Index);

/// The block on the diagonal, by BLAS: a product with its inverse where that is known.
template <class Real>
static void solve_on_diagonal(const char* side, const char* op, const Triangular<Real>& factor,
                              Index sides, Real* B, Index ldb) {
  const int n = static_cast<int>(factor.order), s = static_cast<int>(sides),
            ld = static_cast<int>(factor.leading_dimension), lb = static_cast<int>(ldb),
            li = static_cast<int>(kOnDiagonal);
  const bool left = *side == 'L';
  const int *rows = left ? &n : &s, *cols = left ? &s : &n;
  const Real one = 1;
  if constexpr (std::is_same_v<Real, float>) {
    if (factor.inverses != nullptr)
      strmm_(side, "L", op, "N", rows, cols, &one, factor.inverses, &li, B, &lb);
    else
      strsm_(side, "L", op, "N", rows, cols, &one, factor.L, &ld, B, &lb);
  } else {
    if (factor.inverses != nullptr)
      dtrmm_(side, "L", op, "N", rows, cols, &one, factor.inverses, &li, B, &lb);
    else
      dtrsm_(side, "L", op, "N", rows, cols, &one, factor.L, &ld, B, &lb);
  }
}

template <class Real>
void triangular_solve(const char* side, const char* op, const Triangular<Real>& factor, Index sides,
                      Real* B, Index ldb) {
  if (sides == 0 || factor.order == 0) return;
  if (factor.order <= kOnDiagonal) {
    solve_on_diagonal(side, op, factor, sides, B, ldb);
    return;
  }
  // L X = B and X L^T = B begin with the first half of X, the other two with the second.
  const bool left = *side == 'L', downwards = left != (*op == 'T');
  struct Half {
    Index begin, end;
    Index size() const { return end - begin; }
  };
  const Half first{0, half(factor.order)}, second{first.end, factor.order};
  const Half known = downwards ? first : second, open = downwards ? second : first;
  const auto part_of_B = [&](const Half& h) { return left ? B + h.begin : B + h.begin * ldb; };
  const auto solve = [&](const Half& h) {
    triangular_solve(side, op, factor.part(h.begin, h.end), sides, part_of_B(h), ldb);
  };
  const Real* below = factor.block(first.end, 0);
  solve(known);
  if (left)
    subtract_product(op, "N", open.size(), sides, known.size(), below, factor.leading_dimension,
                     part_of_B(known), ldb, part_of_B(open), ldb);
  else
    subtract_product("N", op, sides, open.size(), known.size(), part_of_B(known), ldb, below,
                     factor.leading_dimension, part_of_B(open), ldb);
  solve(open);
}
template void triangular_solve(const char*, const char*, const Triangular<float>&, Index, float*,
                               Index);
template void triangular_solve(const char*, const char*, const Triangular<double>&, Index, double*,
                               Index);

/// Rows of B that are rounded and solved for at a time: they stay in a cache.
static constexpr Index kRowsInFloat = 512;

void solve_right(const WholeFactor& factor, bool in_float, Index sides, double* B, Index ldb) {
  if (!in_float) {
    triangular_solve("R", "T", factor, sides, B, ldb);  // B L^-T
    triangular_solve("R", "N", factor, sides, B, ldb);  // B L^-T L^-1
    return;
  }
  static Scratch<float> copy_L, copy_inverses, copy_X;
  const Index n = factor.order, ld = factor.leading_dimension;
  Triangular<float> single{rounded(factor.L, n, n, ld, copy_L), n, n};
  if (factor.inverses != nullptr)
    single.inverses = rounded(factor.inverses, kOnDiagonal, inverse_entries(n) / kOnDiagonal,
                              kOnDiagonal, copy_inverses);
  for (Index first = 0; first < sides; first += kRowsInFloat) {
    const Index rows = std::min(kRowsInFloat, sides - first);
    rounded(B + first, rows, n, ldb, copy_X);
    triangular_solve("R", "T", single, rows, copy_X.data(), rows);
    triangular_solve("R", "N", single, rows, copy_X.data(), rows);
    add_single(copy_X.data(), rows, n, 0.0, B + first, ldb, false);
  }
}

double solve_right_entries(Index order, bool in_float, Index sides) {
  const Index rows = std::min(kRowsInFloat, sides);
  return in_float ? 0.5 * static_cast<double>(order) * static_cast<double>(order + rows) : 0.0;
}

}  // namespace admmnet
