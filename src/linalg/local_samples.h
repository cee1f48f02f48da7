/// Products on a 1 x P grid, where every rank holds whole samples: local dgemm around one
/// collective. Used inside linalg/ only; see products.h for the formulas.
#pragma once

#include <vector>

#include "linalg/products.h"

namespace admmnet {

/// Z := alpha op(W) H + beta Z with op(W) of m x k. W is gathered in panels of columns of bounded
/// size.
void local_apply(Transpose op, Index m, Index k, double alpha, const BlockCyclicMatrix& W,
                 const BlockCyclicMatrix& H, double beta, BlockCyclicMatrix& Z);

/// The columns [first, last) of W, whole and in their natural order, on every rank; `first` begins
/// a round of blocks over the ranks. Collective.
void gather_columns(const BlockCyclicMatrix& W, Index first, Index last,
                    std::vector<double>& whole);

enum class Triangle { full, lower };

/// R := alpha D H^T + beta R by local products, packed by owner and added up by one reduce-scatter
/// per panel of columns. Triangle::lower (D = H) forms and sends the rows i >= j only.
void local_outer(Triangle triangle, double alpha, const BlockCyclicMatrix& D,
                 const BlockCyclicMatrix& H, double beta, BlockCyclicMatrix& R);

}  // namespace admmnet
