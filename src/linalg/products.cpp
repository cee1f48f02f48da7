#include "linalg/products.h"

#include <algorithm>
#include <string>

#include "linalg/block_cyclic/pblas.h"
#include "linalg/elementwise.h"
#include "linalg/layout.h"
#include "linalg/local_blas.h"
#include "linalg/scalapack.h"
#include "linalg/sparse_products.h"
#include "runtime/error.h"

namespace admmnet {

template <class Matrix>
static std::string shape(const Matrix& A) {
  return std::to_string(A.rows()) + " x " + std::to_string(A.cols());
}

static void check_apply(const BlockCyclicMatrix& W, const SampleOperand& samples,
                        const BlockCyclicMatrix& Z) {
  ADMMNET_REQUIRE(W.cols() >= samples.rows() && Z.rows() >= W.rows() && Z.cols() == samples.cols(),
                  "apply: " + shape(W) + " times " + shape(samples) + " into " + shape(Z));
}

/// Z := W H + beta Z
static void apply_dense(const LayerOperand& operand, const SampleOperand& H, double beta,
                        BlockCyclicMatrix& Z) {
  const Index m = operand.matrix().rows(), k = H.rows();
  if (H.grid().account({Verb::apply, m, k, H.cols(), H.col_block()}))
    H.grid().layout().apply(Transpose::no, m, k, 1.0, operand, H, beta, Z);
}

void apply(const LayerOperand& operand, const SampleOperand& samples, BlockCyclicMatrix& Z) {
  const BlockCyclicMatrix& W = operand.matrix();
  check_apply(W, samples, Z);
  const Index m = W.rows(), k = samples.rows();
  const ProcessGrid& grid = samples.grid();
  if (const SparseSamples* H = samples.sparse()) {
    if (grid.account({Verb::sparse_apply, m, k, H->cols(), H->col_block(), apply_weight(*H),
                      H->counts().entries}))
      grid.layout().apply(m, operand, *H, Z);
    return;
  }
  apply_dense(operand, samples, 0.0, Z);
}

void add_applied(const LayerOperand& operand, const BlockCyclicMatrix& H, BlockCyclicMatrix& Z) {
  check_apply(operand.matrix(), H, Z);
  apply_dense(operand, H, 1.0, Z);
}

void apply_transposed(double alpha, const LayerOperand& operand, const BlockCyclicMatrix& D,
                      double beta, BlockCyclicMatrix& Z) {
  const BlockCyclicMatrix& X = operand.matrix();
  ADMMNET_REQUIRE(
      X.rows() == D.rows() && Z.cols() == D.cols(),
      "apply_transposed: " + shape(X) + " transposed times " + shape(D) + " into " + shape(Z));
  const Index m = std::min(X.cols(), Z.rows()), k = X.rows();
  if (D.grid().account({Verb::apply_transposed, m, k, D.cols(), D.col_block()}))
    D.grid().layout().apply(Transpose::yes, m, k, alpha, operand, D, beta, Z);
}

void accumulate_outer(double alpha, const BlockCyclicMatrix& D, const SampleOperand& samples,
                      double beta, BlockCyclicMatrix& R) {
  ADMMNET_REQUIRE(R.rows() == D.rows() && R.cols() == samples.rows() && D.cols() == samples.cols(),
                  "accumulate_outer: " + shape(D) + " times transposed " + shape(samples) +
                      " into " + shape(R));
  if (const SparseSamples* H = samples.sparse()) {
    if (H->grid().account({Verb::sparse_outer, R.rows(), R.cols(), H->cols(), H->col_block(),
                           apply_weight(*H), H->counts().entries}))
      H->grid().layout().outer(Triangle::full, alpha, &D, *H, beta, R);
    return;
  }
  if (D.grid().account({Verb::outer, R.rows(), R.cols(), samples.cols(), samples.col_block()}))
    D.grid().layout().outer(Triangle::full, alpha, D, samples, beta, R);
}

void accumulate_gram(double alpha, const SampleOperand& samples, double beta,
                     BlockCyclicMatrix& G) {
  ADMMNET_REQUIRE(G.rows() == samples.rows() && G.cols() == samples.rows(),
                  "accumulate_gram: " + shape(samples) + " into " + shape(G));
  if (const SparseSamples* H = samples.sparse()) {
    if (H->grid().account({Verb::sparse_gram, G.rows(), G.rows(), H->cols(), H->col_block(),
                           gram_weight(*H), H->counts().entries}))
      H->grid().layout().outer(Triangle::lower, alpha, nullptr, *H, beta, G);
    return;
  }
  if (samples.grid().account({Verb::gram, G.rows(), G.rows(), samples.cols(), samples.col_block()}))
    samples.grid().layout().outer(Triangle::lower, alpha, samples, samples, beta, G);
}

void inner_gram(double alpha, const SampleOperand& samples, BlockCyclicMatrix& K) {
  const Index w = samples.cols(), block = samples.col_block();
  ADMMNET_REQUIRE(
      K.rows() == w && K.cols() == w && K.col_block() == block && K.row_block() == block,
      "inner_gram: " + shape(samples) + " into " + shape(K));
  if (const SparseSamples* H = samples.sparse()) {
    if (H->grid().account(
            {Verb::sparse_inner, 0, w, H->rows(), block, inner_weight(*H), H->counts().entries}))
      sparse_inner(alpha, *H, K);
    return;
  }
  if (!K.grid().account({Verb::inner, 0, w, samples.rows()})) return;
  if (K.grid().size() == 1)
    local_syrk("T", w, samples.rows(), alpha, local_part(samples), 0.0, K.data(),
               K.leading_dimension());
  else
    multiply_inner(alpha, samples, K);
}

void inner_gram(double alpha, const SampleOperand& samples, BlockCyclicMatrix& room,
                BlockCyclicMatrix& K) {
  const Index w = samples.cols(), k = samples.rows(), dealt = samples.col_block();
  ADMMNET_REQUIRE(K.rows() == w && K.cols() == w && K.col_block() == K.row_block(),
                  "inner_gram: " + shape(samples) + " into " + shape(K));
  const ProcessGrid& grid = K.grid();
  bool has_entries = true;
  if (const SparseSamples* H = samples.sparse()) {
    grid.account({Verb::sparse_inner, 0, w, k, dealt, inner_weight(*H), H->counts().entries});
    has_entries = grid.account({Verb::move, w, 0, w});
  } else {
    has_entries = grid.account({Verb::sample_inner, 0, w, k, dealt});
  }
  if (has_entries) grid.layout().inner(alpha, samples, room, K);
}

void multiply_symmetric(double alpha, const BlockCyclicMatrix& A, const BlockCyclicMatrix& S,
                        BlockCyclicMatrix& C) {
  ADMMNET_REQUIRE(S.rows() == A.cols() && C.rows() == A.rows() && C.cols() == A.cols(),
                  "multiply_symmetric: " + shape(A) + " times " + shape(S) + " into " + shape(C));
  if (!A.grid().account({Verb::symmetric, A.rows(), A.cols()})) return;
  const int m = static_cast<int>(A.rows()), n = static_cast<int>(A.cols()), first = 1;
  const double zero = 0.0;
  pdsymm_("R", "L", &m, &n, &alpha, S.data(), &first, &first, S.descriptor(), A.data(), &first,
          &first, A.descriptor(), &zero, C.data(), &first, &first, C.descriptor());
}

double own_sum_of_squares(const SampleOperand& H) {
  if (H.sparse() != nullptr) return own_sum_of_squares(*H.sparse());
  if (H.in_float() != nullptr) return H.in_float()->own_sum_of_squares();
  return own_sum_of_squares(*H.in_double(), H.cols());
}

double sum_of_squares(const SampleOperand& H) {
  return H.grid().sum(own_sum_of_squares(H));
}

double own_sum_of_squares(const BlockCyclicMatrix& A, Index cols) {
  double sum = 0.0;
  const Index local_cols = A.local_cols_below(cols);
  for (Index j = 0; j < local_cols; ++j) sum += sum_of_squares(A.column(j), A.local_rows());
  return sum;
}

double sum_of_squares(const BlockCyclicMatrix& A, Index cols) {
  return A.grid().sum(own_sum_of_squares(A, cols));
}

double inner_product(const BlockCyclicMatrix& A, const BlockCyclicMatrix& B) {
  ADMMNET_REQUIRE(A.local_rows() == B.local_rows() && A.local_cols() == B.local_cols(),
                  "inner_product: " + shape(A) + " and " + shape(B));
  double sum = 0.0;
  for (Index j = 0; j < A.local_cols(); ++j)
    for (Index i = 0; i < A.local_rows(); ++i) sum += A.at(i, j) * B.at(i, j);
  return A.grid().sum(sum);
}

double trace(const BlockCyclicMatrix& A) {
  double sum = 0.0;
  for_each_diagonal(A, [&](Index, double entry) { sum += entry; });
  return A.grid().sum(sum);
}

}  // namespace admmnet
