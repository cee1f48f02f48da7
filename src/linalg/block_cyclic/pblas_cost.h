/// What PBLAS and ScaLAPACK move and compute on a process grid.
///
/// Their choice between the forms of a product, the broadcasts along process rows and columns, and
/// the regrouping of panels are modelled after the sources of ScaLAPACK 2.2 (PBLAS/SRC: pdgemm,
/// pdsyrk, pdtrsm and their PTOOLS; SRC: pdpotrf), with the logical block of 256 that linalg/ sets.
#pragma once

#include "linalg/work.h"

namespace admmnet {

/// A dimension of a matrix and the blocks that it is dealt out in.
struct Extent {
  Index size, block;
};

struct PblasCost {
  double flops = 0.0;     ///< of all ranks
  double busiest = 0.0;   ///< flops of one rank on the way that takes longest
  double least = 1.0;     ///< least dimension of the local products
  double elements = 0.0;  ///< sent by all ranks together
  double messages = 0.0;  ///< of a rank
};

/// Messages of a rank in a collective of p ranks.
double rounds(int p);

/// C := op(A) op(B) with op(A) m x k, op(B) k x n.
PblasCost gemm_cost(GridShape grid, bool transpose_A, bool transpose_B, Extent m, Extent n,
                    Extent k);
/// C := A A^T, lower triangle.  A: n x k.
PblasCost syrk_cost(GridShape grid, Extent n, Extent k);
/// Cholesky factor of a lower triangle.
PblasCost potrf_cost(GridShape grid, Extent n);
enum class Side { left, right };
/// One triangular solve with an n x n lower triangle, or its transpose, for m rows (right) or
/// columns (left) of B.
PblasCost trsm_cost(GridShape grid, Side side, bool transposed, Extent m, Extent n);
/// C := A S with S symmetric.  A: m x n.
PblasCost symm_cost(GridShape grid, Extent m, Extent n);

}  // namespace admmnet
