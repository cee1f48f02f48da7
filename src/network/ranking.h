/// How well an output tells two classes apart, whatever the threshold.
#pragma once

#include <optional>
#include <vector>

#include <mpi.h>

namespace admmnet {

/// Outputs of the samples of two classes, of this rank: the larger, the more of class 1.
struct RankedOutputs {
  std::vector<double> of_first, of_second;  ///< of samples of class 0, of class 1
};

/// Area under the receiver operating characteristic: the probability that a sample of class 1 has
/// the larger output than one of class 0, half of it where they are equal (Hanley and McNeil,
/// Radiology 143, 1982), over the samples of all ranks; nothing where a class has none. NaN among
/// the outputs gives NaN. Collective on comm; 8 bytes a sample on the first rank.
std::optional<double> area_under_curve(const RankedOutputs& outputs, MPI_Comm comm);

}  // namespace admmnet
