#include "methods/taylor/parameters.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "methods/method_cost.h"
#include "methods/taylor/solver_menu.h"
#include "methods/taylor/taylor.h"

namespace admmnet {

static constexpr Index kColumnsPerBlock = 2500;
static constexpr Index kFewestBlocks = 8;
static constexpr int kDeep = 5;  // hidden layers from which on steps are clipped

std::vector<Index> panel_bounds(const Options& options, Index samples, int grid_cols) {
  const TaylorOptions& admm = taylor_options(options);
  const Index widest = kColumnsPerBlock * grid_cols;
  const Index panels = admm.sweep == Sweep::blocks
                           ? admm.blocks.value()
                           : std::max<Index>(1, (samples + widest - 1) / widest);
  std::vector<Index> bounds;
  for (Index p = 0; p <= panels; ++p) bounds.push_back(p * samples / panels);
  return bounds;
}

template <class T>
static void fill_in(std::optional<T>& value, T otherwise) {
  if (!value) value = otherwise;
}

/// Repeats one value for every layer; 1 where there is none.
static void fill_in(std::vector<double>& values, int layers) {
  if (values.size() <= 1)
    values.assign(static_cast<std::size_t>(layers), values.empty() ? 1.0 : values.front());
}

static void resolve_full(TaylorOptions& admm) {
  if (admm.beta.empty()) admm.beta = {1.0};
  fill_in(admm.ridge, 0.3);
  fill_in(admm.ridge_hidden, 0.01);
  fill_in(admm.ridge_output, 1e-3);
  fill_in(admm.ridge_decay, 0.75);
  fill_in(admm.proximal, 1.0);
  fill_in(admm.step, 2.0);
  fill_in(admm.momentum, 0.5);
  fill_in(admm.damping, 0.01);
  fill_in(admm.step_clip, 0.0);
}

/// Blocks between updates of the hidden layers' Gram matrices where the deck leaves it open: 2; on
/// layers of 1500 units and more 4 or 8 as long as forming and factoring these matrices takes more
/// than a fifth of an iteration, but two updates a pass at least; never more than there are blocks.
/// By flops, so that it is the same on any machine and grid; 2, 4 and 8 learn alike (README.md
/// here).
static Index economical_gram_every(const ProblemSize& problem, Options options) {
  constexpr double kLargestShare = 0.2;
  constexpr Index kWide = 1500, kFewestUpdates = 2, kLeast = 2, kMost = 8;
  TaylorOptions& admm = taylor_options(options);
  const Index blocks = *admm.blocks;
  const std::vector<Index>& widths = problem.topology.widths;
  const Index least = std::min(kLeast, blocks);
  if (*std::max_element(widths.begin() + 1, widths.end()) < kWide) return least;
  options.linalg.weight_solver = {WeightSolver::cholesky};
  const auto flops = [&](Index every) {
    admm.gram_every = every;
    return MethodCost(taylor_method(), problem, options, 0).flops();
  };
  const double updates = 2.0 * (flops(1) - flops(2)), rest = flops(1) - updates;
  const Index most = std::min(kMost, blocks / kFewestUpdates);
  Index every = least;
  while (2 * every <= most) {
    const double share = updates / static_cast<double>(every);
    if (share <= kLargestShare * (rest + share)) break;
    every *= 2;
  }
  return every;
}

static void resolve_blocks(const ProblemSize& problem, Options& options) {
  TaylorOptions& admm = taylor_options(options);
  const bool deep = problem.topology.layers() - 1 >= kDeep;
  const Index blocks =
      std::max(kFewestBlocks, (problem.samples + kColumnsPerBlock / 2) / kColumnsPerBlock);
  admm.blocks = std::max<Index>(1, std::min(admm.blocks.value_or(blocks), problem.samples));
  if (admm.beta.empty()) admm.beta = {0.3};
  fill_in(admm.ridge, 3e-4);
  fill_in(admm.ridge_hidden, *admm.ridge);
  fill_in(admm.ridge_output, *admm.ridge);
  fill_in(admm.proximal, 10.0);
  fill_in(admm.proximal_output, 0.1);
  fill_in(admm.step, 25.0);
  fill_in(admm.step_output, 0.2);
  fill_in(admm.momentum, 0.8);
  fill_in(admm.damping, deep ? 0.03 : 0.1);
  fill_in(admm.step_clip, deep ? 0.02 : 0.0);
  if (!admm.gram_every) admm.gram_every = economical_gram_every(problem, options);
}

void resolve(const ProblemSize& problem, Options& options) {
  TaylorOptions& admm = taylor_options(options);
  const int layers = problem.topology.layers();
  if (options.linalg.activation_solver == ActivationSolver::automatic)
    options.linalg.activation_solver = ActivationSolver::correction;
  if (admm.sweep == Sweep::blocks) resolve_blocks(problem, options);
  if (admm.sweep == Sweep::full) resolve_full(admm);
  if (admm.sweep == Sweep::printed) {
    fill_in(admm.beta, layers);
    fill_in(admm.gamma, layers - 1);
    fill_in(admm.ridge, 1e-6);
  }
  options.linalg.weight_solver = resolve_solvers(problem, options);
}

ResyncParameters resync_parameters(const Options& options, const Topology& topology,
                                   Index samples) {
  const TaylorOptions& admm = taylor_options(options);
  ResyncParameters p{};
  p.sweep = admm.sweep;
  p.iterations = options.train.iterations;
  p.beta_output = admm.beta.at(0);
  p.ridge = admm.ridge.value();
  p.ridge_hidden = admm.ridge_hidden.value();
  p.ridge_output = admm.ridge_output.value();
  p.proximal = admm.proximal.value();
  p.step = admm.step.value();
  p.momentum = admm.momentum.value();
  p.damping = admm.damping.value();
  p.penalty_ratio = admm.penalty_ratio;
  p.step_clip = admm.step_clip.value();
  p.activation_solver = options.linalg.activation_solver;
  p.keep_forward = admm.hidden_z != HiddenZ::recompute;
  if (p.sweep == Sweep::full) {
    p.ridge_decay = admm.ridge_decay.value();
  } else {
    p.proximal_output = admm.proximal_output.value();
    p.step_output = admm.step_output.value();
    p.gram_memory = admm.gram_memory;
    p.gram_every = admm.gram_every.value();
  }
  choose_solvers(options, topology, samples, p);
  return p;
}

PrintedParameters printed_parameters(const Options& options, const Topology& topology,
                                     Index samples) {
  const TaylorOptions& admm = taylor_options(options);
  PrintedParameters p{};
  p.beta = admm.beta;
  p.gamma = admm.gamma;
  p.ridge = admm.ridge.value();
  p.warmup = admm.warmup;
  p.multiplier = admm.multiplier;
  p.scheme = options.init.scheme;
  p.seed = options.init.seed;
  p.activation_solver = options.linalg.activation_solver;
  p.solvers = printed_solvers(options, topology, samples);
  return p;
}

static std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%g", value);
  return buffer;
}

static std::string text(const std::vector<double>& values) {
  std::string result;
  for (double value : values) result += (result.empty() ? "" : ",") + text(value);
  return result;
}

using Lines = std::vector<std::pair<std::string, std::string>>;

static void add_solvers(const std::vector<SolverChoice>& solvers, Lines& lines) {
  for (std::size_t i = 0; i < solvers.size(); ++i)
    lines.emplace_back("solver of layer " + std::to_string(i + 1), solvers[i].reason);
}

Lines describe(const ResyncParameters& p) {
  const bool full = p.sweep == Sweep::full;
  Lines lines = {{"sweep", name_of(p.sweep)},
                 {"beta of the output", text(p.beta_output)},
                 {"ridge of layer 1", text(p.ridge)},
                 {"ridge of hidden layers", text(p.ridge_hidden)},
                 {"ridge of the output", text(p.ridge_output)},
                 {"proximal", text(p.proximal)},
                 {"step", text(p.step)},
                 {"momentum", text(p.momentum)},
                 {"damping", text(p.damping)},
                 {"penalty ratio", text(p.penalty_ratio)},
                 {"step clip", text(p.step_clip)}};
  if (full) {
    lines.emplace_back("ridge decay", text(p.ridge_decay));
  } else {
    lines.emplace_back("proximal of the output", text(p.proximal_output));
    lines.emplace_back("step of the output", text(p.step_output));
    lines.emplace_back("gram memory", text(p.gram_memory));
    lines.emplace_back("gram every", std::to_string(p.gram_every));
  }
  add_solvers(p.solvers, lines);
  lines.emplace_back(full ? "solver of the output layer" : "solver of the first output layer",
                     p.fit.reason);
  return lines;
}

Lines describe(const PrintedParameters& p) {
  Lines lines = {{"sweep", name_of(Sweep::printed)},
                 {"beta", text(p.beta)},
                 {"gamma", text(p.gamma)},
                 {"ridge", text(p.ridge)},
                 {"warmup", std::to_string(p.warmup)},
                 {"multiplier", name_of(p.multiplier)}};
  add_solvers(p.solvers, lines);
  return lines;
}

}  // namespace admmnet
