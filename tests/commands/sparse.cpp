// Training on sparse inputs against the same run on dense ones: the verbs by plain loops are in
// tests/linalg/test_sparse.cpp, and dense training beside a serial reference in tests/methods.
#include <cmath>
#include <random>
#include <sstream>

#include "commands/topology.h"
#include "config/parse.h"
#include "data/storage.h"
#include "data/test_files.h"
#include "linalg/grids.h"
#include "network/data_biases.h"
#include "support/mpi_check.h"
#include "support/registered_methods.h"

namespace admmnet::test {
namespace {

constexpr Index kFeatures = 40, kSamples = 46, kHeldOut = 5;

/// Three classes; every sixth sample has no feature, every fifth feature is in no sample.
std::string samples(Index count, unsigned seed) {
  std::mt19937 draw(seed);
  std::ostringstream out;
  for (Index s = 0; s < count; ++s) {
    out << s % 3;
    for (Index f = 0; f < kFeatures; ++f) {
      const bool common = f % 3 == s % 3;
      if (s % 6 == 4 || f % 5 == 1 || draw() % (common ? 4 : 9) != 0) continue;
      out << ' ' << f + 1 << ':' << 1 + draw() % 5;
    }
    out << '\n';
  }
  return out.str();
}

/// The deck of a run, and what it learns on a grid with the inputs in a storage.
struct Run {
  explicit Run(std::vector<std::string> more) : keys(std::move(more)) {
    train = folder.write("train.svm", samples(kSamples, 1));
    const std::vector<std::string> common{"-data_format",      "svmlight",
                                          "-data_train",       train,
                                          "-data_features",    std::to_string(kFeatures),
                                          "-data_validation",  std::to_string(kHeldOut),
                                          "-train_iterations", "2"};
    keys.insert(keys.end(), common.begin(), common.end());
  }

  Options options(const std::string& storage) const {
    std::vector<std::string> all = keys;
    all.insert(all.end(), {"-data_storage", storage});
    return parse_options(all);
  }

  /// The weights of all layers after two passes, and the accuracy on the samples held out.
  std::vector<double> weights(const std::string& storage, const ProcessGrid& grid) const {
    Options given = options(storage);
    const DataShape shape = probe(given.data, grid.comm());
    const ProblemSize problem = resolve(shape, given);
    const MethodKind& kind = method_named(given.train.method);
    PanelLayout layout;
    layout.unit_block = 4;
    layout.train_bounds = kind.panel_bounds(given, problem.samples, grid.cols());
    layout.evaluation_columns = problem.samples;
    const Dataset data = load(given.data, shape, 1, grid, layout);
    const bool sparse = storage == "sparse";
    REQUIRE(data.train.panels.front().sparse.has_value() == sparse);
    REQUIRE(data.train.panels.front().inputs.empty() == sparse);
    Timers timers;
    const auto method = kind.make(
        problem, given, {grid, layout.unit_block, data.train, 0, timers, &data.validation});
    Network initial(grid, problem.topology, layout.unit_block);
    initial.initialise(given.init.scheme, 1, 1.0);
    if (given.init.bias == InitBias::data) initialise_biases_from_data(initial, data.train, 1);
    method->start(initial, false);
    for (Index k = 1; k <= 2; ++k) method->iterate(k);
    std::vector<double> all;
    for (int l = 1; l <= method->network().layers(); ++l) {
      const std::vector<double> W = gather(method->network().W(l));
      all.insert(all.end(), W.begin(), W.end());
    }
    all.push_back(evaluate(method->network(), data.validation).score);
    return all;
  }

  TestFolder folder;
  std::string train;
  std::vector<std::string> keys;
};

/// Relative to the largest entry.
Worst difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0.0;
  for (const double x : b) largest = std::max(largest, std::abs(x));
  Worst worst;
  if (a.size() != b.size()) worst.add(INFINITY, a.size(), "against", b.size(), "entries");
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    worst.add(std::abs(a[i] - b[i]) / largest, "entry", i);
  return worst;
}

constexpr double kTolerance = 1e-8;

void require_the_same(const Run& run) {
  static const ProcessGrid alone(MPI_COMM_SELF, 1, 1);
  const std::vector<double> reference = run.weights("dense", alone);
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    INFO("grid " << grid.rows() << " x " << grid.cols());
    REQUIRE_ALL_ON(grid.comm(), difference(run.weights("sparse", grid), reference) <= kTolerance);
  }
}

}  // namespace

TEST_CASE("sparse and dense inputs give the same weights: blocks") {
  const std::string solver = GENERATE("dual", "cholesky");
  const std::string scaling = GENERATE("deviation", "standard");
  require_the_same(Run({"-net_hidden", "6,5", "-admm_blocks", "3", "-linalg_weight_solver",
                        solver + ",cholesky,cholesky", "-data_scaling", scaling}));
}

TEST_CASE("sparse and dense inputs give the same weights: full and printed") {
  const std::string sweep = GENERATE("full", "printed");
  const std::string scaling = GENERATE("none", "centred");
  require_the_same(Run({"-net_hidden", "6", "-admm_sweep", sweep, "-data_scaling", scaling,
                        "-linalg_weight_solver", "cholesky"}));
}

TEST_CASE("sparse and dense inputs give the same weights: a Gram matrix that is not formed") {
  const std::string sweep = GENERATE("blocks", "full", "printed");
  const std::string hidden = GENERATE("none", "6");
  if (sweep == "blocks" && hidden == "6") return;  // conjugate gradients for means over blocks
  require_the_same(Run({"-net_hidden", hidden, "-admm_sweep", sweep, "-data_scaling", "deviation",
                        "-linalg_weight_solver", "cg"}));
}

TEST_CASE("sparse and dense inputs give the same weights: other methods") {
  const std::vector<std::string> method = GENERATE(
      std::vector<std::string>{"linear", "-linear_ridge", "0.1"},
      std::vector<std::string>{"linear", "-linear_ridge", "0.1", "-data_train_limit", "30"},
      std::vector<std::string>{"linear", "-linear_ridge", "0.1", "-linalg_weight_solver", "cg"},
      std::vector<std::string>{"random_features", "-net_hidden", "9", "-random_features_ridge",
                               "0.1"},
      std::vector<std::string>{"dladmm", "-net_hidden", "6"},
      std::vector<std::string>{"mdlam", "-net_hidden", "6"},
      std::vector<std::string>{"pdadmm", "-net_hidden", "6", "-pdadmm_subsolve", "prox_gradient"},
      std::vector<std::string>{"gradient", "-net_hidden", "6", "-gradient_rule", "lbfgs"},
      std::vector<std::string>{"gradient", "-net_hidden", "6", "-gradient_batch", "32"});
  std::vector<std::string> keys{"-data_scaling", "standard", "-train_method"};
  keys.insert(keys.end(), method.begin(), method.end());
  require_the_same(Run(keys));
}

TEST_CASE("scaling of sparse inputs: by plain loops over all values, zeros included") {
  const std::string kind = GENERATE("deviation", "standard", "centred", "unit");
  const std::string storage = GENERATE("sparse", "dense");
  // A feature of one sample, a common one, one that is nowhere, a constant one, negative values.
  constexpr Index kCount = 12000, kColumns = 5;
  const auto value = [](Index s, Index f) -> double {
    switch (f) {
      case 0:
        return s == 17 ? 3.0 : 0.0;
      case 1:
        return s % 2 == 0 ? 1.0 + static_cast<double>(s % 4) : 0.0;
      case 3:
        return 2.0;
      case 4:
        return s % 50 == 3 ? -1.5 : 0.0;
      default:
        return 0.0;
    }
  };
  std::ostringstream text;
  for (Index s = 0; s < kCount; ++s) {
    text << s % 2;
    for (Index f = 0; f < kColumns; ++f)
      if (value(s, f) != 0.0) text << ' ' << f + 1 << ':' << value(s, f);
    text << '\n';
  }
  const TestFolder folder;
  const Options given =
      parse_options({"-data_format", "svmlight", "-data_train", folder.write("a.svm", text.str()),
                     "-data_features", std::to_string(kColumns), "-data_validation", "0",
                     "-data_scaling", kind, "-data_storage", storage});
  const DataShape shape = probe(given.data, MPI_COMM_WORLD);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  const Dataset data = load(given.data, shape, 1, grid, {4, true, {0, 5000, kCount}, 100});

  std::vector<double> mean(kColumns, 0.0), deviation(kColumns, 0.0), largest(kColumns, 0.0);
  double squares = 0.0;
  for (Index f = 0; f < kColumns; ++f) {
    const auto i = static_cast<std::size_t>(f);
    for (Index s = 0; s < kCount; ++s) {
      mean[i] += value(s, f) / kCount;
      largest[i] = std::max(largest[i], std::abs(value(s, f)));
    }
    for (Index s = 0; s < kCount; ++s)
      deviation[i] += (value(s, f) - mean[i]) * (value(s, f) - mean[i]) / kCount;
    squares += deviation[i] / kColumns;
    deviation[i] = std::sqrt(deviation[i]);
  }
  const double r = 1e-3;  // ten of 12000 samples are fewer
  for (std::size_t i = 0; i < kColumns; ++i) {
    const bool constant = i == 2 || i == 3;
    double scale = constant ? 1.0 : 1.0 / deviation[i], shift = mean[i];
    if (kind == "deviation") {
      shift = 0.0;
      if (!constant) scale = 1.0 / std::max(deviation[i], largest[i] * std::sqrt(r * (1.0 - r)));
    }
    if (kind == "centred") scale = 1.0 / std::sqrt(squares);
    if (kind == "unit") shift = -1.5, scale = 1.0 / 4.5;
    INFO(kind << ", feature " << i);
    REQUIRE(data.preprocessing.shift[i] == Approx(shift).margin(1e-12));
    REQUIRE(data.preprocessing.scale[i] == Approx(scale).epsilon(1e-12));
  }
  REQUIRE(data.preprocessing.scale[0] * 3.0 <= 32.0 + (kind == "deviation" ? 0.0 : 1e9));
}

TEST_CASE("which storage is taken, and what is refused") {
  const Run run({"-net_hidden", "6"});
  const auto storage = [&](std::vector<std::string> more) {
    std::vector<std::string> all = run.keys;
    all.insert(all.end(), more.begin(), more.end());
    Options given = parse_options(all);
    const DataShape shape = probe(given.data, MPI_COMM_WORLD);
    resolve(shape, given);
    return *given.data.storage;
  };
  CHECK(storage({}) == Storage::dense);  // a ninth of the values is not 0
  CHECK(storage({"-data_features", "400"}) == Storage::sparse);
  CHECK(storage({"-data_features", "400", "-train_method", "pdadmm"}) == Storage::dense);
  CHECK(storage({"-data_features", "400", "-data_scaling", "whiten"}) == Storage::dense);
  CHECK(storage({"-data_features", "400", "-data_components", "all"}) == Storage::dense);
  CHECK(storage({"-data_features", "400", "-data_components", "3", "-train_method", "pdadmm"}) ==
        Storage::sparse);
  const auto refused = [&](std::vector<std::string> more, std::vector<std::string> parts) {
    more.insert(more.end(), {"-data_storage", "sparse"});
    parts.insert(parts.end(), {"-data_storage sparse", "dense"});
    require_bad_input([&] { storage(more); }, parts);
  };
  refused({"-data_scaling", "whiten"}, {"-data_scaling whiten", "set deviation"});
  refused({"-data_scaling", "sqn"}, {"-data_scaling sqn", "set deviation"});
  refused({"-data_components", "all"}, {"-data_components all", "set a number"});
  refused({"-data_components", "3", "-init_scheme", "receptive_fields"}, {"receptive_fields"});
  refused({"-train_method", "pdadmm"}, {"-pdadmm_subsolve exact"});
  refused({"-train_method", "pdadmm", "-pdadmm_subsolve", "prox_gradient", "-pdadmm_groups", "2"},
          {"-pdadmm_groups 2"});
  refused({"-train_method", "mdlam", "-mdlam_steps", "lipschitz"}, {"-mdlam_steps lipschitz"});
  refused({"-admm_sweep", "printed", "-linalg_weight_solver", "qr"}, {"-linalg_weight_solver qr"});
}

}  // namespace admmnet::test
