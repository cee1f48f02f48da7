/// What the methods that fit the output layer in one solve have in common before a run: keys,
/// checks and choices of the ridge.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/check.h"
#include "config/key_builders.h"
#include "methods/method.h"

namespace admmnet {

struct RidgeOptions {
  std::optional<double> ridge = 1e-2;  ///< relative (ridge_fit.h); empty: by validation
  std::vector<double> ridges;          ///< to choose from; empty: auto
};

/// The keys METHOD_ridge and METHOD_ridges of the RidgeOptions at `path`.
template <class... Path>
std::vector<Key> ridge_keys(const std::string& method, Path... path) {
  const std::string one = method + "_ridge", many = method + "_ridges";
  const std::string meaning =
      "of the weights, relative to the mean diagonal of the Gram matrix of their centred inputs, "
      "not of the biases; validation: the best of " +
      many + " on the validation samples";
  Key ridge = number(one.c_str(), "", at_least(0), meaning.c_str(), path..., &RidgeOptions::ridge);
  return {with_word("validation", std::move(ridge)),
          only_with(
              one.c_str(), {"validation"},
              list(many.c_str(), "auto", "", at_least(0),
                   "to choose from; auto: 1e-6, 1e-5, ... 1000", path..., &RidgeOptions::ridges))};
}

/// For MethodKeys::check.
void check_ridge(const std::string& method, const RidgeOptions& ridge, const Options& options,
                 Checks& checks);
/// Replaces every auto of the ridge, and of passes and solvers. Throws BadInput where there are no
/// validation samples to choose it by.
void resolve_ridge(const std::string& method, const ProblemSize& problem, RidgeOptions& ridge,
                   Options& options);
/// Whether the fit is to inputs of the network, each scaled by its weight.
bool needs_scaled_inputs(const Options& options);
/// "0.01", or "the best of 1e-6, ... on the validation samples".
std::string in_words(const RidgeOptions& ridge);

/// A kind whose options are a T with a RidgeOptions `fit`.
template <class T>
class RidgeKind : public MethodKind {
 public:
  std::string needs_dense(const Options& options) const override {
    return needs_scaled_inputs(options) ? "least squares by weights of samples or classes" : "";
  }

  bool takes_weights(const Options& /*options*/) const override { return true; }

  Loss default_loss(const Options& /*options*/) const override { return Loss::squared; }

  void resolve(const ProblemSize& problem, Options& options) const override {
    resolve_ridge(keys().method, problem, options.method.of<T>().fit, options);
  }

  std::vector<std::pair<std::string, std::string>> describe(const ProblemSize& /*problem*/,
                                                            const Options& options) const override {
    return {{"ridge", in_words(options.method.of<T>().fit)}};
  }

  /// Sums over the samples do not depend on them, but for rounding.
  std::vector<Index> panel_bounds(const Options& /*options*/, Index samples,
                                  int grid_cols) const override {
    constexpr Index kColumnsPerProcess = 2500;
    const Index widest = kColumnsPerProcess * grid_cols;
    const Index panels = std::max<Index>(1, (samples + widest - 1) / widest);
    std::vector<Index> bounds;
    for (Index p = 0; p <= panels; ++p) bounds.push_back(p * samples / panels);
    return bounds;
  }
};

}  // namespace admmnet
