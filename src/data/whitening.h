/// ZCA whitening: the rotation of -data_scaling whiten.
#pragma once

#include <vector>

#include <mpi.h>

#include "data/preprocessing.h"

namespace admmnet {

/// R = U (L + e I)^(-1/2) U' with U L U' = (1/N) sum x x' over the training samples x after shift
/// and scale, e = kWhiteningRidge: symmetric n x n, on every rank. (Bell and Sejnowski 1997; of all
/// whitening maps the one that changes the samples least.) Costs what spectrum_of does, and n^3
/// flops and 8 n^2 bytes a rank more; throws what it throws. Collective on comm.
std::vector<double> whitening_rotation(const Preprocessing& shift_and_scale, const StagedSet& train,
                                       MPI_Comm comm);

}  // namespace admmnet
