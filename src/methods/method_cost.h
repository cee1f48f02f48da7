/// What a method costs on any grid: the method itself, run once on matrices that have shapes and no
/// entries. No MPI, nothing allocated.
///
/// Against counted ones (tests/methods/counted_costs.cpp) flops are exact; on 1 x P messages and
/// bytes are, too, but for PBLAS's product with a symmetric matrix; on other grids bytes are within
/// -10 to +14 %, and within 4 % where layers are several blocks wide, and messages within a third.
/// Memory is what is held at once: within 4 % of what three runs of a gigabyte and more grew by, on
/// 1 x 1, 1 x 2 and 2 x 2. The steps of conjugate gradients are those of their bound.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "methods/method.h"

namespace admmnet {

class Rehearsal;

/// One way to run a method on a problem. Options are resolved.
class MethodCost {
 public:
  MethodCost(const MethodKind& method, ProblemSize problem, Options options, std::size_t way);
  ~MethodCost();

  const ProblemSize& problem() const { return problem_; }
  /// Whether the method can run on this grid in this way.
  bool runs_on(GridShape grid) const { return grid.cols % method_.parts(options_, way_) == 0; }
  /// A pass in the middle of a run. Start and end of the run are in the memory only, and so is
  /// reading.
  Cost on(GridShape grid, Index unit_block, const MachineParameters& machine) const;
  /// Of a pass, the same on any grid of one column.
  double flops() const;

  /// For tables: "blocks".
  std::string name() const;
  /// For the plan: "blocks, hidden Gram matrices every 2; 22 panels of 2500 samples".
  std::string describe(GridShape grid) const;
  /// What this way makes of keys whose auto depends on the machine, by key; for the used deck.
  std::map<std::string, std::string> choices() const { return method_.choices(options_, way_); }

 private:
  std::vector<Index> panel_bounds(GridShape grid) const;
  const Rehearsal& rehearsal(GridShape grid) const;

  const MethodKind& method_;
  ProblemSize problem_;
  Options options_;
  std::size_t way_;
  /// By the bounds of the panels, which is all that depends on the grid.
  mutable std::map<std::vector<Index>, std::unique_ptr<const Rehearsal>> rehearsals_;
};

}  // namespace admmnet
