#include "methods/taylor/parameters.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "methods/taylor/cost_model.h"
#include "methods/taylor/solver_menu.h"
#include "runtime/error.h"

namespace admmnet {

static constexpr Index kColumnsPerBlock = 2500;
static constexpr Index kFewestBlocks = 8;
static constexpr int kDeep = 5;  // hidden layers from which on steps are clipped

Index block_count(const AdmmOptions& options, Index samples) {
  if (options.sweep == Sweep::printed) return 1;
  const Index wanted = options.blocks.value_or(
      std::max(kFewestBlocks, (samples + kColumnsPerBlock / 2) / kColumnsPerBlock));
  return std::max<Index>(1, std::min(wanted, samples));
}

std::vector<Index> panel_bounds(const AdmmOptions& options, Index samples, int grid_cols) {
  const Index blocks = block_count(options, samples), widest = kColumnsPerBlock * grid_cols;
  const Index panels = blocks > 1 ? blocks : std::max<Index>(1, (samples + widest - 1) / widest);
  std::vector<Index> bounds;
  for (Index p = 0; p <= panels; ++p) bounds.push_back(p * samples / panels);
  return bounds;
}

Loss default_loss(const AdmmOptions& options, Index samples) {
  if (options.sweep == Sweep::printed) return Loss::squared;
  return block_count(options, samples) == 1 ? Loss::multiclass_hinge : Loss::softmax;
}

ResyncParameters resync_parameters(const Options& options, const Topology& topology,
                                   Index samples) {
  const AdmmOptions& admm = options.admm;
  const int hidden = topology.layers() - 1;
  const bool full_batch = block_count(admm, samples) == 1;
  ResyncParameters p{};
  p.blocks = block_count(admm, samples);
  p.iterations = options.train.iterations;
  p.penalty_ratio = admm.penalty_ratio;
  p.gram_memory = admm.gram_memory;
  p.keep_forward = admm.hidden_z != HiddenZ::recompute;
  p.activation_solver = options.linalg.activation_solver;
  p.beta_output = !admm.beta.empty() ? admm.beta.back() : full_batch ? 1.0 : 0.3;
  if (full_batch) {
    p.ridge = admm.ridge.value_or(0.3);
    p.ridge_hidden = admm.ridge_hidden.value_or(0.01);
    p.ridge_output = admm.ridge_output.value_or(1e-3);
    p.ridge_decay = admm.ridge_decay.value_or(0.75);
    p.proximal = admm.proximal.value_or(1.0);
    p.step = admm.step.value_or(2.0);
    p.momentum = admm.momentum.value_or(0.5);
    p.damping = admm.damping.value_or(0.01);
    p.step_clip = admm.step_clip.value_or(0.0);
    choose_solvers(options, topology, samples, p);
    return p;
  }
  p.ridge = admm.ridge.value_or(3e-4);
  p.ridge_hidden = admm.ridge_hidden.value_or(p.ridge);
  p.ridge_output = admm.ridge_output.value_or(p.ridge);
  p.ridge_decay = 1.0;
  p.proximal = admm.proximal.value_or(10.0);
  p.proximal_output = admm.proximal_output.value_or(0.1);
  p.step = admm.step.value_or(25.0);
  p.step_output = admm.step_output.value_or(0.2);
  p.momentum = admm.momentum.value_or(0.8);
  p.damping = admm.damping.value_or(hidden >= kDeep ? 0.03 : 0.1);
  p.step_clip = admm.step_clip.value_or(hidden >= kDeep ? 0.02 : 0.0);
  p.gram_every =
      admm.gram_every ? *admm.gram_every : economical_gram_every({topology, samples, 0, 0}, p);
  choose_solvers(options, topology, samples, p);
  return p;
}

/// `given` as one value a layer: repeated when it is one value.
static std::vector<double> per_layer(const std::vector<double>& given, int layers,
                                     const char* key) {
  if (given.empty()) return std::vector<double>(static_cast<std::size_t>(layers), 1.0);
  if (given.size() == 1) return std::vector<double>(static_cast<std::size_t>(layers), given[0]);
  if (static_cast<int>(given.size()) != layers)
    throw BadInput(std::string(key) + ": " + std::to_string(given.size()) + " values for " +
                   std::to_string(layers) + " layers: give one value, or one a layer");
  return given;
}

PrintedParameters printed_parameters(const Options& options, const Topology& topology,
                                     Index samples) {
  if (options.linalg.precision == Precision::single)
    throw BadInput(
        "-linalg_precision single does not go with -admm_sweep printed, whose Gram "
        "matrices are too ill-conditioned for it: take double, or -admm_sweep resync");
  const int layers = topology.layers();
  const double ridge = options.admm.ridge.value_or(1e-6);
  return {per_layer(options.admm.beta, layers, "-admm_beta"),
          per_layer(options.admm.gamma, layers - 1, "-admm_gamma"),
          ridge,
          options.admm.warmup,
          options.admm.multiplier,
          options.init.scheme,
          options.init.seed,
          options.linalg.activation_solver,
          printed_solvers(options, topology, samples, ridge)};
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
  Lines lines = {{"blocks", std::to_string(p.blocks)},
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
  if (p.blocks == 1) {
    lines.emplace_back("ridge decay", text(p.ridge_decay));
    lines.emplace_back("hidden z", p.keep_forward ? "kept" : "formed twice to save memory");
  } else {
    lines.emplace_back("proximal of the output", text(p.proximal_output));
    lines.emplace_back("step of the output", text(p.step_output));
    lines.emplace_back("gram memory", text(p.gram_memory));
    lines.emplace_back("gram every", std::to_string(p.gram_every));
  }
  add_solvers(p.solvers, lines);
  lines.emplace_back(
      p.blocks == 1 ? "solver of the output layer" : "solver of the first output layer",
      p.fit.reason);
  return lines;
}

Lines describe(const PrintedParameters& p) {
  const char* multipliers[] = {"none", "output", "residual"};
  Lines lines = {{"beta", text(p.beta)},
                 {"gamma", text(p.gamma)},
                 {"ridge", text(p.ridge)},
                 {"warmup", std::to_string(p.warmup)},
                 {"multiplier", multipliers[static_cast<int>(p.multiplier)]}};
  add_solvers(p.solvers, lines);
  return lines;
}

}  // namespace admmnet
