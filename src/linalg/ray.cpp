#include "linalg/ray.h"

#include <algorithm>

#include "linalg/elementwise.h"
#include "linalg/products.h"

namespace admmnet {

static double local_sum_of_squares(const BlockCyclicMatrix& A) {
  double sum = 0.0;
  for (Index j = 0; j < A.local_cols(); ++j) sum += sum_of_squares(A.column(j), A.local_rows());
  return sum;
}

void Ray::apply(const LayerOperand& W, double eps, const BlockCyclicMatrix& D,
                BlockCyclicMatrix& Z) {
  // t = W'^T D
  apply_transposed(1.0, W, D, 0.0, Z);

  // Each process column has its own share of the chosen columns, and zeros where it has fewer.
  const Index stride = ray_stride(D.cols()), share = (D.col_block() + stride - 1) / stride;
  const Index columns = share * D.grid().cols();
  if (t_.rows() != Z.rows() || t_.cols() != columns) {
    t_ = BlockCyclicMatrix(D.grid(), Z.rows(), columns, Z.row_block(), share);
    Wt_ = BlockCyclicMatrix(D.grid(), D.rows(), columns, D.row_block(), share);
  }
  t_.fill_constant(0.0);
  Index chosen = 0;
  for (Index j = 0; j < Z.local_cols(); ++j)
    if (Z.global_col(j) % stride == 0)
      std::copy_n(Z.column(j), t_.local_rows(), t_.column(chosen++));

  // tau = |t|^2 / (|W' t|^2 + eps |t|^2)
  admmnet::apply(W, t_, Wt_);
  double sums[2] = {local_sum_of_squares(t_), local_sum_of_squares(Wt_)};
  D.grid().sum(sums, 2);
  const double tau = sums[0] > 0.0 ? sums[0] / (sums[1] + eps * sums[0]) : 0.0;
  for_each_entry([tau](double& z) { z *= tau; }, Z);
}

}  // namespace admmnet
