#include "linalg/block_cyclic_matrix.h"

#include <algorithm>
#include <limits>
#include <string>

#include <petscmat.h>

#include "linalg/mat_access.h"
#include "runtime/error.h"
#include "runtime/petsc_check.h"

namespace admmnet {

// Positions of M and N in a ScaLAPACK array descriptor.
static constexpr int kGlobalRows = 2, kGlobalCols = 3;

Index local_count(Index n, Index block, int coordinate, int processes) {
  const Index whole_blocks = n / block;
  Index count = whole_blocks / processes * block;
  const Index extra = whole_blocks % processes;
  if (coordinate < extra) count += block;
  if (coordinate == extra) count += n % block;
  return count;
}

Index global_index(Index local, Index block, int coordinate, int processes) {
  return (local / block * processes + coordinate) * block + local % block;
}

void BlockCyclicMatrix::MatDeleter::operator()(Mat mat) const {
  PetscBool finalized = PETSC_FALSE;
  PetscFinalized(&finalized);
  if (!finalized) MatDestroy(&mat);
}

/// The least size from n on for which PETSc can lay out vectors as it insists for this type: equal
/// shares on all ranks, the last one's at most that. Differs from n only for a few rows a rank; the
/// rows and columns beyond n are storage that nothing uses.
static PetscInt padded_size(Index n, const ProcessGrid& grid) {
  const Index share = slab_width(n, grid.size());
  return static_cast<PetscInt>(std::max(n, share * (grid.size() - 1)));
}

/// What of a matrix on a grid of shapes its blocks say.
static Array::Kind kind_of(const ProcessGrid& grid, Index col_block) {
  if (grid.is_sample_grid()) return Array::Kind::columns;
  return col_block == kBlockOfUnits ? Array::Kind::units : Array::Kind::samples;
}

BlockCyclicMatrix::BlockCyclicMatrix(const ProcessGrid& grid, Index rows, Index cols,
                                     Index row_block, Index col_block)
    : grid_(std::make_shared<const ProcessGrid>(grid)),
      rows_(rows),
      cols_(cols),
      row_block_(row_block),
      col_block_(col_block),
      capacity_(cols) {
  ADMMNET_REQUIRE(rows >= 0 && cols >= 0 && row_block >= 1 && col_block >= 1,
                  "BlockCyclicMatrix: " + std::to_string(rows) + " x " + std::to_string(cols) +
                      " in blocks of " + std::to_string(row_block) + " x " +
                      std::to_string(col_block));
  if (grid.ledger() != nullptr) {
    if (empty()) return;
    grid.account({Verb::make});
    grid.hold({kind_of(grid, col_block), rows, cols, col_block}, holding_);
    return;
  }
  const Index limit = std::numeric_limits<int>::max();
  const bool countable = rows <= limit && cols <= limit;  // else their product may overflow
  if (!countable ||
      local_count(rows, row_block, 0, grid.rows()) * local_count(cols, col_block, 0, grid.cols()) >
          limit)
    throw BadInput(
        "a matrix of " + std::to_string(rows) + " x " + std::to_string(cols) + " on a " +
        std::to_string(grid.rows()) + " x " + std::to_string(grid.cols()) +
        " grid puts more elements on one rank than the 2^31 - 1 that ScaLAPACK counts to: "
        "use more ranks");
  local_rows_ = local_count(rows, row_block, grid.my_row(), grid.rows());
  local_cols_ = local_count(cols, col_block, grid.my_col(), grid.cols());
  if (rows == 0 || cols == 0) return;

  Mat mat = nullptr;
  check_petsc(MatCreateScaLAPACK(grid.comm(), static_cast<PetscInt>(row_block),
                                 static_cast<PetscInt>(col_block), padded_size(rows, grid),
                                 padded_size(cols, grid), 0, 0, &mat),
              "MatCreateScaLAPACK");
  mat_.reset(mat);
  const MatStorage storage = storage_of(mat);
  ADMMNET_REQUIRE(storage.local_rows >= local_rows_ && storage.local_cols >= local_cols_,
                  "BlockCyclicMatrix: PETSc deals the matrix out in another way");
  data_ = storage.data;
  leading_dimension_ = storage.leading_dimension;
  std::copy_n(storage.descriptor, 9, descriptor_.begin());
  descriptor_[kGlobalRows] = static_cast<int>(rows);
  descriptor_[kGlobalCols] = static_cast<int>(cols);
}

Index BlockCyclicMatrix::global_row(Index local_row) const {
  return global_index(local_row, row_block_, grid_->my_row(), grid_->rows());
}

Index BlockCyclicMatrix::global_col(Index local_col) const {
  return global_index(local_col, col_block_, grid_->my_col(), grid_->cols());
}

Index BlockCyclicMatrix::local_rows_below(Index n) const {
  if (grid_->ledger() != nullptr) return 0;
  return local_count(n, row_block_, grid_->my_row(), grid_->rows());
}

Index BlockCyclicMatrix::local_cols_below(Index n) const {
  if (grid_->ledger() != nullptr) return 0;
  return local_count(n, col_block_, grid_->my_col(), grid_->cols());
}

void BlockCyclicMatrix::set_cols(Index cols) {
  ADMMNET_REQUIRE(cols >= 0 && cols <= capacity_, "BlockCyclicMatrix: " + std::to_string(cols) +
                                                      " columns do not fit the capacity of " +
                                                      std::to_string(capacity_));
  cols_ = cols;
  descriptor_[kGlobalCols] = static_cast<int>(cols);  // of no meaning on a grid of shapes
  local_cols_ = local_cols_below(cols);
}

void BlockCyclicMatrix::fill_constant(double value) {
  for (Index j = 0; j < local_cols_; ++j) std::fill_n(column(j), local_rows_, value);
}

void BlockCyclicMatrix::copy_from(const BlockCyclicMatrix& other) {
  ADMMNET_REQUIRE(rows_ == other.rows_ && cols_ == other.cols_ && row_block_ == other.row_block_ &&
                      col_block_ == other.col_block_ && *grid_ == *other.grid_,
                  "BlockCyclicMatrix::copy_from: shapes or layouts differ");
  for (Index j = 0; j < local_cols_; ++j) std::copy_n(other.column(j), local_rows_, column(j));
}

std::vector<double> gather(const BlockCyclicMatrix& A) {
  ADMMNET_REQUIRE(A.grid().ledger() == nullptr, "gather: a matrix without entries");
  std::vector<double> whole(static_cast<std::size_t>(A.rows() * A.cols()), 0.0);
  for (Index j = 0; j < A.local_cols(); ++j)
    for (Index i = 0; i < A.local_rows(); ++i)
      whole[static_cast<std::size_t>(A.global_row(i) + A.global_col(j) * A.rows())] = A.at(i, j);
  constexpr std::size_t kChunk = std::size_t{1} << 26;
  for (std::size_t first = 0; first < whole.size(); first += kChunk) {
    const auto count = static_cast<int>(std::min(kChunk, whole.size() - first));
    ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, whole.data() + first, count, MPI_DOUBLE, MPI_SUM,
                              A.grid().comm()));
  }
  return whole;
}

}  // namespace admmnet
