#include "methods/taylor/cost_model.h"

#include <algorithm>

#include "linalg/unit_operand.h"
#include "methods/taylor/memory_model.h"
#include "methods/taylor/parameters.h"

namespace admmnet {
namespace {

/// Doubles moved to or from memory for an entry of the element-wise steps.
constexpr double kActivate = 3.0, kHiddenStep = 8.0, kSubtract = 3.0, kWeightStep = 8.0,
                 kPrintedHidden = 8.0;

/// The pieces that the sweeps are made of.
class Pieces {
 public:
  Pieces(const ProblemSize& problem, const SweepShape& sweep, GridShape grid, Index unit_block,
         const MachineParameters& machine)
      : costs(grid, unit_block, machine),
        t(problem.topology),
        L(t.layers()),
        panels(panel_count(sweep, grid)),
        width(panel_width(problem, sweep, grid)),
        columns_(columns_per_step(problem, sweep)),
        sweep_(sweep),
        data_parallel_(grid.rows == 1),
        output_slab_(slab_width(width, grid.ranks())) {}

  Work forward() const {
    Work work = apply(L, width);
    for (int l = 1; l < L; ++l) work += apply(l, width) + activate(l, width);
    return work;
  }
  Work apply(int l, Index samples) const {
    return costs.apply(t.width(l), t.extended(l - 1), samples);
  }
  Work activate(int l, Index samples) const {
    return costs.over_samples(t.width(l), samples, kActivate);
  }

  /// `product(samples)` with an m x n unit matrix over all panels of a pass: the matrix crosses the
  /// network once where each rank gathers or sums all of it, else with each panel.
  template <class Product>
  Work over_panels(Index m, Index n, Product&& product) const {
    const auto count = static_cast<double>(panels);
    return data_parallel_ && m * n <= kLargestGathered ? product(panels * width)
                                                       : count * product(width);
  }
  Work apply_to_all(int l) const {
    return over_panels(t.width(l), t.extended(l - 1), [&](Index n) { return apply(l, n); });
  }
  Work sum_outer(int l) const {
    return over_panels(t.width(l), t.extended(l - 1), [&](Index n) {
      return costs.accumulate_outer(t.width(l), t.extended(l - 1), n);
    });
  }
  Work sum_gram(int l) const {
    const Index n = t.extended(l - 1);
    return over_panels(n, n, [&](Index samples) { return costs.accumulate_gram(n, samples); });
  }

  /// A forward pass over all panels, and its outputs as whole columns.
  Work evaluation() const {
    const auto count = static_cast<double>(panels);
    Work work = apply_to_all(L) + count * move_outputs();
    for (int l = 1; l < L; ++l) work += apply_to_all(l) + count * activate(l, width);
    return work;
  }

  Work move_outputs() const { return costs.redistribute_outputs(t.outputs(), width); }

  Work minimise_outputs() const {
    return {0.0, 0.0, 0.0, t.loss->seconds * static_cast<double>(t.outputs() * output_slab_)};
  }

  Work form_corrections() const {
    Work work;
    for (int l = 2; l <= L; ++l)
      work += costs.form_correction(t.width(l), t.width(l - 1), sweep_.side, columns_);
    return work;
  }

  Work apply_correction(int l, Index samples) const {
    return costs.apply_correction(t.width(l + 1), t.width(l), sweep_.side, columns_, samples);
  }
  Work backward_targets() const {
    Work work;
    for (int l = 1; l < L; ++l)
      work += apply_correction(l, width) + costs.over_samples(t.width(l), width, kHiddenStep);
    return work;
  }
  Work all_backward_targets() const {
    Work work;
    for (int l = 1; l < L; ++l)
      work += over_panels(t.width(l + 1), t.width(l), [&](Index n) {
        return apply_correction(l, n) + costs.over_samples(t.width(l), n, kHiddenStep);
      });
    return work;
  }

  Work outer_product(int l) const {
    return costs.accumulate_outer(t.width(l), t.extended(l - 1), width);
  }
  Work gram(int l) const { return costs.accumulate_gram(t.extended(l - 1), width); }

  /// The Gram matrix of layer l's inputs with its mean diagonal.
  Work factor(int l) const { return costs.allreduce(1) + costs.factor(t.extended(l - 1)); }
  Work solve(int l) const {
    return costs.solve_right(t.width(l), t.extended(l - 1)) +
           costs.over_units(t.width(l), t.extended(l - 1), kWeightStep);
  }
  Work clip(int l) const {
    return 2.0 * (costs.multiply_symmetric(t.width(l), t.extended(l - 1)) + costs.allreduce(1));
  }

  const OperationCosts costs;
  const Topology& t;
  const int L;
  const Index panels, width;

 private:
  Index columns_;
  const SweepShape& sweep_;
  bool data_parallel_;
  Index output_slab_;
};

using Phases = std::vector<PhaseCost>;

Phases block_phases(const Pieces& p, const SweepShape& sweep) {
  const auto blocks = static_cast<double>(p.panels);
  const double refreshed = 1.0 / static_cast<double>(sweep.gram_every);
  Work outputs = p.costs.allreduce(3) + p.minimise_outputs() + p.move_outputs() +
                 p.costs.over_samples(p.t.outputs(), p.width, kSubtract);
  Work targets = p.form_corrections() + p.backward_targets();
  targets += (p.L - 1.0) * p.costs.allreduce(1);  // |W|^2
  Work products, weights;
  for (int l = 1; l <= p.L; ++l) {
    products += p.outer_product(l);
    weights += p.solve(l);
    if (sweep.clip) weights += p.clip(l);
    if (l == 1) continue;  // the inputs' Gram matrix is formed and factored once
    products += refreshed * p.gram(l);
    weights += refreshed * p.factor(l);
  }
  return {{"forward", blocks * (p.forward() + p.move_outputs())},
          {"output z", blocks * outputs},
          {"targets", blocks * targets},
          {"gram and outer products", blocks * products},
          {"weights", blocks * weights}};
}

Phases full_batch_phases(const Pieces& p, const SweepShape& sweep) {
  const auto panels = static_cast<double>(p.panels);
  Work forward = p.apply_to_all(p.L) + panels * p.move_outputs();
  Work products = p.sum_outer(p.L) + p.sum_gram(p.L), weights = p.factor(p.L) + p.solve(p.L);
  for (int l = 1; l < p.L; ++l) {
    forward += (sweep.keep_forward ? 1.0 : 2.0) * p.apply_to_all(l) +
               2.0 * panels * p.activate(l, p.width);
    products += p.sum_outer(l);
    if (l > 1) products += p.sum_gram(l);
    weights += p.factor(l) + p.solve(l);
    if (sweep.clip) weights += p.clip(l);
  }
  const Work outputs = p.minimise_outputs() + 2.0 * p.move_outputs() +
                       p.costs.over_samples(p.t.outputs(), p.width, kSubtract);
  return {{"forward", forward},
          {"output z", panels * outputs},
          {"targets", p.form_corrections() + p.all_backward_targets()},
          {"gram and outer products", products},
          {"weights", weights}};
}

Phases printed_phases(const Pieces& p) {
  const auto panels = static_cast<double>(p.panels);
  const Topology& t = p.t;
  Work activations = p.form_corrections() + p.all_backward_targets(), products, weights, hidden;
  for (int l = 1; l <= p.L; ++l) {
    const Work product = p.apply_to_all(l);
    if (l > 1)
      activations += product + panels * p.costs.over_samples(t.width(l), p.width, kSubtract);
    products += p.sum_outer(l);
    weights += p.solve(l);
    if (l < p.L)
      hidden += product + panels * p.costs.over_samples(t.width(l), p.width, kPrintedHidden);
    if (l == 1) continue;  // the inputs' Gram matrix is formed and factored once
    products += p.sum_gram(l);
    weights += p.factor(l);
  }
  const Work outputs = 2.0 * p.move_outputs() + p.minimise_outputs() +
                       p.costs.over_samples(t.outputs(), p.width, kPrintedHidden);
  return {{"activations", activations},
          {"weights", products + weights},
          {"hidden z", hidden},
          {"output z", p.apply_to_all(p.L) + panels * outputs},
          {"forward", p.evaluation()}};
}

}  // namespace

SweepShape sweep_shape(const Options& options, const Topology& topology, Index samples,
                       bool keep_forward) {
  SweepShape shape;
  shape.sweep = taylor_options(options).sweep;
  shape.panels = static_cast<Index>(panel_bounds(options, samples, 1).size()) - 1;
  shape.side = correction_side(options.linalg.activation_solver);
  if (shape.sweep == Sweep::printed) return shape;
  const ResyncParameters parameters = resync_parameters(options, topology, samples);
  shape.gram_every = parameters.gram_every;
  shape.keep_forward = keep_forward;
  shape.clip = parameters.step_clip > 0.0;
  return shape;
}

Index economical_gram_every(const ProblemSize& problem, SweepShape shape) {
  constexpr double kLargestShare = 0.2;
  constexpr Index kWide = 1500, kFewestUpdates = 2, kLeast = 2, kMost = 8;
  const std::vector<Index>& widths = problem.topology.widths;
  const Index least = std::min(kLeast, shape.panels);
  if (*std::max_element(widths.begin() + 1, widths.end()) < kWide) return least;
  const auto flops = [&](Index every) {
    shape.gram_every = every;
    return predict(problem, shape, {1, 1}, 1, {}).total.flops;
  };
  const double updates = 2.0 * (flops(1) - flops(2)), rest = flops(1) - updates;
  const Index most = std::min(kMost, shape.panels / kFewestUpdates);
  Index every = least;
  while (2 * every <= most) {
    const double share = updates / static_cast<double>(every);
    if (share <= kLargestShare * (rest + share)) break;
    every *= 2;
  }
  return every;
}

Index panel_count(const SweepShape& sweep, GridShape grid) {
  return sweep.sweep == Sweep::blocks ? sweep.panels : slab_width(sweep.panels, grid.cols);
}

Index panel_width(const ProblemSize& problem, const SweepShape& sweep, GridShape grid) {
  return slab_width(problem.samples, static_cast<int>(panel_count(sweep, grid)));
}

Index columns_per_step(const ProblemSize& problem, const SweepShape& sweep) {
  return sweep.sweep == Sweep::blocks ? panel_width(problem, sweep, {1, 1}) : problem.samples;
}

std::string TaylorCosts::describe(GridShape grid) const {
  const bool blocks = sweep_.sweep == Sweep::blocks;
  std::string text = name_of(sweep_.sweep) + ", " + std::to_string(panel_count(sweep_, grid)) +
                     (blocks ? " blocks of " : " panels of ") +
                     std::to_string(panel_width(problem_, sweep_, grid)) + " samples";
  if (blocks && problem_.topology.layers() > 1)
    text += ", hidden Gram matrices every " + std::to_string(sweep_.gram_every);
  if (sweep_.sweep == Sweep::full && !sweep_.keep_forward)
    text += ", hidden z formed twice to save memory";
  return text;
}

std::map<std::string, std::string> TaylorCosts::choices() const {
  if (sweep_.sweep != Sweep::full) return {};
  return {{"admm_hidden_z", name_of(sweep_.keep_forward ? HiddenZ::keep : HiddenZ::recompute)}};
}

Cost predict(const ProblemSize& problem, const SweepShape& sweep, GridShape grid, Index unit_block,
             const MachineParameters& machine) {
  const Pieces pieces(problem, sweep, grid, unit_block, machine);
  Cost cost;
  cost.phases = sweep.sweep == Sweep::printed ? printed_phases(pieces)
                : sweep.sweep == Sweep::full  ? full_batch_phases(pieces, sweep)
                                              : block_phases(pieces, sweep);
  if (problem.validation > 0)
    cost.phases.push_back({"validation", static_cast<double>(problem.validation) /
                                             static_cast<double>(problem.samples) *
                                             pieces.evaluation()});
  for (const PhaseCost& phase : cost.phases) cost.total += phase.work;
  cost.memory_bytes = memory_bytes(problem, sweep, grid, unit_block);
  cost.longest_array = longest_array(problem, sweep, grid, unit_block);
  cost.checkpoint_bytes = checkpoint_bytes(problem, sweep);
  return cost;
}

}  // namespace admmnet
