/// mDLAM as a method of the program: its keys, and how it begins.
#include <cstdio>

#include "config/check.h"
#include "config/key_builders.h"
#include "methods/mdlam/sweep.h"

namespace admmnet {
namespace {

constexpr Index kPasses = 200;  // as published
constexpr double kLargest = 1e100;

using M = MdlamOptions;
const OptionsOf<M> kIn;

std::vector<Key> mdlam_table() {
  return {
      number("mdlam_rho", "", {0, kLargest, true}, "penalty of z = W a + b", kIn, &M::rho),
      number("mdlam_weight_decay", "", at_least(0),
             "mu: the objective has mu/2 times the sum of the squared weights", kIn,
             &M::weight_decay),
      number("mdlam_epsilon_first", "", {0, kLargest, true},
             "half width of the box h(z) -+ eps of the activations in the first pass", kIn,
             &M::epsilon_first),
      number("mdlam_epsilon_last", "", {0, kLargest, true}, "the least half width", kIn,
             &M::epsilon_last),
      number("mdlam_epsilon_factor", "", {0, 1, true},
             "on the half width from pass to pass; 1: it stays", kIn, &M::epsilon_factor),
      choice("mdlam_steps",
             "of weights and activations; exact_line: exact line search; lipschitz: 1 / Lipschitz "
             "constant, shorter",
             kIn, &M::steps),
      fixed(flag("mdlam_momentum",
                 "Nesterov's, for weights and activations; a step that raises the objective is "
                 "taken without",
                 kIn, &M::momentum)),
  };
}

void check(const Options& options, Checks& checks) {
  const M& mdlam = mdlam_options(options);
  checks.refuse(mdlam.epsilon_last > mdlam.epsilon_first,
                {"mdlam_epsilon_last", "mdlam_epsilon_first"},
                "above -mdlam_epsilon_first, and the box can only shrink; set it lower");
  checks.refuse(!options.net.hidden.empty() && !Box::knows(options.net.activation.kind),
                {"net_activation", "net_hidden", "train_method"},
                "-train_method mdlam needs the inverse of the activation and knows that of " +
                    Box::known() + "; take one of these");
  checks.refuse(options.init.scheme == InitScheme::zero && !options.net.hidden.empty(),
                {"init_scheme", "net_hidden", "train_method"},
                "from weights of 0 all units of a layer stay equal with -train_method mdlam; take "
                "normal, he or xavier");
  checks.refuse(options.linalg.precision == Precision::single, {"linalg_precision", "train_method"},
                "single does not go with -train_method mdlam, which compares values of the "
                "objective that differ by less; take double");
}

std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%g", value);
  return buffer;
}

class MdlamMethod : public MethodKind {
 public:
  MethodKeys keys() const override {
    MethodKeys keys;
    keys.method = "mdlam";
    keys.summary = "mDLAM of Wang et al. (2022), boxes in the place of multipliers";
    keys.group = {"mdlam", "the method mDLAM"};
    keys.keys = mdlam_table();
    keys.check = check;
    return keys;
  }

  bool takes_weights(const Options&) const override { return true; }

  Loss default_loss(const Options&) const override { return Loss::softmax; }

  /// The Lipschitz constant is that of all entries.
  std::string needs_dense(const Options& options) const override {
    return mdlam_options(options).steps == MdlamSteps::lipschitz ? "-mdlam_steps lipschitz" : "";
  }

  void resolve(const ProblemSize&, Options& options) const override {
    if (!options.train.iterations) options.train.iterations = kPasses;
  }

  std::vector<std::pair<std::string, std::string>> describe(const ProblemSize&,
                                                            const Options& options) const override {
    const M& mdlam = mdlam_options(options);
    return {{"rho", text(mdlam.rho)},
            {"weight decay", text(mdlam.weight_decay)},
            {"epsilon", text(mdlam.epsilon_first) + " to " + text(mdlam.epsilon_last) +
                            " by factors of " + text(mdlam.epsilon_factor)},
            {"steps", name_of(mdlam.steps)},
            {"momentum", mdlam.momentum ? "true" : "false"}};
  }

  /// All samples at once.
  std::vector<Index> panel_bounds(const Options&, Index samples, int) const override {
    return {0, samples};
  }

  std::unique_ptr<TrainingMethod> make(const ProblemSize& problem, const Options& options,
                                       const MethodPlace& place) const override {
    return std::make_unique<MdlamSweep>(problem.topology, place.unit_block, place.grid, place.train,
                                        mdlam_options(options), place.timers);
  }
};

}  // namespace

const MethodKind& mdlam_method() {
  static const MdlamMethod method;
  return method;
}

}  // namespace admmnet
