#include "methods/dladmm/dladmm.h"

#include "methods/dladmm/keys.h"
#include "methods/dladmm/sweep.h"

namespace admmnet {
namespace {

class DladmmMethod : public MethodKind {
 public:
  MethodKeys keys() const override { return dladmm_keys(); }

  std::string needs_dense(const Options& /*options*/) const override { return ""; }

  bool takes_weights(const Options&) const override { return true; }

  /// Learns faster than with softmax (README.md §7).
  Loss default_loss(const Options&) const override { return Loss::squared; }

  /// Published steps depend on the weights before: no map of z, a, m and u alone.
  std::optional<Acceleration> default_acceleration(const Options& options) const override {
    if (dladmm_options(options).subsolve != DladmmSubsolve::exact) return std::nullopt;
    return Acceleration::anderson;
  }

  bool has_dual_residual(const Options&) const override { return true; }

  void resolve(const ProblemSize& problem, Options& options) const override {
    resolve_dladmm(problem, options);
  }

  std::vector<std::pair<std::string, std::string>> describe(const ProblemSize& problem,
                                                            const Options& options) const override {
    return admmnet::describe(dladmm_parameters(options, problem.topology));
  }

  std::string summary(const ProblemSize&, const Options& options, std::size_t) const override {
    return "dladmm, " + std::string(name_of(dladmm_options(options).subsolve)) + " sub-solves";
  }

  /// At most 2500 columns for each process column, so that no rank's share of a panel becomes too
  /// narrow to be fast. Results depend on panels by rounding only.
  std::vector<Index> panel_bounds(const Options&, Index samples, int grid_cols) const override {
    const Index widest = 2500 * static_cast<Index>(grid_cols);
    const Index panels = std::max<Index>(1, (samples + widest - 1) / widest);
    std::vector<Index> bounds;
    for (Index p = 0; p <= panels; ++p) bounds.push_back(p * samples / panels);
    return bounds;
  }

  std::unique_ptr<TrainingMethod> make(const ProblemSize& problem, const Options& options,
                                       const MethodPlace& place) const override {
    return std::make_unique<DladmmSweep>(problem.topology, place,
                                         dladmm_parameters(options, problem.topology));
  }
};

}  // namespace

const MethodKind& dladmm_method() {
  static const DladmmMethod method;
  return method;
}

}  // namespace admmnet
