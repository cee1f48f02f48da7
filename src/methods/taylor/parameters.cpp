#include "methods/taylor/parameters.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "methods/method_cost.h"
#include "methods/taylor/block_forms.h"
#include "methods/taylor/solver_menu.h"
#include "methods/taylor/taylor.h"

namespace admmnet {

static constexpr Index kColumnsPerBlock = 2500;
static constexpr Index kFewestBlocks = 8;
static constexpr Index kPasses = 10;
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

/// The defaults of version 0.1: blocks of 2500 columns.
static void resolve_first(const ProblemSize& problem, Options& options) {
  TaylorOptions& admm = taylor_options(options);
  const bool deep = problem.topology.layers() - 1 >= kDeep;
  const Index blocks =
      std::max(kFewestBlocks, (problem.samples + kColumnsPerBlock / 2) / kColumnsPerBlock);
  fill_in(admm.blocks, std::min(blocks, problem.samples));
  fill_in(admm.step, 25.0);
  fill_in(admm.step_output, 0.2);
  fill_in(admm.proximal, 10.0);
  fill_in(admm.proximal_output, 0.1);
  fill_in(admm.momentum, 0.8);
  fill_in(admm.schedule, Schedule::linear);
  fill_in(admm.error_rule, ErrorRule::off);
  fill_in(admm.damping, deep ? 0.03 : 0.1);
  fill_in(admm.step_clip, deep ? 0.02 : 0.0);
}

/// Blocks of a pass: of 830 columns where passes and columns are many, down to 200 where they are
/// few, so that the updates come to about 530; one below 1200 columns. Above 100 000 columns no
/// more blocks than there are of these, nor, in few passes, than the updates of eight such passes.
static Index blocks_by_columns(Index samples, Index passes) {
  constexpr double kColumns = 830.0, kFewestColumns = 200.0, kUpdates = 530.0;
  constexpr double kManyColumns = 1e5, kManyPasses = 8.0;
  constexpr Index kOneBlock = 1200;
  if (samples < kOneBlock) return 1;
  const auto N = static_cast<double>(samples), P = static_cast<double>(passes);
  const double most = kManyColumns / kColumns * std::max(1.0, kManyPasses / P);
  return std::llround(
      std::max(std::min(N / kColumns, most), std::min(N / kFewestColumns, kUpdates / P)));
}

/// Enough passes for 200 updates by blocks of 830 columns, and 8 at least.
static Index passes_by_columns(Index samples) {
  constexpr double kColumns = 830.0;
  constexpr Index kUpdates = 200, kFewest = 8;
  const Index blocks = std::max<Index>(1, std::llround(static_cast<double>(samples) / kColumns));
  return std::max(kFewest, (kUpdates + blocks - 1) / blocks);
}

/// README.md §6: everything by the columns N_b of a block and the hidden layers h.
static void resolve_by_columns(const ProblemSize& problem, TaylorOptions& admm) {
  const Topology& topology = problem.topology;
  const int hidden = topology.layers() - 1;
  const bool one = *admm.blocks == 1, deep = hidden >= kDeep;
  const double columns = static_cast<double>(problem.samples) / static_cast<double>(*admm.blocks);
  const double depth = std::sqrt(std::max(1.0, static_cast<double>(hidden)));
  const double f = one ? 1.0 : std::min(1.0, std::sqrt(columns / 2500.0));
  Index widest = 1;  // inputs of a hidden layer above the first
  for (int l = 1; l < hidden; ++l) widest = std::max(widest, topology.width(l));
  const double ratio = static_cast<double>(widest) / columns;
  fill_in(admm.step, 25.0 * f / depth);
  fill_in(admm.step_output, 0.2 * f / depth);
  fill_in(admm.proximal, ratio > 80.0 ? ratio / 8.0 : 10.0);
  fill_in(admm.proximal_output,
          hidden == 0
              ? 0.1
              : std::max(0.1, static_cast<double>(topology.width(hidden)) / (12.0 * columns)));
  fill_in(admm.momentum, 0.9);
  fill_in(admm.schedule, Schedule::cosine);
  fill_in(admm.error_rule, one || hidden == 0 ? ErrorRule::off
                           : hidden == 1      ? ErrorRule::root
                                              : ErrorRule::linear);
  fill_in(admm.damping, deep ? 0.03 : 0.1);
  fill_in(admm.step_clip, deep ? 0.02 : 0.0);
  // Every 1.5 r blocks, r = 3320/N_b; and at the first block of a pass.
  const Index every = std::llround(1.5 * std::round(3320.0 / columns));
  fill_in(admm.gram_every, std::max<Index>(1, std::min(every, *admm.blocks)));
}

static void resolve_blocks(const ProblemSize& problem, Options& options) {
  TaylorOptions& admm = taylor_options(options);
  fill_in(admm.defaults, Defaults::columns);
  const bool first = *admm.defaults == Defaults::first;
  fill_in(options.train.iterations, first ? kPasses : passes_by_columns(problem.samples));
  if (admm.block_columns && !admm.blocks)
    admm.blocks =
        std::max<Index>(1, (problem.samples + *admm.block_columns / 2) / *admm.block_columns);
  admm.block_columns.reset();
  if (admm.beta.empty()) admm.beta = {0.3};
  fill_in(admm.ridge, 3e-4);
  fill_in(admm.ridge_hidden, *admm.ridge);
  fill_in(admm.ridge_output, *admm.ridge);
  if (!first) fill_in(admm.blocks, blocks_by_columns(problem.samples, *options.train.iterations));
  if (admm.blocks) admm.blocks = std::max<Index>(1, std::min(*admm.blocks, problem.samples));
  if (first)
    resolve_first(problem, options);
  else
    resolve_by_columns(problem, admm);
  if (!admm.gram_every) admm.gram_every = economical_gram_every(problem, options);
}

void resolve(const ProblemSize& problem, Options& options) {
  TaylorOptions& admm = taylor_options(options);
  const int layers = problem.topology.layers();
  if (admm.sweep == Sweep::blocks) resolve_blocks(problem, options);
  if (options.linalg.activation_solver == ActivationSolver::automatic) {
    const bool cheapest = admm.sweep == Sweep::blocks && admm.defaults == Defaults::columns;
    options.linalg.activation_solver =
        cheapest ? ActivationSolver::cheapest : ActivationSolver::correction;
  }
  if (admm.sweep == Sweep::full) resolve_full(admm);
  if (admm.sweep == Sweep::printed) {
    fill_in(admm.beta, layers);
    fill_in(admm.gamma, layers - 1);
    fill_in(admm.ridge, 1e-6);
  }
  fill_in(options.train.iterations, kPasses);
  options.linalg.weight_solver = resolve_solvers(problem, options);
}

ResyncParameters resync_parameters(const Options& options, const ProblemSize& problem) {
  const Topology& topology = problem.topology;
  const TaylorOptions& admm = taylor_options(options);
  ResyncParameters p{};
  p.sweep = admm.sweep;
  p.iterations = options.train.iterations.value();
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
    p.basis_every = block_sizes(admm, problem.samples).basis_every;
    p.schedule = admm.schedule.value();
    p.error_rule = admm.error_rule.value();
  }
  for (int l = 2; l <= topology.layers(); ++l)
    p.along_ray.push_back(p.sweep == Sweep::blocks &&
                          goes_along_ray(p.activation_solver, topology.width(l),
                                         topology.width(l - 1),
                                         problem.samples / admm.blocks.value()));
  choose_solvers(options, problem, p);
  return p;
}

PrintedParameters printed_parameters(const Options& options, const ProblemSize& problem) {
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
  p.solvers = printed_solvers(options, problem);
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
    lines.emplace_back("schedule", name_of(p.schedule));
    lines.emplace_back("error rule", name_of(p.error_rule));
  }
  for (std::size_t i = 0; i < p.along_ray.size(); ++i)
    if (p.along_ray[i])
      lines.emplace_back("targets of layer " + std::to_string(i + 1),
                         "along one ray, not exact (the correction costs more than it brings)");
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
