#include "linalg/sparse_matrix.h"

#include <algorithm>
#include <limits>
#include <string>

#include <petscmat.h>

#include "linalg/block_cyclic_matrix.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/petsc_check.h"

namespace admmnet {

namespace {

using OwnedMat = std::unique_ptr<_p_Mat, void (*)(Mat)>;

OwnedMat owned(Mat mat) {
  return {mat, [](Mat m) { MatDestroy(&m); }};
}

void check_countable(double count, const std::string& what) {
  constexpr auto most = static_cast<double>(std::numeric_limits<PetscInt>::max());
  if (count > most)
    throw BadInput(
        "a sparse matrix with " + what +
        " is too large for this PETSc's integers: use more ranks, or a PETSc with 64-bit "
        "integers");
}

/// A vector on this rank's rows that lies in `values`.
class RowVector {
 public:
  RowVector(std::vector<double>& values, Index order, MPI_Comm comm) {
    ADMMNET_PETSC(VecCreateMPIWithArray(comm, 1, static_cast<PetscInt>(values.size()),
                                        static_cast<PetscInt>(order), values.data(), &vec_));
  }
  ~RowVector() { VecDestroy(&vec_); }
  RowVector(const RowVector&) = delete;
  RowVector& operator=(const RowVector&) = delete;
  Vec get() const { return vec_; }

 private:
  Vec vec_ = nullptr;
};

}  // namespace

void SparseMatrix::MatDeleter::operator()(Mat mat) const {
  PetscBool finalized = PETSC_FALSE;
  PetscFinalized(&finalized);
  if (!finalized) MatDestroy(&mat);
}

SparseMatrix::SparseMatrix(Index order, const std::vector<SparseEntry>& entries, MPI_Comm comm)
    : comm_(comm), order_(order) {
  const Index width = slab_width(order, size_of(comm));
  first_row_ = std::min(order, rank_of(comm) * width);
  local_rows_ = std::min(order, first_row_ + width) - first_row_;
  check_countable(static_cast<double>(order), std::to_string(order) + " rows");
  const double most = max_over(comm, static_cast<double>(entries.size()));
  check_countable(most, std::to_string(static_cast<Index>(most)) + " entries on a rank");

  std::vector<PetscInt> rows, cols;
  std::vector<double> values;
  for (const SparseEntry& entry : entries) {
    rows.push_back(static_cast<PetscInt>(entry.row));
    cols.push_back(static_cast<PetscInt>(entry.col));
    values.push_back(entry.value);
  }
  Mat mat = nullptr;
  const auto local = static_cast<PetscInt>(local_rows_), n = static_cast<PetscInt>(order);
  ADMMNET_PETSC(MatCreate(comm, &mat));
  mat_.reset(mat);
  ADMMNET_PETSC(MatSetSizes(mat, local, local, n, n));
  ADMMNET_PETSC(MatSetType(mat, MATAIJ));
  ADMMNET_PETSC(MatSetPreallocationCOO(mat, static_cast<PetscCount>(entries.size()), rows.data(),
                                       cols.data()));
  ADMMNET_PETSC(MatSetValuesCOO(mat, values.data(), ADD_VALUES));
}

std::vector<double> SparseMatrix::row_sums() const {
  std::vector<double> sums(static_cast<std::size_t>(local_rows_));
  const RowVector vec(sums, order_, comm_);
  ADMMNET_PETSC(MatGetRowSum(mat_.get(), vec.get()));
  return sums;
}

void SparseMatrix::scale_both_sides(const std::vector<double>& s) {
  ADMMNET_REQUIRE(static_cast<Index>(s.size()) == local_rows_,
                  "scale_both_sides: " + std::to_string(s.size()) + " numbers for " +
                      std::to_string(local_rows_) + " rows");
  std::vector<double> copy = s;
  const RowVector vec(copy, order_, comm_);
  ADMMNET_PETSC(MatDiagonalScale(mat_.get(), vec.get(), vec.get()));
}

std::vector<double> SparseMatrix::times(std::vector<double>& X, Index columns) const {
  ADMMNET_REQUIRE(static_cast<Index>(X.size()) == local_rows_ * columns,
                  "SparseMatrix::times: " + std::to_string(X.size()) + " numbers for " +
                      std::to_string(local_rows_) + " x " + std::to_string(columns));
  Mat right = nullptr, product = nullptr;
  const auto local = static_cast<PetscInt>(local_rows_), n = static_cast<PetscInt>(order_);
  ADMMNET_PETSC(MatCreateDense(comm_, local, PETSC_DECIDE, n, static_cast<PetscInt>(columns),
                               X.data(), &right));
  const OwnedMat owned_right = owned(right);
  ADMMNET_PETSC(MatAssemblyBegin(right, MAT_FINAL_ASSEMBLY));
  ADMMNET_PETSC(MatAssemblyEnd(right, MAT_FINAL_ASSEMBLY));
  ADMMNET_PETSC(MatMatMult(mat_.get(), right, MAT_INITIAL_MATRIX, PETSC_DEFAULT, &product));
  const OwnedMat owned_product = owned(product);
  const double* values = nullptr;
  PetscInt leading = 0;
  ADMMNET_PETSC(MatDenseGetLDA(product, &leading));
  ADMMNET_PETSC(MatDenseGetArrayRead(product, &values));
  std::vector<double> result(X.size());
  for (Index j = 0; j < columns; ++j)
    std::copy_n(values + j * leading, local_rows_, result.begin() + j * local_rows_);
  ADMMNET_PETSC(MatDenseRestoreArrayRead(product, &values));
  return result;
}

}  // namespace admmnet
