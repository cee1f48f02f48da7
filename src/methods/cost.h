/// What a pass of a method costs: the terms in which every method answers. Pure arithmetic, no MPI;
/// see operation_cost.h for what is counted and how.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "methods/operation_cost.h"
#include "network/network.h"

namespace admmnet {

struct ProblemSize {
  Topology topology;
  Index samples = 0;     ///< training
  Index validation = 0;  ///< looked at after every iteration
  Index test = 0;        ///< in memory only
};

/// A phase that the method times, or the evaluation of the validation samples.
struct PhaseCost {
  std::string name;
  Work work;
};

struct Cost {
  std::vector<PhaseCost> phases;  ///< of one iteration
  Work total;                     ///< their sum
  double memory_bytes = 0.0;      ///< of the rank that needs most, at its peak
  double checkpoint_bytes = 0.0;
  double longest_array = 0.0;  ///< elements of the longest array of any rank
};

/// One way to run a method on a problem.
class CostModel {
 public:
  virtual ~CostModel() = default;
  virtual const ProblemSize& problem() const = 0;
  virtual Cost predict(GridShape grid, Index unit_block,
                       const MachineParameters& machine) const = 0;

  /// For tables: "blocks".
  virtual std::string name() const = 0;
  /// For the plan: "blocks, 22 blocks of 2500 samples".
  virtual std::string describe(GridShape grid) const = 0;

  /// What this way makes of keys whose auto depends on the machine, by key; for the used deck.
  virtual std::map<std::string, std::string> choices() const { return {}; }
};

}  // namespace admmnet
