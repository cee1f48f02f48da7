/// Products with sparse samples, the same in both layouts: each process row is data parallel by
/// itself, on its own rows of W, Z, D and R (README.md §10). What methods call is products.h.
///
/// The entries are taken one by one, each as a multiple of a column of W or D, which lie there
/// without gaps: PETSc's AIJ would want W^T for it, and products with matrices that are sparse on
/// both sides. Always in double. H = S - c 1^T throughout; nnz: the entries of S in the panel.
#pragma once

#include "linalg/layer_operand.h"
#include "linalg/layout.h"
#include "linalg/sparse_samples.h"

namespace admmnet {

/// Z := W H with W of m x k. 2 m nnz flops, and with a centring 2 m (k + w) for a panel of w.
/// Collective: within a process row W is gathered, unless it is already, in ranges of columns.
void sparse_apply(Index m, const LayerOperand& W, const SparseSamples& H, BlockCyclicMatrix& Z);

/// R := alpha D H^T + beta R, flops as sparse_apply; lower: the lower triangle of
/// R := alpha H H^T + beta R, D null, sum of c (c + 1) flops over the samples with c entries, and
/// with a centring 3 k^2. Collective: within a process row the summands go to their owners, a range
/// of columns at a time.
void sparse_outer(Triangle triangle, double alpha, const BlockCyclicMatrix* D,
                  const SparseSamples& H, double beta, BlockCyclicMatrix& R);

/// This rank's summand of it, whole, on 1 x P: sum := alpha D H^T + beta sum, R.rows() x R.cols().
/// Not collective.
void add_own_sparse(Triangle triangle, double alpha, const BlockCyclicMatrix* D,
                    const SparseSamples& H, double beta, const BlockCyclicMatrix& R, double* sum);

/// K := alpha H^T H, lower triangle, w x w in square blocks of H's column block. sum of n (n + 1)
/// flops over the features with n entries. Collective: the slabs pass through each process row.
void sparse_inner(double alpha, const SparseSamples& H, BlockCyclicMatrix& K);

/// |H|^2 of this rank's part. Not collective.
double own_sum_of_squares(const SparseSamples& H);

// ---- what it costs ----

/// Operation::weight of a product of each kind: flops over 2 m, and flops.
double apply_weight(const SparseSamples& H);
double gram_weight(const SparseSamples& H);
double inner_weight(const SparseSamples& H);

/// `crosses`: W or R crosses the network for this product alone.
Work sparse_cost(const Operation& operation, bool crosses, const Pricing& pricing);
double sparse_workspace(const Operation& operation, bool crosses, const Pricing& pricing);

}  // namespace admmnet
