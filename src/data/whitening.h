/// ZCA whitening: the rotation of Preprocessing, by LAPACK on a replicated covariance.
#pragma once

#include <vector>

#include <mpi.h>

#include "data/preprocessing.h"

namespace admmnet {

/// R = U (L + e I)^(-1/2) U' with U L U' = (1/N) sum x x' over the training samples x after shift
/// and scale, e = kWhiteningRidge: symmetric n x n. (Bell and Sejnowski 1997; of all whitening maps
/// the one that changes the samples least.) Collective on comm: sums n^2 numbers; rank 0 factors
/// and sends the result, so that it is the same to the last bit. 16 n^2 bytes a rank, 40 n^2 on
/// rank 0. Throws NumericalBreakdown when LAPACK's eigenvalue solver does not converge.
std::vector<double> whitening_rotation(const Preprocessing& shift_and_scale, const StagedSet& train,
                                       MPI_Comm comm);

/// x := R x for `count` columns of n numbers. Rank-local; 2 n^2 count flops.
void rotate_columns(const std::vector<double>& rotation, Index n, Index count, double* columns,
                    Index leading_dimension);

}  // namespace admmnet
