#include "methods/taylor/taylor.h"

#include "methods/taylor/block_sweep.h"
#include "methods/taylor/full_batch_sweep.h"
#include "methods/taylor/keys.h"
#include "methods/taylor/printed_sweep.h"

namespace admmnet {
namespace {

HiddenZ hidden_z(const Options& options, std::size_t way) {
  const HiddenZ asked = taylor_options(options).hidden_z;
  if (asked != HiddenZ::automatic) return asked;
  return way == 0 ? HiddenZ::keep : HiddenZ::recompute;
}

/// Whether what auto stands for is that of blocks today.
bool blocks_by_columns(const Options& options) {
  const TaylorOptions& admm = taylor_options(options);
  return admm.sweep == Sweep::blocks && admm.defaults != Defaults::first;
}

class TaylorMethod : public MethodKind {
 public:
  MethodKeys keys() const override { return taylor_keys(); }

  /// Ways to fit that take all samples apart.
  std::string needs_dense(const Options& options) const override {
    const std::vector<WeightSolver>& solvers = options.linalg.weight_solver;
    const WeightSolver first = solvers.empty() ? WeightSolver::automatic : solvers.front();
    const bool fits =
        taylor_options(options).sweep != Sweep::blocks
            ? taylor_options(options).sweep == Sweep::printed || options.net.hidden.empty()
            : options.net.hidden.empty() && first == WeightSolver::svd;
    const bool of_samples =
        first == WeightSolver::qr || first == WeightSolver::svd || first == WeightSolver::dual;
    return fits && of_samples ? "-linalg_weight_solver " + name_of(first) : "";
  }

  bool takes_weights(const Options&) const override { return true; }

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

  double default_label_smoothing(const Options& options) const override {
    return blocks_by_columns(options) ? 0.1 : 0.0;
  }

  bool default_components(const Options& options) const override {
    return blocks_by_columns(options);
  }

  /// full and printed learn slower from biases that are spread over the data.
  InitBias default_init_bias(const Options& options) const override {
    return blocks_by_columns(options) ? InitBias::data : InitBias::zero;
  }

  /// README.md §4.5 has what it does to printed.
  std::optional<Acceleration> default_acceleration(const Options& options) const override {
    if (taylor_options(options).sweep != Sweep::printed) return std::nullopt;
    return Acceleration::none;
  }

  bool has_dual_residual(const Options& options) const override {
    const TaylorOptions& admm = taylor_options(options);
    return admm.sweep == Sweep::printed && admm.multiplier == Multiplier::residual;
  }

  void resolve(const ProblemSize& problem, Options& options) const override {
    admmnet::resolve(problem, options);
  }

  std::vector<std::pair<std::string, std::string>> describe(const ProblemSize& problem,
                                                            const Options& options) const override {
    if (taylor_options(options).sweep == Sweep::printed)
      return admmnet::describe(printed_parameters(options, problem));
    return admmnet::describe(resync_parameters(options, problem));
  }

  /// Where the deck leaves it open, full keeps the hidden z or forms them twice.
  std::size_t ways(const Options& options) const override {
    const TaylorOptions& admm = taylor_options(options);
    return admm.sweep == Sweep::full && admm.hidden_z == HiddenZ::automatic ? 2 : 1;
  }

  std::map<std::string, std::string> choices(const Options& options,
                                             std::size_t way) const override {
    if (taylor_options(options).sweep != Sweep::full) return {};
    return {{"admm_hidden_z", name_of(hidden_z(options, way))}};
  }

  std::string summary(const ProblemSize& problem, const Options& options,
                      std::size_t way) const override {
    const TaylorOptions& admm = taylor_options(options);
    std::string text = name_of(admm.sweep);
    if (admm.sweep == Sweep::blocks && problem.topology.layers() > 1)
      text += ", hidden Gram matrices every " + std::to_string(admm.gram_every.value());
    if (admm.sweep == Sweep::full && hidden_z(options, way) == HiddenZ::recompute)
      text += ", hidden z formed twice to save memory";
    return text;
  }

  /// Messages and sums of a pass go with the number of its blocks: wider ones, while there are
  /// eight.
  std::vector<std::map<std::string, std::string>> cheaper(const ProblemSize& problem,
                                                          const Options& options) const override {
    constexpr Index kColumns[] = {2500, 10000, 40000}, kFewest = 8;
    const TaylorOptions& admm = taylor_options(options);
    std::vector<std::map<std::string, std::string>> wider;
    for (const Index columns : kColumns)
      if (admm.sweep == Sweep::blocks && problem.samples >= kFewest * columns &&
          *admm.blocks * columns > 3 * problem.samples / 2)
        wider.push_back({{"admm_blocks", "auto"}, {"admm_block_columns", std::to_string(columns)}});
    return wider;
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
                                            printed_parameters(options, problem), place.timers);
    ResyncParameters parameters = resync_parameters(options, problem);
    if (parameters.sweep == Sweep::blocks)
      return std::make_unique<BlockSweep>(topology, place.unit_block, place.grid, place.train,
                                          parameters, place.timers);
    parameters.keep_forward = hidden_z(options, place.way) == HiddenZ::keep;
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
