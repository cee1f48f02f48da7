/// What a deck may say about dlADMM: the group dladmm_ (keys.cpp).
#pragma once

#include <array>
#include <optional>
#include <utility>

#include "config/names.h"
#include "config/options.h"

namespace admmnet {

enum class DladmmSubsolve { exact, prox_gradient };
enum class DladmmRegulariser { none, ridge, l1 };

/// Symbols as in README.md of this folder. Empty: auto, which resolve() of the method replaces.
struct DladmmOptions {
  DladmmSubsolve subsolve = DladmmSubsolve::exact;
  std::optional<double> rho;  ///< penalty of the output layer's constraint
  std::optional<double> nu;   ///< of the hidden layers' terms
  double ridge_first = 0.1;   ///< exact: relative ridge of the first iteration
  double ridge_last = 0.01;   ///< and of the last one planned
  DladmmRegulariser regulariser = DladmmRegulariser::none;  ///< prox_gradient
  double weight = 1e-5;                                     ///< omega, per training sample
};

inline DladmmOptions& dladmm_options(Options& options) {
  return options.method.of<DladmmOptions>();
}
inline const DladmmOptions& dladmm_options(const Options& options) {
  return options.method.of<DladmmOptions>();
}

template <>
struct EnumNames<DladmmSubsolve> {
  static constexpr std::array<std::pair<DladmmSubsolve, const char*>, 2> all{
      {{DladmmSubsolve::exact, "exact"}, {DladmmSubsolve::prox_gradient, "prox_gradient"}}};
};

template <>
struct EnumNames<DladmmRegulariser> {
  static constexpr std::array<std::pair<DladmmRegulariser, const char*>, 3> all{
      {{DladmmRegulariser::none, "none"},
       {DladmmRegulariser::ridge, "ridge"},
       {DladmmRegulariser::l1, "l1"}}};
};

}  // namespace admmnet
