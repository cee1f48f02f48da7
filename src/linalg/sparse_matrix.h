/// A square sparse matrix dealt out by rows, and its product with tall dense matrices: PETSc's AIJ.
///
/// Outside of the layouts (layout.h): graphs have far more nodes than a layer has units, and what
/// is multiplied with them is read from files before any layer exists.
#pragma once

#include <memory>
#include <vector>

#include <mpi.h>

#include "runtime/types.h"

typedef struct _p_Mat* Mat;

namespace admmnet {

struct SparseEntry {
  Index row, col;
  double value;
};

/// A, n x n. Rank r of P holds the rows [r w, min(n, (r + 1) w)), w = slab_width(n, P).
class SparseMatrix {
 public:
  /// The sum of the entries that all ranks give, wherever these lie. Throws BadInput where n or a
  /// rank's entries are too many for the integers that PETSc was built with. Collective on comm.
  SparseMatrix(Index order, const std::vector<SparseEntry>& entries, MPI_Comm comm);

  Index order() const { return order_; }
  Index first_row() const { return first_row_; }
  Index local_rows() const { return local_rows_; }

  /// The sum of each of this rank's rows. Collective.
  std::vector<double> row_sums() const;
  /// A := diag(s) A diag(s); `s`: of this rank's rows. Collective; moves s where rows need it.
  void scale_both_sides(const std::vector<double>& s);
  /// A X. X: this rank's rows of n x columns, column-major, and so the result; the order of the
  /// sums depends on P. Collective; 2 nnz(A) columns flops, moves the rows of X that other ranks'
  /// rows of A ask for.
  std::vector<double> times(std::vector<double>& X, Index columns) const;

 private:
  struct MatDeleter {
    void operator()(Mat mat) const;
  };
  std::unique_ptr<_p_Mat, MatDeleter> mat_;
  MPI_Comm comm_;
  Index order_, first_row_, local_rows_;
};

}  // namespace admmnet
