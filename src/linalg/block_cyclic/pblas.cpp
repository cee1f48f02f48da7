#include "linalg/block_cyclic/pblas.h"

#include <algorithm>
#include <array>
#include <string>

#include "linalg/local_blas.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {

static const int kOne = 1;

namespace {

/// The local part of a matrix in float, with the descriptor that goes with it.
template <class Entry>
struct SinglePart {
  Entry* data;
  std::array<int, 9> descriptor;
};

/// One whose entries have no value yet.
SinglePart<float> room_of(const BlockCyclicMatrix& A, Scratch<float>& copy) {
  return {copy.of_size(std::max<Index>(1, A.local_rows() * A.local_cols())),
          descriptor_without_gaps(A)};
}

SinglePart<float> rounded(const BlockCyclicMatrix& A, Scratch<float>& copy) {
  const SinglePart<float> part = room_of(A, copy);
  rounded(A.data(), A.local_rows(), A.local_cols(), A.leading_dimension(), copy);
  return part;
}

/// Samples that are stored in float are not copied.
SinglePart<const float> single_part(const SampleOperand& A, Scratch<float>& copy) {
  if (const SingleSamples* single = A.in_float()) return {single->data(), single->descriptor()};
  const SinglePart<float> part = rounded(*A.in_double(), copy);
  return {part.data, part.descriptor};
}

/// C := P + beta C for the entries of the leading m x n part, its lower triangle or all of it.
void add(const SinglePart<float>& P, Index m, Index n, double beta, BlockCyclicMatrix& C,
         Triangle triangle) {
  const Index rows = C.local_rows_below(m), cols = C.local_cols_below(n);
  for (Index j = 0; j < cols; ++j) {
    const Index first =
        triangle == Triangle::lower ? C.local_rows_below(std::min(m, C.global_col(j))) : 0;
    add_single(P.data + first + j * C.local_rows(), rows - first, 1, beta, C.column(j) + first,
               C.leading_dimension(), false);
  }
}

}  // namespace

void multiply(Transpose op_A, Transpose op_B, Index m, Index n, Index k, double alpha,
              const SampleOperand& A, const SampleOperand& B, double beta, BlockCyclicMatrix& C) {
  if (m == 0 || n == 0) return;
  const char* a = op_A == Transpose::yes ? "T" : "N";
  const char* b = op_B == Transpose::yes ? "T" : "N";
  const int mi = static_cast<int>(m), ni = static_cast<int>(n), ki = static_cast<int>(k);
  if (!in_single(m, n, k) && !in_single(A) && !in_single(B)) {
    BlockCyclicMatrix room_A, room_B;
    const BlockCyclicMatrix &left = A.dense(room_A), &right = B.dense(room_B);
    pdgemm_(a, b, &mi, &ni, &ki, &alpha, left.data(), &kOne, &kOne, left.descriptor(), right.data(),
            &kOne, &kOne, right.descriptor(), &beta, C.data(), &kOne, &kOne, C.descriptor());
    return;
  }
  static Scratch<float> copy_A, copy_B, copy_C;
  const auto left = single_part(A, copy_A), right = single_part(B, copy_B);
  const SinglePart<float> product = room_of(C, copy_C);
  const float factor = static_cast<float>(alpha), zero = 0.0F;
  psgemm_(a, b, &mi, &ni, &ki, &factor, left.data, &kOne, &kOne, left.descriptor.data(), right.data,
          &kOne, &kOne, right.descriptor.data(), &zero, product.data, &kOne, &kOne,
          product.descriptor.data());
  add(product, m, n, beta, C, Triangle::full);
}

static void symmetric_product(const char* op, Index inner, double alpha, const SampleOperand& H,
                              double beta, BlockCyclicMatrix& G) {
  const int n = static_cast<int>(G.rows()), k = static_cast<int>(inner);
  if (!in_single(G.rows(), G.rows(), inner) && !in_single(H)) {
    BlockCyclicMatrix room;
    const BlockCyclicMatrix& factor = H.dense(room);
    pdsyrk_("L", op, &n, &k, &alpha, factor.data(), &kOne, &kOne, factor.descriptor(), &beta,
            G.data(), &kOne, &kOne, G.descriptor());
    return;
  }
  static Scratch<float> copy_H, copy_G;
  const auto factor = single_part(H, copy_H);
  const SinglePart<float> product = room_of(G, copy_G);
  const float scale = static_cast<float>(alpha), zero = 0.0F;
  pssyrk_("L", op, &n, &k, &scale, factor.data, &kOne, &kOne, factor.descriptor.data(), &zero,
          product.data, &kOne, &kOne, product.descriptor.data());
  add(product, G.rows(), G.cols(), beta, G, Triangle::lower);
}

void multiply_gram(double alpha, const SampleOperand& H, double beta, BlockCyclicMatrix& G) {
  symmetric_product("N", H.cols(), alpha, H, beta, G);
}

void multiply_inner(double alpha, const SampleOperand& H, BlockCyclicMatrix& K) {
  symmetric_product("T", H.rows(), alpha, H, 0.0, K);
}

int pblas_factor(BlockCyclicMatrix& A) {
  const int n = static_cast<int>(A.rows());
  int info = 0;
  pdpotrf_("L", &n, A.data(), &kOne, &kOne, A.descriptor(), &info);
  ADMMNET_REQUIRE(info >= 0, "pdpotrf: argument " + std::to_string(-info) + " is wrong");
  return info;
}

static void triangular_solve(const char* side, const char* transpose, const BlockCyclicMatrix& L,
                             Index rows, Index cols, BlockCyclicMatrix& B) {
  const int m = static_cast<int>(rows), n = static_cast<int>(cols);
  const double one = 1.0;
  pdtrsm_(side, "L", transpose, "N", &m, &n, &one, L.data(), &kOne, &kOne, L.descriptor(), B.data(),
          &kOne, &kOne, B.descriptor());
}

static void solve_right_in_place(const BlockCyclicMatrix& L, bool in_float, BlockCyclicMatrix& B) {
  if (in_float) {
    static Scratch<float> copy_L, copy_B;
    const SinglePart<float> factor = rounded(L, copy_L), X = rounded(B, copy_B);
    const int m = static_cast<int>(B.rows()), n = static_cast<int>(B.cols());
    const float one = 1.0F;
    for (const char* transpose : {"T", "N"})
      pstrsm_("R", "L", transpose, "N", &m, &n, &one, factor.data, &kOne, &kOne,
              factor.descriptor.data(), X.data, &kOne, &kOne, X.descriptor.data());
    add(X, B.rows(), B.cols(), 0.0, B, Triangle::full);
    return;
  }
  triangular_solve("R", "T", L, B.rows(), B.cols(), B);  // B L^-T
  triangular_solve("R", "N", L, B.rows(), B.cols(), B);  // B L^-T L^-1
}

void pblas_solve_right(CholeskyFactor& factor, BlockCyclicMatrix& B) {
  const BlockCyclicMatrix& L = factor.L;
  const bool in_float = solves_in_single(factor, B.rows());
  if (B.col_block() == L.col_block()) return solve_right_in_place(L, in_float, B);
  BlockCyclicMatrix& sides = factor.sides;
  if (sides.rows() != B.rows() || sides.cols() != B.cols())
    sides = BlockCyclicMatrix(B.grid(), B.rows(), B.cols(), L.row_block(), L.col_block());
  redistribute(B, sides);
  solve_right_in_place(L, in_float, sides);
  redistribute(sides, B);
}

void pblas_solve_left(const BlockCyclicMatrix& L, Index cols, BlockCyclicMatrix& B) {
  triangular_solve("L", "N", L, B.rows(), cols, B);  // L^-1 B
  triangular_solve("L", "T", L, B.rows(), cols, B);  // L^-T L^-1 B
}

static Work two_solves(Side side, const Extent& sides, Index n, const Pricing& p) {
  return p.scalapack_solver(trsm_cost(p.grid(), side, true, sides, p.units(n))) +
         p.scalapack_solver(trsm_cost(p.grid(), side, false, sides, p.units(n)));
}

double pblas_entries(const Operation& o, const Pricing& p) {
  constexpr double kPanel = 256.0, kPanels = 4.0;
  const auto units = static_cast<double>(std::max(o.m, o.k));
  const double samples = static_cast<double>(o.n) / p.grid().cols;
  return kPanels * kPanel * (units / p.grid().rows + units / p.grid().cols + samples) +
         single_entries(o.m, o.k, o.n) / p.ranks();
}

double pblas_solve_right_entries(const Operation& o, const Pricing& p) {
  const double in_float = solves_in_single(o) ? 0.5 * static_cast<double>(o.k) *
                                                    static_cast<double>(o.k + o.m) / p.ranks()
                                              : 0.0;
  return pblas_entries(o, p) + in_float;
}

Work pblas_solve_right_cost(const Operation& o, const Pricing& p) {
  const Work moves = o.dealt == 0 ? Work{} : 2.0 * p.move_slabs(o.m, o.k, p.columns(o).block);
  return two_solves(Side::right, p.units(o.m), o.k, p) + moves;
}

Work pblas_solve_left_cost(const Extent& columns, Index n, const Pricing& p) {
  return two_solves(Side::left, columns, n, p);
}

}  // namespace admmnet
