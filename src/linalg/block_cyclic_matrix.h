/// Dense matrices in 2D block-cyclic layout.
///
/// Block (I, J) of row_block x col_block entries lies on process (I mod Pr, J mod Pc); a rank
/// stores its blocks contiguously, column-major. The storage is a PETSc Mat of type scalapack.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "linalg/ledger.h"
#include "linalg/process_grid.h"
#include "runtime/types.h"

typedef struct _p_Mat* Mat;

namespace admmnet {

/// A rows x cols matrix of doubles on a process grid. Move-only; zero when made. On a grid of
/// shapes no rank holds any of its entries.
class BlockCyclicMatrix {
 public:
  BlockCyclicMatrix() = default;
  /// Collective on the grid. Throws BadInput when one rank's part would exceed the 32-bit indices
  /// of ScaLAPACK (2^31 - 1 elements), naming the remedy.
  BlockCyclicMatrix(const ProcessGrid& grid, Index rows, Index cols, Index row_block,
                    Index col_block);

  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  Index row_block() const { return row_block_; }
  Index col_block() const { return col_block_; }
  const ProcessGrid& grid() const { return *grid_; }
  bool empty() const { return rows_ == 0 || cols_ == 0; }

  Index local_rows() const { return local_rows_; }
  Index local_cols() const { return local_cols_; }
  Index leading_dimension() const { return leading_dimension_; }  ///< >= max(1, local_rows)
  double* data() { return data_; }  ///< local array, column-major; not collective
  const double* data() const { return data_; }
  double* column(Index j) { return data_ + j * leading_dimension_; }  ///< local column j
  const double* column(Index j) const { return data_ + j * leading_dimension_; }
  double& at(Index i, Index j) { return data_[i + j * leading_dimension_]; }  ///< local indices
  double at(Index i, Index j) const { return data_[i + j * leading_dimension_]; }

  Index global_row(Index local_row) const;
  Index global_col(Index local_col) const;
  /// How many of the rows 0..n-1 (columns 0..n-1) this rank holds: its first ones, always.
  Index local_rows_below(Index n) const;
  Index local_cols_below(Index n) const;

  /// Uses only the first `cols` columns of the storage from now on (cols <= capacity). Not
  /// collective, but every rank must do the same. A workspace made for the widest panel serves all
  /// of them.
  void set_cols(Index cols);
  Index capacity() const { return capacity_; }

  /// Sets every local entry to f(global row, global column). Not collective.
  template <class F>
  void fill(F&& f) {
    for (Index j = 0; j < local_cols_; ++j)
      for (Index i = 0; i < local_rows_; ++i) at(i, j) = f(global_row(i), global_col(j));
  }
  void fill_constant(double value);
  /// Copies the local entries of a matrix of the same shape, blocks and grid. Not collective.
  void copy_from(const BlockCyclicMatrix& other);

  const int* descriptor() const { return descriptor_.data(); }  ///< ScaLAPACK array descriptor

 private:
  struct MatDeleter {
    void operator()(Mat mat) const;
  };
  std::shared_ptr<const ProcessGrid> grid_;
  std::unique_ptr<_p_Mat, MatDeleter> mat_;
  Ledger::Holding holding_;  // on a grid of shapes
  double* data_ = nullptr;
  Index rows_ = 0, cols_ = 0, row_block_ = 1, col_block_ = 1, capacity_ = 0;
  Index local_rows_ = 0, local_cols_ = 0, leading_dimension_ = 1;
  std::array<int, 9> descriptor_{};
};

/// Number of the first n indices, dealt out in blocks to `processes` processes, that process
/// `coordinate` owns (ScaLAPACK's numroc with source process 0). Pure arithmetic.
Index local_count(Index n, Index block, int coordinate, int processes);

/// Global index of local index `local` on process `coordinate`. Pure arithmetic.
Index global_index(Index local, Index block, int coordinate, int processes);

/// Columns per rank when `cols` columns are dealt to `ranks` ranks in contiguous slabs (at least
/// 1).
inline Index slab_width(Index cols, int ranks) {
  return cols <= 0 ? 1 : (cols + ranks - 1) / ranks;
}

/// The bridge between any two layouts over the same ranks (p?gemr2d):
///   B(ib : ib+rows, jb : jb+cols) := A(ia : ia+rows, ja : ja+cols),
/// with zero-based corners. Grids and blocks may differ. Collective on the ranks of A and B. Moves
/// 8 rows cols / P bytes per rank; callers keep to panels, so that its staging buffers stay
/// bounded.
struct Corner {
  Index row = 0, col = 0;
};
void redistribute(Index rows, Index cols, const BlockCyclicMatrix& A, Corner from,
                  BlockCyclicMatrix& B, Corner to);
/// B := A for matrices of one shape.
void redistribute(const BlockCyclicMatrix& A, BlockCyclicMatrix& B);

/// B := A, rows x cols, where one of the two lies on a part of the ranks of `all` only
/// (ProcessGrid::part); null on the others. Moved range by range of columns, with staging buffers
/// of at most 32 MiB a rank. Collective on `all`.
void move_between(const BlockCyclicMatrix* A, BlockCyclicMatrix* B, Index rows, Index cols,
                  const ProcessGrid& all);

/// The whole matrix, column-major, on every rank: for tests, small matrices and reports only.
/// Collective on the grid.
std::vector<double> gather(const BlockCyclicMatrix& A);

}  // namespace admmnet
