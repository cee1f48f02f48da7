#include "methods/taylor/taylor.h"

#include "methods/taylor/block_sweep.h"
#include "methods/taylor/cost_model.h"
#include "methods/taylor/full_batch_sweep.h"
#include "methods/taylor/keys.h"
#include "methods/taylor/printed_sweep.h"

namespace admmnet {
namespace {

class TaylorMethod : public MethodKind {
 public:
  MethodKeys keys() const override { return taylor_keys(); }

  /// multiclass_hinge learns faster in full batch; squared is what the sources of printed have.
  Loss default_loss(const Options& options) const override {
    switch (taylor_options(options).sweep) {
      case Sweep::blocks:
        return Loss::softmax;
      case Sweep::full:
        return Loss::multiclass_hinge;
      case Sweep::printed:
        return Loss::squared;
    }
    return Loss::softmax;
  }

  void resolve(const ProblemSize& problem, Options& options) const override {
    admmnet::resolve(problem, options);
  }

  std::vector<std::pair<std::string, std::string>> describe(const ProblemSize& problem,
                                                            const Options& options) const override {
    if (taylor_options(options).sweep == Sweep::printed)
      return admmnet::describe(printed_parameters(options, problem.topology, problem.samples));
    return admmnet::describe(resync_parameters(options, problem.topology, problem.samples));
  }

  /// Where the deck leaves it open, full keeps the hidden z or forms them twice.
  std::vector<std::unique_ptr<CostModel>> costs(const ProblemSize& problem,
                                                const Options& options) const override {
    std::vector<std::unique_ptr<CostModel>> ways;
    for (const bool keep : {true, false}) {
      const HiddenZ asked = taylor_options(options).hidden_z;
      const bool open = taylor_options(options).sweep == Sweep::full && asked == HiddenZ::automatic;
      if (open || keep == (asked != HiddenZ::recompute))
        ways.push_back(std::make_unique<TaylorCosts>(
            problem, sweep_shape(options, problem.topology, problem.samples, keep)));
    }
    return ways;
  }

  std::vector<Index> panel_bounds(const Options& options, Index samples,
                                  int grid_cols) const override {
    return admmnet::panel_bounds(options, samples, grid_cols);
  }

  std::unique_ptr<TrainingMethod> make(const ProblemSize& problem, const Options& options,
                                       const MethodPlace& place) const override {
    const Topology& topology = problem.topology;
    if (taylor_options(options).sweep == Sweep::printed)
      return std::make_unique<PrintedSweep>(topology, place.unit_block, place.grid, place.train,
                                            printed_parameters(options, topology, problem.samples),
                                            place.timers);
    ResyncParameters parameters = resync_parameters(options, topology, problem.samples);
    if (parameters.sweep == Sweep::blocks)
      return std::make_unique<BlockSweep>(topology, place.unit_block, place.grid, place.train,
                                          parameters, place.timers);
    if (taylor_options(options).hidden_z == HiddenZ::automatic)
      parameters.keep_forward = place.way == 0;
    return std::make_unique<FullBatchSweep>(topology, place.unit_block, place.grid, place.train,
                                            parameters, place.timers);
  }
};

}  // namespace

const MethodKind& taylor_method() {
  static const TaylorMethod method;
  return method;
}

}  // namespace admmnet
