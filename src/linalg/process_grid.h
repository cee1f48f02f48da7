/// The process grid: who owns what of a block-cyclic matrix.
///
/// The room linalg/ is the only one that knows ScaLAPACK, BLACS and Mat. Nothing about
/// samples, layers or files enters it.
#pragma once

#include <memory>

#include <mpi.h>

#include "linalg/ledger.h"
#include "runtime/communicator.h"

namespace admmnet {

class Layout;

/// A Pr x Pc grid of the first Pr*Pc ranks of a communicator, row by row. Ranks left over have no
/// part in it (`contains_this_rank()` is false) and may call nothing else. Copies share the same
/// grid; the last copy must be destroyed before PETSc and MPI are finalized.
class ProcessGrid {
 public:
  /// Collective on parent. Throws BadInput when rows*cols exceeds the ranks of parent or is
  /// below 1.
  ProcessGrid(MPI_Comm parent, int rows, int cols);

  /// A grid of shapes: its matrices have sizes and no entries, of whatever grid it will be, and
  /// what is done with them is written into the ledger, which must outlive it. Layer matrices on it
  /// have blocks of kBlockOfUnits, and sample matrices one slab of columns. So a method that runs
  /// on it says what it costs (methods/method_cost.h). No MPI.
  explicit ProcessGrid(Ledger& ledger);
  Ledger* ledger() const { return ledger_; }  ///< null: matrices have entries

  /// The process columns i c/parts to (i + 1) c/parts - 1 of the c of this grid, as a grid of their
  /// own with the same rows; `parts` divides c. Its rank r is the peer of rank r of each other
  /// part: sample matrices of one shape lie on them alike. Ranks of other parts are not in it.
  /// Collective on this grid.
  ProcessGrid part(int i, int parts) const;

  bool contains_this_rank() const;
  MPI_Comm comm() const;  ///< the grid's own communicator: rank = row * cols + col
  /// The processes of this one's row: rank = column. Collective on the grid.
  MPI_Comm row_comm() const;
  int rank() const;
  int size() const { return rows_ * cols_; }
  int rows() const { return rows_; }
  int cols() const { return cols_; }
  int my_row() const;
  int my_col() const;
  int context() const;  ///< BLACS context of the grid

  /// The 1 x P grid over the same ranks in the same order: the sample layout lives there.
  ProcessGrid sample_grid() const;
  bool is_sample_grid() const { return sample_grid_; }  ///< made by that

  /// How matrices lie on it.
  const Layout& layout() const;

  /// Every operation on its matrices passes here first: its flops are counted (PETSc's counter,
  /// each rank its share: -log_view and the summary read it), or it is written into the ledger.
  /// False: there are no entries to do it with. Not collective.
  bool account(Operation operation) const;

  /// On a grid of shapes: this array is held as long as `holding` lives.
  void hold(const Array& array, Ledger::Holding& holding) const;

  /// Sums over the ranks, in place; on a grid of shapes they are 1, a size like any other.
  /// Collective.
  void sum(double* values, Index count) const;
  /// The same of numbers that lie apart, in one message.
  void sum(const std::vector<double*>& values) const;
  double sum(double value) const {
    sum(&value, 1);
    return value;
  }

  bool operator==(const ProcessGrid& other) const {
    return state_ == other.state_ && ledger_ == other.ledger_ && part_ == other.part_;
  }

 private:
  struct State;
  ProcessGrid() = default;
  int rows_ = 0, cols_ = 0;
  std::shared_ptr<State> state_;  // null on a grid of shapes
  Ledger* ledger_ = nullptr;
  int part_ = 0;  // on a grid of shapes: Operation::part
  bool sample_grid_ = false;
};

}  // namespace admmnet
