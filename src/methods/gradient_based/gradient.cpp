/// Training by gradients as a method of the program: its keys, and how it begins.
#include <algorithm>
#include <cstdio>

#include "config/check.h"
#include "config/key_builders.h"
#include "methods/gradient_based/full_batch.h"
#include "methods/gradient_based/mini_batch.h"

namespace admmnet {
namespace {

constexpr Index kIterations = 100, kPasses = 20;  // over all samples at once, in batches
constexpr Index kPanel = 4096;                    // samples that pass the network together

using G = GradientOptions;
const OptionsOf<G> kIn;

std::vector<Key> gradient_table() {
  const std::vector<std::string> batches{"sgd", "adagrad", "adadelta", "adam"};
  return {
      fixed(choice("gradient_rule",
                   "over all samples: gradient descent, nonlinear conjugate gradients or L-BFGS; "
                   "in batches: SGD with momentum, Adagrad, Adadelta or Adam",
                   kIn, &G::rule)),
      only_with("gradient_rule", {"descent", "sgd", "adagrad", "adadelta", "adam"},
                number("gradient_rate", "", above(0),
                       "length of a step; auto: sgd and adagrad 0.01, adadelta 1, adam 0.001, "
                       "descent by a line search",
                       kIn, &G::rate)),
      only_with("gradient_rule", {"sgd"},
                number("gradient_momentum", "", {0, 1, false, true}, "of the steps before", kIn,
                       &G::momentum)),
      only_with(
          "gradient_rule", batches,
          fixed(number("gradient_batch", "samples", at_least(1), "of a step", kIn, &G::batch))),
      only_with("gradient_rule", {"lbfgs"},
                fixed(number("gradient_memory", "", {1, 1000}, "pairs of step and change kept", kIn,
                             &G::memory))),
  };
}

void check(const Options& options, Checks& checks) {
  checks.refuse(options.init.scheme == InitScheme::zero && !options.net.hidden.empty(),
                {"init_scheme", "net_hidden", "train_method"},
                "from weights of 0 all units of a layer stay equal with -train_method gradient; "
                "take he, xavier or normal");
}

double default_rate(GradientRule rule) {
  switch (rule) {
    case GradientRule::adadelta:
      return 1.0;
    case GradientRule::adam:
      return 1e-3;
    default:
      return 1e-2;
  }
}

class GradientMethod : public MethodKind {
 public:
  MethodKeys keys() const override {
    MethodKeys keys;
    keys.method = "gradient";
    keys.summary = "by gradients: L-BFGS, CG, SGD, Adam and others, to compare with";
    keys.group = {"gradient", "the method gradient"};
    keys.keys = gradient_table();
    keys.check = check;
    return keys;
  }

  std::string needs_dense(const Options&) const override { return ""; }

  bool takes_weights(const Options&) const override { return true; }

  Loss default_loss(const Options&) const override { return Loss::softmax; }

  void resolve(const ProblemSize&, Options& options) const override {
    G& gradient = gradient_options(options);
    if (!options.train.iterations)
      options.train.iterations = is_full_batch(gradient.rule) ? kIterations : kPasses;
    if (!gradient.rate && !is_full_batch(gradient.rule))
      gradient.rate = default_rate(gradient.rule);
  }

  std::vector<std::pair<std::string, std::string>> describe(const ProblemSize&,
                                                            const Options& options) const override {
    const G& gradient = gradient_options(options);
    std::vector<std::pair<std::string, std::string>> lines{{"rule", name_of(gradient.rule)}};
    char rate[32] = "by line search";
    if (gradient.rate) std::snprintf(rate, sizeof rate, "%g", *gradient.rate);
    lines.emplace_back("rate", rate);
    if (gradient.rule == GradientRule::sgd)
      lines.emplace_back("momentum", std::to_string(gradient.momentum));
    if (gradient.rule == GradientRule::lbfgs)
      lines.emplace_back("pairs", std::to_string(gradient.memory));
    if (!is_full_batch(gradient.rule))
      lines.emplace_back("samples of a batch", std::to_string(gradient.batch));
    return lines;
  }

  std::vector<Index> panel_bounds(const Options& options, Index samples, int) const override {
    const G& gradient = gradient_options(options);
    const Index panel = is_full_batch(gradient.rule) ? kPanel : gradient.batch;
    std::vector<Index> bounds;
    for (Index first = 0; first < samples; first += panel) bounds.push_back(first);
    bounds.push_back(samples);
    return bounds;
  }

  std::unique_ptr<TrainingMethod> make(const ProblemSize& problem, const Options& options,
                                       const MethodPlace& place) const override {
    const G& gradient = gradient_options(options);
    if (is_full_batch(gradient.rule))
      return std::make_unique<FullBatchGradient>(problem.topology, place, gradient);
    return std::make_unique<MiniBatchGradient>(problem.topology, place, gradient,
                                               options.init.seed);
  }
};

}  // namespace

const MethodKind& gradient_based_method() {
  static const GradientMethod method;
  return method;
}

}  // namespace admmnet
