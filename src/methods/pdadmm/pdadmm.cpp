#include "methods/pdadmm/pdadmm.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "methods/pdadmm/keys.h"
#include "methods/pdadmm/pdadmm_sweep.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%g", value);
  return buffer;
}

std::string text(const std::vector<Index>& values) {
  std::string result;
  for (const Index value : values) result += (result.empty() ? "" : ",") + std::to_string(value);
  return result;
}

/// 2, half, all, where layers can join a network (README.md §4).
std::vector<Index> default_growth(const Topology& topology) {
  const Index L = topology.layers();
  bool joins = topology.activation.kind == ActivationKind::relu;
  for (int l = 2; l < topology.layers(); ++l)
    joins = joins && topology.width(l) == topology.width(1);
  if (!joins || L < 3) return {L};
  if (L < 6) return {2, L};
  return {2, L / 2, L};
}

std::vector<Index> default_iterations(Subsolve subsolve, std::size_t stages) {
  if (subsolve == Subsolve::prox_gradient) return std::vector<Index>(stages, 60);
  std::vector<Index> result(stages, 30);
  if (stages > 1) result.back() = 40;
  result.front() = 100;
  return result;
}

/// Of each interface in an iteration: p and q of n_l x N, as codes and as doubles.
std::string traffic(const Topology& topology, Index samples, Index bits) {
  const Index n = topology.width(1);
  const double numbers = 2.0 * static_cast<double>(n) * static_cast<double>(samples);
  return text(numbers * static_cast<double>(bits) / 8.0) + " as codes, " + text(8.0 * numbers) +
         " as doubles";
}

class PdadmmMethod : public MethodKind {
 public:
  MethodKeys keys() const override { return pdadmm_keys(); }
  bool takes_weights(const Options&) const override { return true; }

  Loss default_loss(const Options&) const override { return Loss::softmax; }

  /// The exact weights of layer 1 take the samples apart, and groups send them to the first one.
  std::string needs_dense(const Options& options) const override {
    const PdadmmOptions& o = pdadmm_options(options);
    if (o.subsolve == Subsolve::exact) return "-pdadmm_subsolve exact";
    const Index groups = o.groups.value_or(1);
    return groups > 1 ? "-pdadmm_groups " + std::to_string(groups) : "";
  }

  /// A pass of a network that does not grow, and of numbers that are not rounded, is such a map.
  std::optional<Acceleration> default_acceleration(const Options& options) const override {
    const PdadmmOptions& o = pdadmm_options(options);
    if (o.growth.size() != 1 || o.bits > 0 || o.groups.value_or(1) > 1) return std::nullopt;
    return Acceleration::none;
  }

  bool has_dual_residual(const Options&) const override { return true; }
  bool takes_real_targets(const Options&) const override { return false; }  // of class indices

  void resolve(const ProblemSize& problem, Options& options) const override {
    PdadmmOptions& o = pdadmm_options(options);
    const bool exact = o.subsolve == Subsolve::exact;
    if (problem.sparse) o.groups = 1;
    if (!o.rho) o.rho = exact ? 0.1 : 0.01;
    if (!o.nu) o.nu = o.rho;
    if (!o.z_proximal) o.z_proximal = exact ? 0.0 : 1.0;
    if (o.growth.empty()) o.growth = default_growth(problem.topology);
    if (o.stage_iterations.empty())
      o.stage_iterations = default_iterations(o.subsolve, o.growth.size());
    if (o.stage_iterations.size() == 1)
      o.stage_iterations.assign(o.growth.size(), o.stage_iterations.front());
    if (o.stage_iterations.size() != o.growth.size())
      throw BadInput("-pdadmm_stage_iterations " + text(o.stage_iterations) + ": " +
                     std::to_string(o.stage_iterations.size()) + " values for the stages " +
                     text(o.growth) + " of -pdadmm_growth; give one, or one a stage");
    if (!options.train.iterations)
      options.train.iterations =
          std::accumulate(o.stage_iterations.begin(), o.stage_iterations.end(), Index{0});
    options.linalg.weight_solver = {WeightSolver::cholesky};
    if (options.linalg.activation_solver == ActivationSolver::automatic)
      options.linalg.activation_solver = ActivationSolver::correction;
  }

  std::vector<std::pair<std::string, std::string>> describe(const ProblemSize& problem,
                                                            const Options& options) const override {
    const PdadmmOptions& o = pdadmm_options(options);
    std::vector<std::pair<std::string, std::string>> lines = {
        {"sub-solves", name_of(o.subsolve)},
        {"rho", text(*o.rho)},
        {"nu", text(*o.nu)},
        {"proximal weight of z", text(*o.z_proximal)},
        {"layers of the stages", text(o.growth)},
        {"iterations of the stages", text(o.stage_iterations)}};
    if (o.subsolve == Subsolve::exact)
      lines.emplace_back("ridge", text(o.ridge));
    else
      lines.emplace_back("weight decay / nu", text(o.weight_decay_ratio));
    if (o.bits > 0)
      lines.emplace_back("bytes an interface and iteration",
                         traffic(problem.topology, problem.samples, o.bits));
    return lines;
  }

  /// One for each number of groups that the deck leaves open.
  std::size_t ways(const Options& options) const override {
    return pdadmm_options(options).groups ? 1 : options.net.hidden.size() + 1;
  }
  int parts(const Options& options, std::size_t way) const override {
    return static_cast<int>(pdadmm_options(options).groups.value_or(static_cast<Index>(way) + 1));
  }
  std::map<std::string, std::string> choices(const Options& options,
                                             std::size_t way) const override {
    return {{"pdadmm_groups", std::to_string(parts(options, way))}};
  }

  std::string summary(const ProblemSize&, const Options& options, std::size_t way) const override {
    const PdadmmOptions& o = pdadmm_options(options);
    const int groups = parts(options, way);
    return "pdadmm, " + name_of(o.subsolve) +
           (groups > 1 ? ", layers in " + std::to_string(groups) + " groups" : "") +
           (o.growth.size() > 1 ? ", a pass of the last stage" : "");
  }

  /// A pass uses all samples at once, and keeps p, q, u and z of all of them anyway.
  std::vector<Index> panel_bounds(const Options&, Index samples, int) const override {
    return {0, samples};
  }

  std::unique_ptr<TrainingMethod> make(const ProblemSize& problem, const Options& options,
                                       const MethodPlace& place) const override {
    return std::make_unique<PdadmmSweep>(
        problem.topology, place.unit_block, place.grid, place.train,
        pdadmm_parameters(options, parts(options, place.way)), place.timers);
  }
};

}  // namespace

const MethodKind& pdadmm_method() {
  static const PdadmmMethod method;
  return method;
}

}  // namespace admmnet
