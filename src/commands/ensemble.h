/// Several trained networks that predict together.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

#include "network/prediction.h"

namespace admmnet {

/// The checkpoints that -run_model names: a file, several with commas between them, or a folder,
/// which stands for the newest checkpoint (NAME.latest) of each run in it, or else of each run in
/// its folders, as a sweep leaves them. In the order of names. Throws BadInput where a folder holds
/// no run. Collective on comm; looks on the first rank only.
std::vector<std::string> model_files(const std::string& names, MPI_Comm comm);

/// From the sum of the values of `members` networks for the same samples to their prediction: the
/// mean of the values, the class that it says, and, by the labels (class of each sample of the set,
/// negative: unknown), accuracy, confusion and, of probabilities p, the loss -log p_y; else its
/// loss is NaN. Of real targets (no classes) their errors. Collective on the grid.
void take_mean(Index members, Index classes, const std::vector<int>& labels,
               const ProcessGrid& grid, Prediction& sum);

}  // namespace admmnet
