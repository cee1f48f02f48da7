/// What a deck may say about the method gauss_newton: the group gn_ (keys.cpp).
#pragma once

#include <optional>

#include "config/options.h"

namespace admmnet {

/// README.md §2 to §5.
struct GaussNewtonOptions {
  double damping = 0.1;                    ///< lambda at the beginning
  Index cg_iterations = 10;                ///< at most, for one direction
  std::optional<Index> curvature_columns;  ///< N_s
  std::optional<bool> stages;
};

inline GaussNewtonOptions& gauss_newton_options(Options& options) {
  return options.method.of<GaussNewtonOptions>();
}
inline const GaussNewtonOptions& gauss_newton_options(const Options& options) {
  return options.method.of<GaussNewtonOptions>();
}

}  // namespace admmnet
