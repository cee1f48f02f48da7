/// Products on a 1 x P grid, where every rank holds whole samples: local dgemm around one
/// collective; see products.h for the formulas.
#pragma once

#include <vector>

#include "linalg/layer_operand.h"
#include "linalg/layout.h"
#include "linalg/sample_operand.h"

namespace admmnet {

/// Z := alpha op(W) H + beta Z with op(W) of m x k. A W that was not gathered is, in ranges of
/// columns of bounded size.
void local_apply(Transpose op, Index m, Index k, double alpha, const LayerOperand& W,
                 const SampleOperand& H, double beta, BlockCyclicMatrix& Z);

/// Columns of A that are worked on at a time, so that they take no more than kRangeEntries.
Index columns_per_range(const BlockCyclicMatrix& A);

// The next ones work within a process row and on its rows alone: on P x Q each of the rows is data
// parallel by itself (sparse_products.h).

/// The columns [first, last) of W from `first_row` on, in their natural order and without gaps,
/// into `part` on every rank of the process row. Collective.
void gather_columns(const BlockCyclicMatrix& W, Index first_row, Index first, Index last,
                    double* part);

/// R := alpha D H^T + beta R by local products in ranges of columns, whose summands go to their
/// owners a round of blocks at a time. Triangle::lower (D = H) forms and sends the rows i >= j
/// only.
void local_outer(Triangle triangle, double alpha, const SampleOperand& D, const SampleOperand& H,
                 double beta, BlockCyclicMatrix& R);

/// The two halves of local_outer, for sums over several panels that cross the network once.
/// This rank's share of the sum for the columns [first, last) of R:
///   sum := alpha D H(first : last, :)^T + beta sum, R.rows() x (last - first), column-major.
void add_own_samples(Triangle triangle, double alpha, const SampleOperand& D,
                     const SampleOperand& H, Index first, Index last, double beta, double* sum);
/// R(:, first : last) := the sum over the process row of `sum`, of the local rows of R, + beta
/// R(:, first : last). Overwrites `sum`. Collective.
void reduce_columns(Triangle triangle, double* sum, Index first, Index last, double beta,
                    BlockCyclicMatrix& R);

/// The end of several sums at once: each R := keep R + the sum over the ranks of its `own`, in one
/// message, packed by the owners of their columns. Collective.
void reduce_together(const std::vector<Layout::PanelSum>& sums);

// ---- what it costs: of a layer matrix of rows x cols ----

/// gather_columns of all of it.
Work gather_cost(Index rows, Index cols, const Pricing& pricing);
/// reduce_columns of all of it, `elements` of its entries.
Work reduce_cost(Index rows, Index cols, double elements, const Pricing& pricing);
/// reduce_together of `elements` in so many columns; `along`: another sum has as many columns, and
/// the message is its.
Work together_cost(Index cols, double elements, bool along, const Pricing& pricing);
/// Doubles that it holds: `elements` packed by their owners, and what these receive.
double together_entries(double elements, const Pricing& pricing);
/// Messages of a rank while the columns [first, last) are gathered.
double gather_messages(Index rows, Index first, Index last, const Pricing& pricing);
/// Doubles that a product which gathers or sums up holds: a range of columns; and what crosses the
/// network at a time, packed or received.
double range_entries(Index rows, Index cols, const Pricing& pricing);
double crossing_entries(Triangle triangle, Index rows, Index cols, const Pricing& pricing);

}  // namespace admmnet
