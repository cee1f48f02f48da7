#include "methods/taylor/block_weights.h"

#include <algorithm>
#include <limits>

#include "linalg/products.h"
#include "methods/taylor/dual_weights.h"
#include "methods/taylor/low_rank_weights.h"

namespace admmnet {

BlockWeights::BlockWeights(const Network& network, int l) : V_(network.make_like_weight(l)) {}

void BlockWeights::append_state(const std::string& prefix, StateView& view) {
  view.tensors.push_back(whole_tensor(prefix + "V", V()));
}

Condition condition_of_systems(const Network& network, int l, double proximal) {
  constexpr double kModerate = 1e4;
  const auto n = static_cast<double>(network.topology().extended(l - 1));
  return n <= kModerate * proximal ? Condition::moderate : Condition::any;
}

namespace {

/// The running Gram matrix.
class GramWeights : public BlockWeights {
 public:
  GramWeights(const Network& network, int l, const SolverChoice& solver, const SampleSet& train,
              const Weighting& weighting)
      : system_(network, l, solver, l == 1 ? &train : nullptr,
                condition_of_systems(network, l, weighting.proximal)),
        weighting_(weighting),
        of_inputs_(l == 1) {}

  /// R = N/N_b sum_B D a~^T, and where it is its turn G := q G + (1 - q) N/N_b sum_B a~ a~^T.
  void take(const Block& block, const BlockCyclicMatrix&, std::vector<OuterSum*>& sums,
            Notes&) override {
    outer_.begin(system_.R());
    outer_.add(block.scale, block.D, block.a);
    sums.push_back(&outer_);
    if (of_inputs_ || !block.refresh_gram) return;
    const double keep = block.first ? 0.0 : weighting_.memory;
    gram_.begin(system_.G(), keep);
    gram_.add_gram((1.0 - keep) * block.scale, block.a);
    sums.push_back(&gram_);
    system_.gram_changed();
  }

  bool step(const Block& block, BlockCyclicMatrix& W, Notes& notes) override {
    return system_.step({weighting_.ridge, weighting_.proximal, block.length}, W, notes);
  }

  void resume() override { system_.gram_changed(); }

  void append_state(const std::string& prefix, StateView& view) override {
    BlockWeights::append_state(prefix, view);
    if (!of_inputs_) view.tensors.push_back(whole_tensor(prefix + "G", system_.G()));
  }

  BlockCyclicMatrix* input_gram() override {
    return of_inputs_ && !system_.knows_samples() ? &system_.G() : nullptr;
  }
  BlockCyclicMatrix& V() override { return system_.V(); }

 private:
  WeightSystem system_;
  Weighting weighting_;
  OuterSum gram_{Triangle::lower};
  bool of_inputs_;
};

}  // namespace

std::unique_ptr<BlockWeights> make_block_weights(const Network& network, int l,
                                                 const SolverChoice& solver, const SampleSet& train,
                                                 const BlockWeights::Weighting& weighting,
                                                 bool clips) {
  switch (solver.solver) {
    case WeightSolver::dual:
      return std::make_unique<DualWeights>(network, l, weighting);
    case WeightSolver::low_rank:
      return std::make_unique<LowRankWeights>(network, l, weighting, clips);
    default:
      return std::make_unique<GramWeights>(network, l, solver, train, weighting);
  }
}

void RunningMean::add(double memory, const BlockWeights::Block& block) {
  const double own = block.scale * block.input_squares / static_cast<double>(block.a.rows());
  mean_ = mean_ > 0.0 ? memory * mean_ + (1.0 - memory) * own : own;
}

double RunningMean::value() const {
  constexpr double kLeast = 1e-200;  // of a layer without biases whose units are all 0
  return std::max(mean_, kLeast);
}

void RunningMean::append_state(const std::string& path, StateView& view) {
  view.scalars.push_back({path, &mean_, nullptr, 0.0, std::numeric_limits<double>::max()});
}

}  // namespace admmnet
