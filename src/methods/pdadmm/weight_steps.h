/// Small sums that the weight steps of a layer need.
#pragma once

#include "linalg/block_cyclic_matrix.h"

namespace admmnet {

/// tr((A - mean)(A - mean)^T) of n rows A, of the Gram matrix G (lower triangle) of [A; 1]:
/// sum_i G_ii - G_{n,i}^2 / N. Without biases, G of order n, tr(G). Collective.
double centred_trace(const BlockCyclicMatrix& G, Index n, Index samples);

/// Column n of W := itself - the means of the rows of D over `samples` columns. D: rows of W x
/// samples. Collective.
void subtract_row_means(const BlockCyclicMatrix& D, Index samples, Index n, BlockCyclicMatrix& W);

/// The entries of the columns from n on := 0. Not collective.
void clear_columns_from(Index n, BlockCyclicMatrix& A);
/// The entries of the rows from n on := 0. Not collective.
void clear_rows_from(Index n, BlockCyclicMatrix& A);

}  // namespace admmnet
