/// The process grid: who owns what of a block-cyclic matrix.
///
/// The room linalg/ is the only one that knows ScaLAPACK, BLACS, Mat and KSP. Nothing about
/// samples, layers or files enters it.
#pragma once

#include <memory>

#include <mpi.h>

#include "runtime/communicator.h"

namespace admmnet {

/// A Pr x Pc grid of the first Pr*Pc ranks of a communicator, row by row. Ranks left over have no
/// part in it (`contains_this_rank()` is false) and may call nothing else. Copies share the same
/// grid; the last copy must be destroyed before PETSc and MPI are finalized.
class ProcessGrid {
 public:
  /// Collective on parent. Throws BadInput when rows*cols exceeds the ranks of parent or is
  /// below 1.
  ProcessGrid(MPI_Comm parent, int rows, int cols);

  bool contains_this_rank() const;
  MPI_Comm comm() const;  ///< the grid's own communicator: rank = row * cols + col
  int rank() const;
  int size() const { return rows_ * cols_; }
  int rows() const { return rows_; }
  int cols() const { return cols_; }
  int my_row() const;
  int my_col() const;
  int context() const;  ///< BLACS context of the grid

  /// The 1 x P grid over the same ranks in the same order: the sample layout lives there.
  ProcessGrid sample_grid() const;

  bool operator==(const ProcessGrid& other) const { return state_ == other.state_; }

 private:
  struct State;
  ProcessGrid() = default;
  int rows_ = 0, cols_ = 0;
  std::shared_ptr<State> state_;
};

}  // namespace admmnet
