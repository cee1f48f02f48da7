/// Damped Gauss-Newton as a method of the program: its keys, and how it begins.
#include <algorithm>
#include <cstdio>

#include "config/check.h"
#include "config/key_builders.h"
#include "methods/gauss_newton/gauss_newton.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

constexpr Index kPasses = 150;
constexpr Index kLeastColumns = 2500, kMostStagedColumns = 5000;  // of the curvature
constexpr Index kStagedWeights = 20000;                           // and more
constexpr Index kMostRehearsed = 60;                              // passes

using G = GaussNewtonOptions;
const OptionsOf<G> kIn;

std::vector<Key> gauss_newton_table() {
  return {
      fixed(number("gn_damping", "", {1e-12, 1e6},
                   "lambda of the first direction; gains and rejections move it from there", kIn,
                   &G::damping)),
      number("gn_cg_iterations", "", at_least(1),
             "of conjugate gradients for a direction, at most; more are often worse", kIn,
             &G::cg_iterations),
      fixed(number("gn_curvature_columns", "samples", at_least(1),
                   "that the curvature of a direction is taken from, in turns; with stages half as "
                   "many in the first; auto: weights / outputs, but 2500 at least, and with stages "
                   "5000 at most",
                   kIn, &G::curvature_columns)),
      fixed(choice("gn_stages",
                   "the first passes look at 10 and 40 % of the samples, and the curvature is "
                   "factored every fourth step; auto: from 20000 weights on",
                   kIn, &G::stages)),
  };
}

void check(const Options& options, Checks& checks) {
  checks.refuse(options.init.scheme == InitScheme::zero && !options.net.hidden.empty(),
                {"init_scheme", "net_hidden", "train_method"},
                "from weights of 0 all units of a layer stay equal with -train_method "
                "gauss_newton; take he, xavier or normal");
}

Index weights_of(const Topology& topology) {
  Index weights = 0;
  for (int l = 1; l <= topology.layers(); ++l)
    weights += topology.width(l) * topology.extended(l - 1);
  return weights;
}

std::string losses_with_curvature(bool of_reals) {
  std::string names;
  for (const LossFunctions* loss : loss_table().rows())
    if (of_reals ? loss->takes_reals() && loss->reals->curvature != nullptr
                 : loss->curvature != nullptr)
      names += (names.empty() ? "" : ", ") + std::string(loss->name);
  return names;
}

/// Of the panels: with stages the curvature has two of them in the end.
Index panel_width(const G& options) {
  const Index columns = options.curvature_columns.value();
  return *options.stages ? std::max<Index>(1, columns / 2) : columns;
}

class GaussNewtonMethod : public MethodKind {
 public:
  MethodKeys keys() const override {
    MethodKeys keys;
    keys.method = "gauss_newton";
    keys.summary = "damped Gauss-Newton in all weights at once, what regression takes";
    keys.group = {"gn", "the method gauss_newton"};
    keys.keys = gauss_newton_table();
    keys.check = check;
    keys.usual_for_regression = true;
    return keys;
  }

  bool takes_weights(const Options&) const override { return true; }

  Loss default_loss(const Options&) const override { return Loss::softmax; }

  /// Units that saturate begin where they do not, also in deeper layers.
  InitScheme default_init_scheme(const Options& options) const override {
    const ActivationKind kind = options.net.activation.kind;
    const bool smooth = kind == ActivationKind::tanh || kind == ActivationKind::sigmoid;
    return smooth ? InitScheme::lecun : InitScheme::he;
  }

  InitBias default_init_bias(const Options&) const override { return InitBias::data; }

  void resolve(const ProblemSize& problem, Options& options) const override {
    G& gauss_newton = gauss_newton_options(options);
    if (!make_objective(problem.topology)->has_curvature())
      throw BadInput("-net_loss " + std::string(problem.topology.loss->name) +
                     " has kinks, and -train_method gauss_newton needs second derivatives: take " +
                     losses_with_curvature(problem.topology.is_regression()));
    if (!options.train.iterations) options.train.iterations = kPasses;
    const Index weights = weights_of(problem.topology);
    if (!gauss_newton.stages) gauss_newton.stages = weights >= kStagedWeights;
    Index columns = std::max(weights / problem.topology.outputs(), kLeastColumns);
    if (*gauss_newton.stages) columns = std::min(columns, kMostStagedColumns);
    gauss_newton.curvature_columns =
        std::min(gauss_newton.curvature_columns.value_or(columns), problem.samples);
  }

  std::vector<std::pair<std::string, std::string>> describe(const ProblemSize&,
                                                            const Options& options) const override {
    const G& gauss_newton = gauss_newton_options(options);
    char damping[32];
    std::snprintf(damping, sizeof damping, "%g", gauss_newton.damping);
    return {
        {"first damping", damping},
        {"an iteration", "the work of a pass; behind an outer step of several passes rows repeat"},
        {"iterations of a direction", std::to_string(gauss_newton.cg_iterations) + " at most"},
        {"samples of the curvature", std::to_string(*gauss_newton.curvature_columns)},
        {"stages", *gauss_newton.stages ? "10, 40 and 100 % of the samples" : "none"}};
  }

  std::string summary(const ProblemSize&, const Options& options, std::size_t) const override {
    const G& gauss_newton = gauss_newton_options(options);
    return "gauss_newton, curvature of " + std::to_string(*gauss_newton.curvature_columns) +
           " samples" + (*gauss_newton.stages ? ", in stages" : "");
  }

  /// With c = 1 + (1/3 + 1 + most)/B passes an outer step on B panels, B of the curvature, so many
  /// passes are three rounds of them.
  Index rehearsed_passes(const ProblemSize& problem, const Options& options) const override {
    const G& gauss_newton = gauss_newton_options(options);
    const Index panels = std::max<Index>(1, problem.samples / panel_width(gauss_newton));
    return std::min(kMostRehearsed, 3 * panels + 4 + 3 * gauss_newton.cg_iterations);
  }

  std::vector<Index> panel_bounds(const Options& options, Index samples, int) const override {
    return equal_panels(samples, panel_width(gauss_newton_options(options)));
  }

  std::unique_ptr<TrainingMethod> make(const ProblemSize& problem, const Options& options,
                                       const MethodPlace& place) const override {
    return std::make_unique<GaussNewton>(problem.topology, place, options);
  }
};

}  // namespace

const MethodKind& gauss_newton_method() {
  static const GaussNewtonMethod method;
  return method;
}

}  // namespace admmnet
