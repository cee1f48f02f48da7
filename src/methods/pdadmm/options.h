/// What a deck may say about the method: the group pdadmm_ (keys.cpp).
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "config/names.h"
#include "config/options.h"

namespace admmnet {

enum class Subsolve { exact, prox_gradient };
enum class GrownOutput { fresh, keep };

/// Symbols as in README.md of this folder. Empty: auto, which resolve() replaces (pdadmm.cpp).
struct PdadmmOptions {
  Subsolve subsolve = Subsolve::exact;
  std::optional<double> rho, nu;        ///< penalties of p = q and of the layers
  double ridge = 0.01;                  ///< exact: of the weights, relative (README.md §3.2)
  double weight_decay_ratio = 10.0;     ///< prox_gradient: mu/nu
  std::optional<double> z_proximal;     ///< weight zeta of (z - z_old)^2, relative to nu
  std::vector<Index> growth;            ///< layers of weights in each stage; the last one is L
  std::vector<Index> stage_iterations;  ///< of each stage
  GrownOutput growth_output = GrownOutput::fresh;
  std::optional<Index> groups;  ///< parts of the ranks that layers are dealt out to
  Index bits = 0;               ///< of a number that crosses an interface; 0: not rounded
};

inline PdadmmOptions& pdadmm_options(Options& options) {
  return options.method.of<PdadmmOptions>();
}
inline const PdadmmOptions& pdadmm_options(const Options& options) {
  return options.method.of<PdadmmOptions>();
}

template <>
struct EnumNames<Subsolve> {
  static constexpr std::array<std::pair<Subsolve, const char*>, 2> all{
      {{Subsolve::exact, "exact"}, {Subsolve::prox_gradient, "prox_gradient"}}};
};

template <>
struct EnumNames<GrownOutput> {
  static constexpr std::array<std::pair<GrownOutput, const char*>, 2> all{
      {{GrownOutput::fresh, "fresh"}, {GrownOutput::keep, "keep"}}};
};

}  // namespace admmnet
