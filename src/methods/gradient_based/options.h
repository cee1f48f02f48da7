/// What a deck may say about training by gradients: the group gradient_ (gradient.cpp).
#pragma once

#include <array>
#include <optional>
#include <utility>

#include "config/names.h"
#include "config/options.h"

namespace admmnet {

/// README.md §2 and §3. The first three look at all samples before a step, the others at a batch.
enum class GradientRule { descent, conjugate_gradient, lbfgs, sgd, adagrad, adadelta, adam };

struct GradientOptions {
  GradientRule rule = GradientRule::adam;
  std::optional<double> rate;  ///< descent: nothing is a line search
  double momentum = 0.9;       ///< of sgd
  Index batch = 128;
  Index memory = 10;  ///< pairs of lbfgs
};

inline GradientOptions& gradient_options(Options& options) {
  return options.method.of<GradientOptions>();
}
inline const GradientOptions& gradient_options(const Options& options) {
  return options.method.of<GradientOptions>();
}

inline bool is_full_batch(GradientRule rule) {
  return rule == GradientRule::descent || rule == GradientRule::conjugate_gradient ||
         rule == GradientRule::lbfgs;
}

template <>
struct EnumNames<GradientRule> {
  static constexpr std::array<std::pair<GradientRule, const char*>, 7> all{
      {{GradientRule::descent, "descent"},
       {GradientRule::conjugate_gradient, "conjugate_gradient"},
       {GradientRule::lbfgs, "lbfgs"},
       {GradientRule::sgd, "sgd"},
       {GradientRule::adagrad, "adagrad"},
       {GradientRule::adadelta, "adadelta"},
       {GradientRule::adam, "adam"}}};
};

}  // namespace admmnet
