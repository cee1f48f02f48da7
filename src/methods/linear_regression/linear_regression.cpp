/// Linear least squares, the yardstick of every other method: README.md.
#include "methods/ridge_kind.h"
#include "methods/ridge_pass.h"

namespace admmnet {
namespace {

struct LinearOptions {
  RidgeOptions fit;
};

void check(const Options& options, Checks& checks) {
  checks.refuse(!options.net.hidden.empty(), {"net_hidden", "train_method"},
                "linear has no hidden layers; set none, or -train_method " +
                    methods_of_fixed_layers() + ", which leaves them as they begin");
  check_ridge("linear", options.method.of<LinearOptions>().fit, options, checks);
}

class LinearMethod : public RidgeKind<LinearOptions> {
 public:
  MethodKeys keys() const override {
    MethodKeys keys;
    keys.method = "linear";
    keys.summary = "no hidden layers, one solve by ridge least squares, a yardstick";
    keys.group = {"linear", "linear least squares"};
    keys.keys = ridge_keys("linear", OptionsOf<LinearOptions>(), &LinearOptions::fit);
    keys.check = check;
    return keys;
  }

  std::unique_ptr<TrainingMethod> make(const ProblemSize& problem, const Options& options,
                                       const MethodPlace& place) const override {
    return std::make_unique<RidgePass>(problem.topology, place,
                                       options.method.of<LinearOptions>().fit,
                                       options.linalg.weight_solver.back());
  }
};

}  // namespace

const MethodKind& linear_regression_method() {
  static const LinearMethod method;
  return method;
}

}  // namespace admmnet
