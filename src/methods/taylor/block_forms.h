/// In which form the sub-problems of `blocks` are solved, layer by layer: the cheapest by counted
/// flops, of sizes alone, so that a run is the same on any ranks (README.md §6.9). Pure arithmetic.
#pragma once

#include "linalg/solver_choice.h"
#include "methods/taylor/options.h"

namespace admmnet {

/// Of a block, and how often what runs on over blocks is renewed.
struct BlockSizes {
  Index columns;                  ///< N_b
  Index gram_every, basis_every;  ///< blocks
};

/// N_b = N / blocks, Gram matrices as the options say, and the basis of low_rank every
/// round(3320/N_b) blocks. Of resolved options.
BlockSizes block_sizes(const TaylorOptions& admm, Index samples);

/// Flops a block of the weight step, without R = D a~^T, of n = problem.inputs and m = targets:
///   cholesky  refreshes (n^2 N_b + n^3/3) + 2 n^2 m; with a diagonal G n m; cg likewise
///   dual      n N_b^2 + N_b^3/3 + 2 m N_b^2; of sparse inputs problem.inner for n N_b^2
///   low_rank  (4 n k N_b + 6 n k^2)/r + 4 m n k, k = 64, every r blocks; for an output layer with
///             n > N_b
/// and the cheapest of them, or the one asked for. `output`: the layer is the last of several.
SolverChoice choose_block_form(WeightSolver asked, const WeightProblem& problem,
                               const BlockSizes& sizes, bool output);

/// Whether the targets of a layer of n units come along a ray (ray.h) from one of m units above it:
/// as asked, and with `cheapest` where min(m, n) > 64 and the correction (correction.h) takes more
/// than a quarter of 6 m n N_b, the flops of the products with the block's samples.
bool goes_along_ray(ActivationSolver asked, Index m, Index n, Index columns);

}  // namespace admmnet
