/// Matrix products of the methods, each in the cheapest way for the grid.
///
/// Two kinds of matrices take part: *layer matrices* (W, G, R: units x units) and *sample matrices*
/// (h, z, D: units x samples of one panel; h and the inputs come as SampleOperand, which says what
/// a method may do with samples). How each is done is the layout's (layout.h). All are collective
/// on the grid, bitwise reproducible for a fixed grid, and count flops as one multiply plus one add
/// = 2.
#pragma once

#include "linalg/layer_operand.h"
#include "linalg/precision.h"
#include "linalg/sample_operand.h"

namespace admmnet {

/// Z := W H.  W: m x k leading part (layer matrix), H: k x w samples, Z: m x w samples with H's
/// columns. k = rows of H, m = rows of W. 2 m k w flops.
void apply(const LayerOperand& W, const SampleOperand& H, BlockCyclicMatrix& Z);

/// Z := W H + Z for dense H, and shapes as above. 2 m k w flops.
void add_applied(const LayerOperand& W, const BlockCyclicMatrix& H, BlockCyclicMatrix& Z);

/// Z := alpha X^T D + beta Z.  X: k x m layer matrix, D: k x w samples, Z: m x w leading rows;
/// where Z has fewer rows than X columns, the leading columns of X are meant. 2 m k w flops.
void apply_transposed(double alpha, const LayerOperand& X, const BlockCyclicMatrix& D, double beta,
                      BlockCyclicMatrix& Z);

/// R := alpha D H^T + beta R.  D: m x w samples, H: k x w samples, R: m x k layer matrix. 2 m k w
/// flops.
void accumulate_outer(double alpha, const BlockCyclicMatrix& D, const SampleOperand& H, double beta,
                      BlockCyclicMatrix& R);

/// G := alpha H H^T + beta G, lower triangle only; the strict upper one is not referenced.
/// H: k x w, G: k x k. k (k+1) w flops.
void accumulate_gram(double alpha, const SampleOperand& H, double beta, BlockCyclicMatrix& G);

/// K := alpha H^T H, lower triangle only.  H: k x w samples, K: w x w in square blocks of H's
/// column block. w (w+1) k flops.
void inner_gram(double alpha, const SampleOperand& H, BlockCyclicMatrix& K);
/// The same with K in square blocks of any size, as factors want it. `room`: K in those of H, made
/// where the layout forms it so first.
void inner_gram(double alpha, const SampleOperand& H, BlockCyclicMatrix& room,
                BlockCyclicMatrix& K);

/// For all products with samples of this process from now on; those with a dimension below 64 are
/// not worth the conversion and stay in double. Every rank must say the same.
void set_product_precision(Precision precision);

/// Products of this process are in double as long as it lives, for what a run decides once and for
/// all by them. Every rank must have one at the same time.
class FullPrecision {
 public:
  FullPrecision();
  ~FullPrecision() { set_product_precision(before_); }
  FullPrecision(const FullPrecision&) = delete;
  FullPrecision& operator=(const FullPrecision&) = delete;

 private:
  Precision before_;
};

/// C := alpha A S, S symmetric with its lower triangle given (pdsymm). A, C: m x n; S: n x n.
void multiply_symmetric(double alpha, const BlockCyclicMatrix& A, const BlockCyclicMatrix& S,
                        BlockCyclicMatrix& C);

/// Sum of squares of the leading `cols` columns. Collective; own: of this rank's entries, and not.
double sum_of_squares(const BlockCyclicMatrix& A, Index cols);
double own_sum_of_squares(const BlockCyclicMatrix& A, Index cols);

/// |H|^2, the sum of the squares of all entries. Collective; own: of this rank's, and not.
double sum_of_squares(const SampleOperand& H);
double own_sum_of_squares(const SampleOperand& H);

/// Sum over all entries of A_ij B_ij, equal layouts. Collective.
double inner_product(const BlockCyclicMatrix& A, const BlockCyclicMatrix& B);

/// Trace of a square matrix. Collective.
double trace(const BlockCyclicMatrix& A);

/// Calls f(global index, entry) for the diagonal entries that this rank holds. Not collective.
template <class Matrix, class F>
void for_each_diagonal(Matrix& A, F&& f) {
  const ProcessGrid& grid = A.grid();
  for (Index j = 0; j < A.local_cols(); ++j) {
    const Index g = A.global_col(j);
    const Index block = g / A.row_block();
    if (block % grid.rows() != grid.my_row()) continue;
    f(g, A.column(j)[block / grid.rows() * A.row_block() + g % A.row_block()]);
  }
}

}  // namespace admmnet
