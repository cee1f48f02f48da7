/// Hidden layers that stay as they begin, and one solve for the output layer: README.md.
#include "methods/random_features/fourier_features.h"
#include "methods/ridge_kind.h"
#include "methods/ridge_pass.h"
#include "network/normalised_units.h"

namespace admmnet {
namespace {

struct RandomFeaturesOptions {
  RidgeOptions fit;
  std::optional<bool> normalise;  ///< auto: but for cos
  std::optional<double> sigma;    ///< auto: by the distances of samples
};

bool is_kernel(const Options& options) {
  return options.net.activation.kind == ActivationKind::cos;
}

void check(const Options& o, Checks& checks) {
  const auto& options = o.method.of<RandomFeaturesOptions>();
  const bool normalise = options.normalise.value_or(!is_kernel(o));
  checks.refuse(o.net.hidden.empty(), {"net_hidden", "train_method"},
                "random_features needs a hidden layer; give its width, or set -train_method "
                "linear");
  checks.refuse(is_kernel(o) && o.net.hidden.size() > 1, {"net_hidden", "net_activation"},
                "cos are the features of a Gaussian kernel, in one hidden layer; give one width");
  checks.refuse(is_kernel(o) && !o.net.bias, {"net_bias", "net_activation"},
                "cos features have random phases; set true");
  const bool usual = o.init.scheme == InitScheme::he || o.init.scheme == InitScheme::automatic;
  checks.refuse(is_kernel(o) && !usual, {"init_scheme", "net_activation"},
                "cos features are drawn for -random_features_sigma; leave it out");
  checks.refuse(is_kernel(o) && normalise, {"random_features_normalise", "net_activation"},
                "cos features have their size from -random_features_sigma; set false");
  checks.refuse((is_kernel(o) || normalise) && o.init.bias == InitBias::data,
                {"init_bias", "random_features_normalise", "net_activation"},
                "random_features chooses the biases itself; set zero, or "
                "-random_features_normalise false");
  check_ridge("random_features", options.fit, o, checks);
}

std::string prepare(const RandomFeaturesOptions& options, bool kernel, Index seed,
                    const SampleSet& train, Network& network) {
  if (*options.normalise) normalise_hidden_units(network, train);
  if (!kernel) return "";
  const double sigma = options.sigma ? *options.sigma : sigma_by_distances(train);
  draw_fourier_features(sigma, seed, network);
  return "width of the Gaussian kernel: sigma " + Codec<double>::write(sigma);
}

class RandomFeaturesMethod : public RidgeKind<RandomFeaturesOptions> {
 public:
  MethodKeys keys() const override {
    using R = RandomFeaturesOptions;
    const OptionsOf<R> in;
    MethodKeys keys;
    keys.method = "random_features";
    keys.summary = "hidden layers as they begin, one solve for the output layer, a yardstick";
    keys.group = {"random", "random features"};
    keys.keys = ridge_keys("random_features", in, &R::fit);
    keys.keys.push_back(
        choice("random_features_normalise",
               "hidden units have mean 0 and deviation 1 over the training samples before the "
               "activation; auto: true, but not for cos",
               in, &R::normalise));
    keys.keys.push_back(only_with(
        "net_activation", {"cos"},
        number(
            "random_features_sigma", "", above(0),
            "width of the Gaussian kernel exp(-d^2 / (2 sigma^2)), d a distance; auto: by the mean "
            "d^2 of two training samples",
            in, &R::sigma)));
    keys.trains_hidden_layers = false;
    keys.check = check;
    return keys;
  }

  std::string needs_dense(const Options& options) const override {
    const bool by_distances =
        is_kernel(options) && !options.method.of<RandomFeaturesOptions>().sigma;
    return by_distances ? "-random_features_sigma auto" : RidgeKind::needs_dense(options);
  }

  void resolve(const ProblemSize& problem, Options& options) const override {
    RidgeKind::resolve(problem, options);
    auto& normalise = options.method.of<RandomFeaturesOptions>().normalise;
    if (!normalise) normalise = !is_kernel(options);
  }

  std::vector<std::pair<std::string, std::string>> describe(const ProblemSize& problem,
                                                            const Options& options) const override {
    auto lines = RidgeKind::describe(problem, options);
    const auto& mine = options.method.of<RandomFeaturesOptions>();
    std::string units = *mine.normalise ? "normalised" : "as they begin";
    if (is_kernel(options)) units = "Fourier features of a Gaussian kernel";
    lines.emplace_back("hidden units", units);
    return lines;
  }

  std::unique_ptr<TrainingMethod> make(const ProblemSize& problem, const Options& options,
                                       const MethodPlace& place) const override {
    const auto& mine = options.method.of<RandomFeaturesOptions>();
    const auto prepare_layers = [mine, kernel = is_kernel(options), seed = options.init.seed,
                                 &train = place.train](Network& network) {
      return prepare(mine, kernel, seed, train, network);
    };
    return std::make_unique<RidgePass>(problem.topology, place, mine.fit,
                                       options.linalg.weight_solver.back(), prepare_layers);
  }
};

}  // namespace

const MethodKind& random_features_method() {
  static const RandomFeaturesMethod method;
  return method;
}

}  // namespace admmnet
