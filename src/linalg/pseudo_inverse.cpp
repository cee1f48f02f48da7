#include "linalg/pseudo_inverse.h"

#include <cmath>
#include <limits>

#include <slepcsvd.h>

#include "linalg/mat_access.h"
#include "linalg/products.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"
#include "runtime/petsc_check.h"

namespace admmnet {
namespace {

/// SVDSCALAPACK makes its own matrices with PETSc's default blocks, and p?gesvd wants all alike.
constexpr Index kPetscBlock = 64;

struct MatOwner {
  void operator()(_p_Mat* mat) const { MatDestroy(&mat); }
};
using OwnedMat = std::unique_ptr<_p_Mat, MatOwner>;
struct SvdOwner {
  void operator()(_p_SVD* svd) const { SVDDestroy(&svd); }
};
using OwnedSvd = std::unique_ptr<_p_SVD, SvdOwner>;

/// All singular values and vectors of a square matrix; null when SLEPc does not find n of them.
OwnedSvd decompose(Mat mat, SVDType type, Index n) {
  ADMMNET_PETSC(MatAssemblyBegin(mat, MAT_FINAL_ASSEMBLY));  // PETSc's seal on the local arrays
  ADMMNET_PETSC(MatAssemblyEnd(mat, MAT_FINAL_ASSEMBLY));
  SVD raw = nullptr;
  PetscInt order = 0, found = 0;
  ADMMNET_PETSC(SVDCreate(PetscObjectComm(reinterpret_cast<PetscObject>(mat)), &raw));
  OwnedSvd svd(raw);
  ADMMNET_PETSC(SVDSetOperators(raw, mat, nullptr));
  ADMMNET_PETSC(SVDSetType(raw, type));
  ADMMNET_PETSC(MatGetSize(mat, &order, nullptr));
  ADMMNET_PETSC(SVDSetDimensions(raw, order, PETSC_DEFAULT, PETSC_DEFAULT));
  ADMMNET_PETSC(SVDSolve(raw));
  ADMMNET_PETSC(SVDGetConverged(raw, &found));
  if (found < n) svd.reset();
  return svd;
}

/// Singular vectors that every rank holds whole.
void take_local(BV vectors, BlockCyclicMatrix& to) {
  Mat dense = nullptr;
  const PetscScalar* values = nullptr;
  PetscInt ld = 0;
  ADMMNET_PETSC(BVGetMat(vectors, &dense));
  ADMMNET_PETSC(MatDenseGetLDA(dense, &ld));
  ADMMNET_PETSC(MatDenseGetArrayRead(dense, &values));
  to.fill([&](Index i, Index j) { return values[i + j * ld]; });
  ADMMNET_PETSC(MatDenseRestoreArrayRead(dense, &values));
  ADMMNET_PETSC(BVRestoreMat(vectors, &dense));
}

/// Singular vectors that SLEPc keeps in slabs of rows.
void take_distributed(BV vectors, BlockCyclicMatrix& to) {
  Mat dense = nullptr, cyclic = nullptr;
  ADMMNET_PETSC(BVGetMat(vectors, &dense));
  ADMMNET_PETSC(MatConvert(dense, MATSCALAPACK, MAT_INITIAL_MATRIX, &cyclic));
  const OwnedMat owner(cyclic);
  ADMMNET_PETSC(BVRestoreMat(vectors, &dense));
  const MatStorage storage = storage_of(cyclic);
  const int n = static_cast<int>(to.rows()), one = 1, context = to.grid().context();
  pdgemr2d_(&n, &n, storage.data, &one, &one, storage.descriptor, to.data(), &one, &one,
            to.descriptor(), &context);
}

}  // namespace

template <class TakeVectors>
void PseudoInverse::take(_p_SVD* svd, TakeVectors&& take_vectors) {
  BV u = nullptr, v = nullptr;
  ADMMNET_PETSC(SVDGetBV(svd, &v, &u));
  take_vectors(u, U_);
  take_vectors(v, V_);
  const Index n = U_.rows();
  inverse_.assign(static_cast<std::size_t>(n), 0.0);
  rank_ = 0;
  double cutoff = 0.0;
  for (Index i = 0; i < n; ++i) {
    PetscReal value = 0.0;
    ADMMNET_PETSC(SVDGetSingularTriplet(svd, static_cast<PetscInt>(i), &value, nullptr, nullptr));
    if (i == 0) cutoff = static_cast<double>(n) * std::numeric_limits<double>::epsilon() * value;
    if (!(value > cutoff)) break;
    inverse_[static_cast<std::size_t>(i)] = 1.0 / value;
    ++rank_;
  }
}

bool PseudoInverse::factor(const BlockCyclicMatrix& A) {
  const Index n = A.rows();
  ADMMNET_REQUIRE(n == A.cols() && A.row_block() == A.col_block(),
                  "PseudoInverse: not a square matrix");
  if (!std::isfinite(sum_of_squares(A, n))) return false;
  U_ = BlockCyclicMatrix(A.grid(), n, n, A.row_block(), A.col_block());
  V_ = BlockCyclicMatrix(A.grid(), n, n, A.row_block(), A.col_block());
  if (A.grid().size() == 1 || n <= replicated_order_) {
    std::vector<double> whole = gather(A);
    Mat raw = nullptr;
    const auto order = static_cast<PetscInt>(n);
    ADMMNET_PETSC(MatCreateSeqDense(PETSC_COMM_SELF, order, order, whole.data(), &raw));
    const OwnedMat mat(raw);
    const OwnedSvd svd = decompose(raw, SVDLAPACK, n);
    if (svd) take(svd.get(), take_local);
    return svd != nullptr;
  }
  BlockCyclicMatrix copy(A.grid(), n, n, kPetscBlock, kPetscBlock);
  redistribute(A, copy);
  const OwnedSvd svd = decompose(copy.mat(), SVDSCALAPACK, n);
  if (svd) take(svd.get(), take_distributed);
  return svd != nullptr;
}

void PseudoInverse::solve_right(BlockCyclicMatrix& B) const {
  const Index m = B.rows(), n = B.cols();
  ADMMNET_REQUIRE(n == U_.rows(), "PseudoInverse: solve_right before factor, or wrong shape");
  BlockCyclicMatrix C(B.grid(), m, n, B.row_block(), B.col_block());
  multiply(Transpose::no, Transpose::no, m, n, n, 1.0, B, V_, 0.0, C);
  for (Index j = 0; j < C.local_cols(); ++j)
    for (Index i = 0; i < C.local_rows(); ++i)
      C.at(i, j) *= inverse_[static_cast<std::size_t>(C.global_col(j))];
  multiply(Transpose::no, Transpose::yes, m, n, n, 1.0, C, U_, 0.0, B);
}

}  // namespace admmnet
