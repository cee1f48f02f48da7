/// The bridge between a block-cyclic matrix and whole columns in contiguous slabs, one a rank: what
/// file I/O needs. It does what redistribute() does for this one pair of layouts, several times as
/// fast (p?gemr2d copies element by element where this moves a rank's part of a column at once), in
/// buffers that the next panel uses again.
#pragma once

#include <vector>

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// Deals the columns of a panel out to the ranks of a matrix's grid in slabs: rank r gets
/// slab_width(cols, P) columns from r * slab_width on, the last ranks fewer or none.
class SlabExchange {
 public:
  /// Columns [begin, end) of the panel that are rank's slab. Pure arithmetic.
  struct Range {
    Index begin, end;
    Index size() const { return end - begin; }
  };
  static Range slab_of(Index cols, int rank, int ranks);

  /// slab := A(0 : rows, columns of this rank's slab of the panel [first, first + cols)),
  /// column-major without gaps. Messages of 8 rows cols / P bytes a rank, the buffers hold as much;
  /// the caller keeps panels small. Collective on A's grid.
  void gather(const BlockCyclicMatrix& A, Index rows, Index first, Index cols, double* slab);

  /// The way back: the rows [0, rows) of the panel's columns of A := the slabs.
  void scatter(const double* slab, BlockCyclicMatrix& A, Index rows, Index first, Index cols);

 private:
  void wait();

  std::vector<double> packed_, received_;
  std::vector<MPI_Request> requests_;
};

}  // namespace admmnet
