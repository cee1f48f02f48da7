/// What a deck may say about mDLAM: the group mdlam_ (mdlam.cpp).
#pragma once

#include <array>
#include <utility>

#include "config/names.h"
#include "config/options.h"

namespace admmnet {

/// Of the steps of W and a (README.md §4): by an exact line search, or 1 / Lipschitz constant.
enum class MdlamSteps { exact_line, lipschitz };

/// Symbols as in README.md of this folder.
struct MdlamOptions {
  double rho = 1e-3;            ///< penalty of z = W a + b
  double weight_decay = 0.05;   ///< mu of mu/2 |W|^2
  double epsilon_first = 100;   ///< half width of the box in the first pass
  double epsilon_last = 1e-3;   ///< and the least one
  double epsilon_factor = 0.5;  ///< from pass to pass
  MdlamSteps steps = MdlamSteps::exact_line;
  bool momentum = true;
};

inline MdlamOptions& mdlam_options(Options& options) {
  return options.method.of<MdlamOptions>();
}
inline const MdlamOptions& mdlam_options(const Options& options) {
  return options.method.of<MdlamOptions>();
}

template <>
struct EnumNames<MdlamSteps> {
  static constexpr std::array<std::pair<MdlamSteps, const char*>, 2> all{
      {{MdlamSteps::exact_line, "exact_line"}, {MdlamSteps::lipschitz, "lipschitz"}}};
};

}  // namespace admmnet
