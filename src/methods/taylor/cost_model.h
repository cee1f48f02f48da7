/// What an iteration of the Taylor sweeps costs on a process grid: work and traffic by phase,
/// memory, checkpoint. Pure arithmetic, no MPI; see methods/operation_cost.h for what is counted
/// and how.
///
/// Flops are those of README.md §9, with widths that include the biases' ones, plus what the sweeps
/// do besides: the solves of each block, and the formation of the corrections. A panel's width is
/// rounded up, so that uneven panels are counted a little too large. Start and end of a run are not
/// included.
#pragma once

#include "methods/cost.h"
#include "methods/taylor/options.h"

namespace admmnet {

struct ResyncParameters;

/// What of the options the cost depends on.
struct SweepShape {
  Sweep sweep = Sweep::blocks;
  Index panels = 1;          ///< blocks, or panels of a pass over all samples on one process column
  Index gram_every = 1;      ///< blocks between updates of the hidden Gram matrices
  bool keep_forward = true;  ///< full batch: the hidden z of all samples is kept
  bool clip = false;         ///< the length of weight steps is limited
  CorrectionSide side = CorrectionSide::smaller;  ///< of the activation systems
};
/// Of resolved options; `keep_forward`: what -admm_hidden_z auto stands for.
SweepShape sweep_shape(const Options& options, const Topology& topology, Index samples,
                       bool keep_forward = true);

/// How many panels a pass has on a grid, and the columns of one, rounded up.
Index panel_count(const SweepShape& sweep, GridShape grid);
Index panel_width(const ProblemSize& problem, const SweepShape& sweep, GridShape grid);
/// Columns that meet the same weights: those of a block, or all.
Index columns_per_step(const ProblemSize& problem, const SweepShape& sweep);

/// Blocks between updates of the hidden layers' Gram matrices where the deck leaves it open: 2; on
/// layers of 1500 units and more 4 or 8 as long as forming and factoring these matrices takes more
/// than a fifth of an iteration, but two updates a pass at least; never more than there are blocks.
/// By flops, so that it is the same on any machine and grid; 2, 4 and 8 learn alike (README.md
/// here). Takes panels, side and clip of the shape.
Index economical_gram_every(const ProblemSize& problem, SweepShape shape);

Cost predict(const ProblemSize& problem, const SweepShape& sweep, GridShape grid, Index unit_block,
             const MachineParameters& machine);

class TaylorCosts : public CostModel {
 public:
  TaylorCosts(ProblemSize problem, const SweepShape& sweep)
      : problem_(std::move(problem)), sweep_(sweep) {}
  const ProblemSize& problem() const override { return problem_; }
  Cost predict(GridShape grid, Index unit_block, const MachineParameters& machine) const override {
    return admmnet::predict(problem_, sweep_, grid, unit_block, machine);
  }
  std::string name() const override { return name_of(sweep_.sweep); }
  std::string describe(GridShape grid) const override;
  std::map<std::string, std::string> choices() const override;

 private:
  ProblemSize problem_;
  SweepShape sweep_;
};

}  // namespace admmnet
