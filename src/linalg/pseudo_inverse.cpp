#include "linalg/pseudo_inverse.h"

#include <cmath>
#include <limits>

#include "linalg/block_cyclic/pblas.h"
#include "linalg/products.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// Makes the room that a routine has asked for (length -1); false when its 32-bit length cannot say
/// so much.
bool make_room(std::vector<double>& work, int& length) {
  if (!(work[0] <= std::numeric_limits<int>::max())) return false;
  length = static_cast<int>(work[0]);
  work.resize(static_cast<std::size_t>(length));
  return true;
}

/// Singular values, descending, and vectors, by every rank for itself; false when dgesdd does not
/// find them.
bool decompose_whole(const BlockCyclicMatrix& A, std::vector<double>& S, BlockCyclicMatrix& U,
                     BlockCyclicMatrix& VT) {
  const int n = static_cast<int>(A.rows());
  int length = -1, info = 0;
  std::vector<double> a = gather(A), u(a.size()), vt(a.size()), work(1);
  std::vector<int> integers(8 * S.size());
  const auto call = [&] {
    dgesdd_("A", &n, &n, a.data(), &n, S.data(), u.data(), &n, vt.data(), &n, work.data(), &length,
            integers.data(), &info);
  };
  call();
  if (!make_room(work, length)) return false;
  call();
  U.fill([&](Index i, Index j) { return u[static_cast<std::size_t>(i + j * n)]; });
  VT.fill([&](Index i, Index j) { return vt[static_cast<std::size_t>(i + j * n)]; });
  return info == 0;
}

/// The same by all ranks together.
bool decompose_distributed(const BlockCyclicMatrix& A, std::vector<double>& S, BlockCyclicMatrix& U,
                           BlockCyclicMatrix& VT) {
  const int n = static_cast<int>(A.rows()), one = 1;
  int length = -1, info = 0;
  BlockCyclicMatrix copy(A.grid(), A.rows(), A.cols(), A.row_block(), A.col_block());
  copy.copy_from(A);
  std::vector<double> work(1);
  const auto call = [&] {
    pdgesvd_("V", "V", &n, &n, copy.data(), &one, &one, copy.descriptor(), S.data(), U.data(), &one,
             &one, U.descriptor(), VT.data(), &one, &one, VT.descriptor(), work.data(), &length,
             &info);
  };
  call();
  if (!make_room(work, length)) return false;
  call();
  return info == 0;
}

}  // namespace

bool PseudoInverse::factor(const BlockCyclicMatrix& A) {
  const Index n = A.rows();
  ADMMNET_REQUIRE(n == A.cols() && A.row_block() == A.col_block(),
                  "PseudoInverse: not a square matrix");
  if (!std::isfinite(sum_of_squares(A, n))) return false;
  U_ = BlockCyclicMatrix(A.grid(), n, n, A.row_block(), A.col_block());
  VT_ = BlockCyclicMatrix(A.grid(), n, n, A.row_block(), A.col_block());
  if (!A.grid().account({Verb::singular, 0, n})) return true;
  std::vector<double> S(static_cast<std::size_t>(n));
  const bool whole = A.grid().size() == 1 || n <= replicated_order_;
  if (!(whole ? decompose_whole(A, S, U_, VT_) : decompose_distributed(A, S, U_, VT_)))
    return false;
  const double cutoff = static_cast<double>(n) * std::numeric_limits<double>::epsilon() * S[0];
  inverse_.clear();
  rank_ = 0;
  for (const double value : S) {
    inverse_.push_back(value > cutoff ? 1.0 / value : 0.0);
    rank_ += value > cutoff;
  }
  return true;
}

void PseudoInverse::solve_right(BlockCyclicMatrix& B) const {
  const Index m = B.rows(), n = B.cols();
  ADMMNET_REQUIRE(n == U_.rows(), "PseudoInverse: solve_right before factor, or wrong shape");
  BlockCyclicMatrix C(B.grid(), m, n, B.row_block(), B.col_block());
  B.grid().account({Verb::multiply, m, n, n});
  if (!B.grid().account({Verb::multiply, m, n, n})) return;
  multiply(Transpose::no, Transpose::yes, m, n, n, 1.0, B, VT_, 0.0, C);
  for (Index j = 0; j < C.local_cols(); ++j)
    for (Index i = 0; i < C.local_rows(); ++i)
      C.at(i, j) *= inverse_[static_cast<std::size_t>(C.global_col(j))];
  multiply(Transpose::no, Transpose::yes, m, n, n, 1.0, C, U_, 0.0, B);
}

}  // namespace admmnet
