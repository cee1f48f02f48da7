/// The inner products of the samples of a panel on a 1 x P grid.
#pragma once

#include "linalg/block_cyclic_matrix.h"
#include "linalg/pricing.h"
#include "linalg/sample_operand.h"

namespace admmnet {

/// K := alpha H^T H, lower triangle, for dense samples in slabs, H: n x w, and K in square blocks
/// of any size. Every rank takes n/P features of all samples from the others, forms
///   K_r = alpha H_r^T H_r
/// of them, and the K_r are summed up at the owners of K's columns: n w + P w^2/2 doubles cross the
/// network, where samples that meet pair by pair would take P n w. Collective.
void inner_by_features(double alpha, const SampleOperand& H, BlockCyclicMatrix& K);

/// What it costs (Verb::sample_inner), and the doubles that it holds meanwhile.
Work inner_cost(const Operation& operation, const Pricing& pricing);
double inner_workspace(const Operation& operation, const Pricing& pricing);

}  // namespace admmnet
