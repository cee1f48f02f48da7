/// Cholesky factors on a 1 x P grid, and solves with them: what they cost, by where the factor
/// lies. The verbs themselves are DataParallel's.
#pragma once

#include "linalg/pricing.h"

namespace admmnet {

/// Whether rank 0, which has all columns of the matrix, makes the factor, and this has to go to the
/// others for a solve as `share` says.
bool is_shared_for(const Operation& share, const Pricing& pricing);

Work factor_cost(Index order, const Pricing& pricing);
Work factor_rows_cost(const Operation& operation, const Pricing& pricing);
Work solve_right_cost(const Operation& operation, const Pricing& pricing);
Work solve_left_cost(const Operation& operation, const Pricing& pricing);

/// Doubles that they hold besides their operands, on the rank that needs most.
double factor_workspace(Index order, const Pricing& pricing);
double solve_right_workspace(const Operation& operation, const Pricing& pricing);
double solve_left_workspace(const Operation& operation, const Pricing& pricing);
/// And what every rank keeps of the factor in one piece, with the inverses of its diagonal blocks.
double whole_factor_entries(Index order, const Pricing& pricing);

}  // namespace admmnet
