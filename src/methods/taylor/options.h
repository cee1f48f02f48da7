/// What a deck may say about the sweeps: the group admm_ (keys.cpp).
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "config/names.h"
#include "config/options.h"

namespace admmnet {

enum class Sweep { blocks, full, printed };
enum class Multiplier { none, output, residual };
enum class HiddenZ { automatic, keep, recompute };
enum class Defaults { columns, first };
enum class Schedule { cosine, linear };
enum class ErrorRule { off, root, linear };

/// Symbols as in README.md of this folder. Empty: auto, which resolve() (taylor.h) replaces.
struct TaylorOptions {
  Sweep sweep = Sweep::blocks;
  std::optional<Defaults> defaults;    ///< blocks: what auto stands for
  std::optional<Index> blocks;         ///< blocks: of a pass
  std::optional<Index> block_columns;  ///< the same by columns of a block, about
  std::vector<double> beta, gamma;     ///< printed: one value, or one a layer; else beta = beta_L
  std::optional<double> ridge;         ///< relative to the mean Gram diagonal, hidden layers
  std::optional<double> ridge_hidden;  ///< the same, layers 2 to L-1
  std::optional<double> ridge_output;  ///< the same, output layer
  std::optional<double> ridge_decay;   ///< full: factor per iteration
  Index warmup = 10;                   ///< printed: iterations before the multiplier moves
  Multiplier multiplier = Multiplier::output;
  std::optional<double> step;             ///< eta, hidden layers
  std::optional<double> step_output;      ///< eta_L
  std::optional<double> proximal;         ///< p, hidden layers
  std::optional<double> proximal_output;  ///< p_L
  std::optional<double> momentum;         ///< mu
  std::optional<double> damping;          ///< kappa of the output-side solve, relative
  double penalty_ratio = 0.1;             ///< b = beta_l / gamma_l of the hidden z step
  std::optional<Schedule> schedule;       ///< blocks: of the length of steps, over the run
  std::optional<ErrorRule> error_rule;    ///< blocks: of the length of steps, by the error
  double gram_memory = 0.9;               ///< weight of the old Gram matrix in its running mean
  std::optional<Index> gram_every;        ///< blocks between updates of the hidden Gram matrices
  std::optional<double> step_clip;        ///< tau, trust region of a weight step; 0: off
  HiddenZ hidden_z = HiddenZ::automatic;  ///< full: between the two looks at a panel
};

inline TaylorOptions& taylor_options(Options& options) {
  return options.method.of<TaylorOptions>();
}
inline const TaylorOptions& taylor_options(const Options& options) {
  return options.method.of<TaylorOptions>();
}

template <>
struct EnumNames<Sweep> {
  static constexpr std::array<std::pair<Sweep, const char*>, 3> all{
      {{Sweep::blocks, "blocks"}, {Sweep::full, "full"}, {Sweep::printed, "printed"}}};
};

template <>
struct EnumNames<Multiplier> {
  static constexpr std::array<std::pair<Multiplier, const char*>, 3> all{
      {{Multiplier::none, "none"},
       {Multiplier::output, "output"},
       {Multiplier::residual, "residual"}}};
};

template <>
struct EnumNames<Defaults> {
  static constexpr std::array<std::pair<Defaults, const char*>, 2> all{
      {{Defaults::columns, "columns"}, {Defaults::first, "first"}}};
};

template <>
struct EnumNames<Schedule> {
  static constexpr std::array<std::pair<Schedule, const char*>, 2> all{
      {{Schedule::cosine, "cosine"}, {Schedule::linear, "linear"}}};
};

template <>
struct EnumNames<ErrorRule> {
  static constexpr std::array<std::pair<ErrorRule, const char*>, 3> all{
      {{ErrorRule::off, "off"}, {ErrorRule::root, "root"}, {ErrorRule::linear, "linear"}}};
};

template <>
struct EnumNames<HiddenZ> {
  static constexpr std::array<std::pair<HiddenZ, const char*>, 3> all{
      {{HiddenZ::automatic, "auto"}, {HiddenZ::keep, "keep"}, {HiddenZ::recompute, "recompute"}}};
};

}  // namespace admmnet
