/// What a pass of a method costs: the terms in which a plan speaks. Pure arithmetic, no MPI.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/sparsity.h"
#include "linalg/work.h"
#include "network/network.h"

namespace admmnet {

struct ProblemSize {
  Topology topology;
  Index samples = 0;                                  ///< training
  Index validation = 0;                               ///< looked at after every iteration
  Index test = 0;                                     ///< in memory only
  std::optional<SparseInputs> sparse = std::nullopt;  ///< nothing: the inputs are dense
  ComponentSize components = {};                      ///< in memory only
};

/// A phase that the method times, the evaluation of the validation samples, or what is outside.
struct PhaseCost {
  std::string name;
  Work work;
};

/// Program, libraries, MPI's buffers and two batches of the reader.
constexpr double program_bytes = 96.0 * 1048576.0;

struct Cost {
  std::vector<PhaseCost> phases;  ///< of one iteration
  Work total;                     ///< their sum
  double memory_bytes = 0.0;      ///< of the rank that needs most, at its peak, with program_bytes
  double checkpoint_bytes = 0.0;
  double longest_array = 0.0;  ///< elements of the longest array of any rank
};

}  // namespace admmnet
