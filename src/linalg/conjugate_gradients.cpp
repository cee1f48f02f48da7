#include "linalg/conjugate_gradients.h"

#include <algorithm>

#include <petscksp.h>

#include "linalg/products.h"
#include "runtime/error.h"
#include "runtime/petsc_check.h"

namespace admmnet {
namespace {

/// The operator X -> X (G + shift) on vectors that hold the local entries of X, column by column.
struct Operator {
  const BlockCyclicMatrix& G;
  const std::vector<double>& shift;
  const std::vector<double>& diagonal;
  BlockCyclicMatrix X, Y;  // m x n

  Operator(const BlockCyclicMatrix& gram, const std::vector<double>& shifts,
           const std::vector<double>& diagonals, const BlockCyclicMatrix& B)
      : G(gram),
        shift(shifts),
        diagonal(diagonals),
        X(B.grid(), B.rows(), B.cols(), B.row_block(), B.col_block()),
        Y(B.grid(), B.rows(), B.cols(), B.row_block(), B.col_block()) {}

  /// Y := X (G + shift)
  void multiply() {
    multiply_symmetric(1.0, X, G, Y);
    for (Index j = 0; j < X.local_cols(); ++j)
      for (Index i = 0; i < X.local_rows(); ++i)
        Y.at(i, j) += shift[static_cast<std::size_t>(j)] * X.at(i, j);
  }
};

void load(Vec from, BlockCyclicMatrix& to) {
  const PetscScalar* values = nullptr;
  ADMMNET_PETSC(VecGetArrayRead(from, &values));
  for (Index j = 0; j < to.local_cols(); ++j)
    std::copy_n(values + j * to.local_rows(), to.local_rows(), to.column(j));
  ADMMNET_PETSC(VecRestoreArrayRead(from, &values));
}

void store(const BlockCyclicMatrix& from, Vec to) {
  PetscScalar* values = nullptr;
  ADMMNET_PETSC(VecGetArrayWrite(to, &values));
  for (Index j = 0; j < from.local_cols(); ++j)
    std::copy_n(from.column(j), from.local_rows(), values + j * from.local_rows());
  ADMMNET_PETSC(VecRestoreArrayWrite(to, &values));
}

Operator& operator_of(Mat mat) {
  void* context = nullptr;
  ADMMNET_PETSC(MatShellGetContext(mat, &context));
  return *static_cast<Operator*>(context);
}

PetscErrorCode multiply_vector(Mat mat, Vec x, Vec y) {
  Operator& op = operator_of(mat);
  load(x, op.X);
  op.multiply();
  store(op.Y, y);
  return 0;
}

PetscErrorCode get_diagonal(Mat mat, Vec d) {
  Operator& op = operator_of(mat);
  for (Index j = 0; j < op.X.local_cols(); ++j)
    std::fill_n(op.X.column(j), op.X.local_rows(), op.diagonal[static_cast<std::size_t>(j)]);
  store(op.X, d);
  return 0;
}

/// Owns what one solve needs of PETSc.
struct Krylov {
  Mat mat = nullptr;
  KSP ksp = nullptr;
  Vec b = nullptr, x = nullptr;
  ~Krylov() {
    KSPDestroy(&ksp);
    MatDestroy(&mat);
    VecDestroy(&b);
    VecDestroy(&x);
  }

  Krylov(Operator& op, MPI_Comm comm, Index steps) {
    const auto local = static_cast<PetscInt>(op.X.local_rows() * op.X.local_cols());
    ADMMNET_PETSC(VecCreateMPI(comm, local, PETSC_DETERMINE, &b));
    ADMMNET_PETSC(VecDuplicate(b, &x));
    ADMMNET_PETSC(MatCreateShell(comm, local, local, PETSC_DETERMINE, PETSC_DETERMINE, &op, &mat));
    ADMMNET_PETSC(
        MatShellSetOperation(mat, MATOP_MULT, reinterpret_cast<void (*)(void)>(multiply_vector)));
    ADMMNET_PETSC(MatShellSetOperation(mat, MATOP_GET_DIAGONAL,
                                       reinterpret_cast<void (*)(void)>(get_diagonal)));
    ADMMNET_PETSC(KSPCreate(comm, &ksp));
    ADMMNET_PETSC(KSPSetType(ksp, KSPCG));
    ADMMNET_PETSC(KSPSetOperators(ksp, mat, mat));
    PC pc = nullptr;
    ADMMNET_PETSC(KSPGetPC(ksp, &pc));
    ADMMNET_PETSC(PCSetType(pc, PCJACOBI));
    ADMMNET_PETSC(KSPSetNormType(ksp, KSP_NORM_UNPRECONDITIONED));
    ADMMNET_PETSC(KSPSetTolerances(ksp, ConjugateGradients::kTolerance, 0.0, PETSC_DEFAULT,
                                   static_cast<PetscInt>(steps)));
  }
  Krylov(const Krylov&) = delete;
  Krylov& operator=(const Krylov&) = delete;
};

}  // namespace

void ConjugateGradients::set(const BlockCyclicMatrix& G, const DiagonalShift& shift) {
  G_ = &G;
  const Index n = G.rows();
  std::vector<double> diagonal(static_cast<std::size_t>(n), 0.0);
  for_each_diagonal(G,
                    [&](Index i, double entry) { diagonal[static_cast<std::size_t>(i)] = entry; });
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, diagonal.data(), static_cast<int>(n), MPI_DOUBLE, MPI_SUM,
                            G.grid().comm()));
  shift_.clear();
  diagonal_.clear();
  for (Index j = 0; j < G.local_cols(); ++j) {
    const Index g = G.global_col(j);
    shift_.push_back(shift.at(g, n));
    diagonal_.push_back(diagonal[static_cast<std::size_t>(g)] + shift_.back());
  }
}

CgStatus ConjugateGradients::solve_right(BlockCyclicMatrix& B,
                                         const BlockCyclicMatrix* guess) const {
  ADMMNET_REQUIRE(G_ != nullptr && B.cols() == G_->rows() && B.local_cols() == G_->local_cols(),
                  "ConjugateGradients: solve_right before set, or wrong shape");
  Operator op(*G_, shift_, diagonal_, B);
  Krylov krylov(op, B.grid().comm(), std::max<Index>(100, G_->rows()));
  store(B, krylov.b);
  if (guess != nullptr) {
    op.X.copy_from(*guess);
    op.multiply();
    const double size = inner_product(op.X, op.Y);
    const double scale = size > 0.0 ? inner_product(op.X, B) / size : 0.0;
    store(op.X, krylov.x);
    ADMMNET_PETSC(VecScale(krylov.x, scale));
    ADMMNET_PETSC(KSPSetInitialGuessNonzero(krylov.ksp, PETSC_TRUE));
  }
  ADMMNET_PETSC(KSPSolve(krylov.ksp, krylov.b, krylov.x));
  KSPConvergedReason reason = KSP_CONVERGED_ITERATING;
  PetscInt steps = 0;
  ADMMNET_PETSC(KSPGetConvergedReason(krylov.ksp, &reason));
  ADMMNET_PETSC(KSPGetIterationNumber(krylov.ksp, &steps));
  if (reason > 0) load(krylov.x, B);
  return {reason > 0, static_cast<Index>(steps)};
}

}  // namespace admmnet
