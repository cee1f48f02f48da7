#include "methods/taylor/memory_model.h"

#include <algorithm>

#include "linalg/unit_operand.h"

namespace admmnet {
namespace {

/// Program, libraries, MPI's buffers and two batches of the reader.
constexpr double kProgram = 96.0 * 1048576.0;
/// Columns or rows of the panels that PBLAS copies, and how many such panels it holds at a time.
constexpr double kPanel = 256.0, kPanels = 4.0;
/// Columns of a factor, or of right-hand sides, that change hands at a time on a 1 x P grid.
constexpr double kFactorPanel = 512.0;

double as_double(Index n) {
  return static_cast<double>(n);
}

/// Sizes in doubles on the busiest rank.
class Sizes {
 public:
  Sizes(const ProblemSize& problem, const SweepShape& sweep, GridShape grid, Index unit_block)
      : costs(grid, unit_block, {}),
        t(problem.topology),
        L(t.layers()),
        panels(panel_count(sweep, grid)),
        width(panel_width(problem, sweep, grid)),
        columns(columns_per_step(problem, sweep)),
        grid_(grid),
        sweep_(sweep) {
    const auto panels_of = [&](Index n) { return (n + width - 1) / width; };
    const Index held = panels + panels_of(problem.validation) + panels_of(problem.test);
    inputs = as_double(held) * panel(t.extended(0));
  }

  double panel(Index rows) const { return costs.largest_sample_part(rows, width); }
  double weight(int l) const { return costs.largest_unit_part(t.width(l), t.extended(l - 1)); }
  double gram(int l) const { return costs.largest_unit_part(t.extended(l - 1), t.extended(l - 1)); }
  double weights() const {
    double sum = 0.0;
    for (int l = 1; l <= L; ++l) sum += weight(l);
    return sum;
  }
  double grams(int first, int last) const {
    double sum = 0.0;
    for (int l = first; l <= last; ++l) sum += gram(l);
    return sum;
  }
  /// GramSolver of order n: its part of the factor, and all of it where every rank keeps that.
  double solver(Index n) const { return costs.largest_unit_part(n, n) + replicated(n); }
  double replicated(Index n) const {
    return costs.replicates(n) ? as_double(n) * as_double(n) : 0.0;
  }
  double solvers(int first, int last) const {
    double sum = 0.0;
    for (int l = first; l <= last; ++l) sum += solver(t.extended(l - 1));
    return sum;
  }
  /// X or W', the solver of its Gram matrix, and a panel where X is not formed, for every layer
  /// above the first.
  double corrections() const {
    double sum = 0.0;
    for (int l = 2; l <= L; ++l) {
      const Index m = t.width(l), n = t.width(l - 1);
      const Index order = factors_outputs(m, n, sweep_.side) ? m : n;
      sum += costs.largest_unit_part(m, n) + solver(order);
      if (!forms_operator(m, n, sweep_.side, columns)) sum += panel(order);
    }
    return sum;
  }
  double panels_z() const {
    double sum = 0.0;
    for (int l = 1; l <= L; ++l) sum += panel(t.width(l));
    return sum;
  }
  double panels_a(int last) const {
    double sum = 0.0;
    for (int l = 1; l <= last; ++l) sum += panel(t.extended(l));
    return sum;
  }
  double forward() const { return panels_z() + panels_a(L - 1); }

  /// Unit matrices that a rank of a 1 x P grid holds whole: gathered for products into samples (the
  /// weights, and again for the validation; the corrections), and its own sums of outer products.
  double gathered(Index m, Index n) const {
    const bool whole = grid_.rows == 1 && grid_.cols > 1 && m * n <= kLargestGathered;
    return whole ? as_double(m) * as_double(n) : 0.0;
  }
  double operands() const {
    double sum = 0.0;
    for (int l = 1; l <= L; ++l)
      sum += (l > 1 ? 3.0 : 2.0) * gathered(t.width(l), t.extended(l - 1));
    return sum;
  }
  double own_sums() const {
    double sum = 0.0;
    for (int l = 1; l <= L; ++l)
      sum += gathered(t.width(l), t.extended(l - 1)) +
             (l > 1 ? gathered(t.extended(l - 1), t.extended(l - 1)) : 0.0);
    return sum;
  }

  /// On a 1 x P grid: a rank's share of the rows of B, whole, and panels of the factor and of B on
  /// their way (linalg/replicated_factor.cpp).
  double rows_dealt(Index m, Index n) const {
    if (grid_.rows > 1 || grid_.cols == 1) return 0.0;
    const double own = as_double(slab_width(m, grid_.cols));
    return own * as_double(n) + kFactorPanel * (2.0 * as_double(n) + 2.0 * own);
  }

  /// What linalg/ holds for a moment in its largest operation.
  double staging() const {
    double largest = 2.0 * panel(t.outputs());
    for (int l = 1; l <= L; ++l) {
      const Index n = t.extended(l - 1);
      largest = std::max(
          {largest, costs.staged(t.width(l), n), costs.staged(n, n), rows_dealt(t.width(l), n)});
      if (grid_.rows > 1)
        largest = std::max(largest, kPanels * kPanel *
                                        (as_double(n) / grid_.rows + as_double(n) / grid_.cols +
                                         as_double(width) / grid_.cols));
    }
    return largest;
  }

  const OperationCosts costs;
  const Topology& t;
  const int L;
  const Index panels, width, columns;
  double inputs = 0.0;

 private:
  GridShape grid_;
  const SweepShape& sweep_;
};

/// Network, its last good copy, the best one, and the one to start from; R and V; G and its factor.
double block_state(const Sizes& s, const SweepShape& sweep) {
  const double copies = 6.0 + (sweep.clip ? 1.0 : 0.0);
  return copies * s.weights() + s.grams(1, s.L) + s.solvers(1, s.L) + s.panels_z() +
         2.0 * s.forward();
}

/// The same for the hidden layers, R and G twice more (accepted and trial), and z_L of both.
double full_batch_state(const Sizes& s, const SweepShape& sweep) {
  const double hidden = s.weights() - s.weight(s.L);
  const double kept =
      sweep.keep_forward ? as_double(s.panels - 1) * (s.panels_z() - s.panel(s.t.outputs())) : 0.0;
  return 4.0 * s.weights() + 4.0 * hidden + 3.0 * s.grams(1, s.L - 1) + s.gram(s.L) +
         s.solvers(1, s.L) + 2.0 * as_double(s.panels) * s.panel(s.t.outputs()) + s.panels_z() +
         2.0 * s.forward() + kept + s.own_sums();
}

/// All z, a and the multiplier; S, G and its factor of one layer at a time.
double printed_state(const Sizes& s) {
  double layer = 0.0;
  for (int l = 1; l <= s.L; ++l)
    layer = std::max(layer, s.weight(l) + s.gram(l) + s.solver(s.t.extended(l - 1)));
  return as_double(s.panels) * (s.forward() + s.panel(s.t.outputs())) + 3.0 * s.weights() +
         s.solver(s.t.extended(0)) + layer + s.panels_z() + s.panels_a(s.L) + s.forward() +
         s.own_sums();
}

}  // namespace

double memory_bytes(const ProblemSize& problem, const SweepShape& sweep, GridShape grid,
                    Index unit_block) {
  const Sizes s(problem, sweep, grid, unit_block);
  const double state = sweep.sweep == Sweep::printed ? printed_state(s)
                       : sweep.sweep == Sweep::full  ? full_batch_state(s, sweep)
                                                     : block_state(s, sweep);
  const double reading = grid.rows > 1 ? s.panel(s.t.extended(0)) : 0.0;
  return kProgram +
         8.0 * (s.inputs + state + s.corrections() + s.operands() + s.staging() + reading);
}

double longest_array(const ProblemSize& problem, const SweepShape& sweep, GridShape grid,
                     Index unit_block) {
  const Sizes s(problem, sweep, grid, unit_block);
  double longest = s.panel(s.t.extended(0));
  for (int l = 1; l <= s.L; ++l) {
    const Index n = s.t.extended(l - 1);
    longest = std::max({longest, s.weight(l), s.gram(l), s.panel(s.t.extended(l)),
                        s.costs.longest_staged(s.t.width(l), n), s.costs.longest_staged(n, n),
                        s.replicated(n)});
  }
  return longest;
}

double checkpoint_bytes(const ProblemSize& problem, const SweepShape& sweep) {
  const Topology& t = problem.topology;
  const int L = t.layers();
  const double N = as_double(problem.samples);
  double weights = 0.0, hidden = 0.0, grams = 0.0, last_gram = 0.0, columns = 0.0;
  for (int l = 1; l <= L; ++l) {
    const double n = as_double(t.width(l)), inputs = as_double(t.extended(l - 1));
    weights += n * inputs;
    if (l < L) hidden += n * inputs;
    last_gram = inputs * inputs;
    if (l > 1) grams += last_gram;
    columns += n + (l < L ? as_double(t.extended(l)) : n);  // z_l and a_l, or lambda
  }
  if (L == 1) last_gram = 0.0;
  if (sweep.sweep == Sweep::printed) return 8.0 * (2.0 * weights + columns * N);
  if (sweep.sweep == Sweep::full)
    return 8.0 * (2.0 * weights + 2.0 * hidden + grams - last_gram + as_double(t.outputs()) * N);
  return 8.0 * (4.0 * weights + grams);
}

}  // namespace admmnet
