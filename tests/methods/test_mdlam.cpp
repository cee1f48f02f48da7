// mDLAM: against the plain serial reference on every grid, restart, what must never rise, boxes,
// and the plan's flops.
//
// Tolerances. An iteration is sums in another order, some hundred roundings; iterations amplify
// them, and the projections do not (they are contractions). 1e-9 is the bound after 6 iterations
// (src/methods/mdlam/README.md §7).
#include <cmath>
#include <iterator>
#include <memory>

#include <petscsys.h>

#include "config/parse.h"
#include "linalg/grids.h"
#include "methods/copied_state.h"
#include "methods/mdlam/sweep.h"
#include "methods/method_cost.h"
#include "methods/sample_sets.h"
#include "proximal/activation_functions.h"
#include "reference/mdlam.h"
#include "reference/synthetic.h"
#include "runtime/error.h"
#include "support/mpi_check.h"
#include "support/registered_methods.h"

namespace admmnet::test {
namespace {

constexpr Index kIterations = 6;

struct Case {
  const char* name;
  Index features;
  std::vector<Index> hidden;
  Index outputs;
  Loss loss;
  Activation activation;
  bool bias;
  MdlamSteps steps;
  bool momentum;
};

const Case kCases[] = {
    {"two hidden layers", 13, {9, 7}, 4, Loss::softmax, {}, true, MdlamSteps::exact_line, true},
    {"the same without momentum",
     13,
     {9, 7},
     4,
     Loss::softmax,
     {},
     true,
     MdlamSteps::exact_line,
     false},
    {"widening, lipschitz",
     13,
     {5, 11},
     3,
     Loss::multiclass_hinge,
     {},
     true,
     MdlamSteps::lipschitz,
     true},
    {"leaky, more inputs than samples, lipschitz, no momentum",
     70,
     {8},
     1,
     Loss::squared,
     {ActivationKind::leaky_relu, 0.1},
     true,
     MdlamSteps::lipschitz,
     false},
    {"hard tanh, no biases",
     13,
     {8, 8},
     3,
     Loss::softmax,
     {ActivationKind::hard_tanh, 0.01},
     false,
     MdlamSteps::exact_line,
     true},
    {"hard sigmoid, no hidden layer above",
     13,
     {10},
     3,
     Loss::hinge,
     {ActivationKind::hard_sigmoid, 0.01},
     true,
     MdlamSteps::exact_line,
     true},
    {"linear", 13, {}, 3, Loss::softmax, {}, true, MdlamSteps::exact_line, true}};

reference::Problem problem_of(const Case& c) {
  reference::Problem problem = reference::synthetic_problem(c.features, 61, c.hidden, c.outputs);
  problem.loss = c.loss;
  problem.activation = c.activation;
  problem.bias = c.bias;
  return problem;
}

MdlamOptions options_of(const Case& c) {
  MdlamOptions options;
  options.rho = 0.3;
  options.weight_decay = 0.1;
  options.epsilon_first = 1.0;
  options.epsilon_last = 0.02;
  options.steps = c.steps;
  options.momentum = c.momentum;
  return options;
}

reference::MdlamParameters parameters_of(const MdlamOptions& o) {
  return {o.rho,          o.weight_decay,   o.epsilon_first,
          o.epsilon_last, o.epsilon_factor, o.steps == MdlamSteps::exact_line,
          o.momentum};
}

/// A sweep on a grid, begun with the problem's weights.
struct Run {
  SampleSet set;
  Timers timers;
  std::unique_ptr<MdlamSweep> sweep;

  Run(const reference::Problem& problem, const MdlamOptions& options, const ProcessGrid& grid,
      Index block)
      : set(sample_set(problem, grid, block, {0, problem.samples()})) {
    const Topology topology = topology_of(problem);
    sweep = std::make_unique<MdlamSweep>(topology, block, grid, set, options, timers);
    Network initial(grid, topology, block);
    initial.initialise(problem.init, problem.seed);
    sweep->start(initial, false);
  }
};

void require_same(int l, const char* what, const BlockCyclicMatrix& A, const reference::Matrix& B) {
  const Worst difference = relative_difference(A, B);
  CAPTURE(A.grid().rows(), A.grid().cols(), A.row_block(), l, what, difference);
  REQUIRE_ALL_ON(A.grid().comm(), difference <= 1e-9);
}

void require_same(const MdlamSweep& sweep, const reference::Mdlam& expected) {
  for (int l = 1; l <= sweep.network().layers(); ++l) {
    const auto i = static_cast<std::size_t>(l);
    require_same(l, "W", sweep.network().W(l), expected.W[i]);
    require_same(l, "z", sweep.z(l), expected.z[i]);
    if (l < sweep.network().layers())
      require_same(l, "a", sweep.a(l), reference::with_bias_row(expected.problem, expected.a[i]));
  }
}

ProcessGrid one_row() {
  return {MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD)};
}

}  // namespace

TEST_CASE("mDLAM equals the reference on every grid") {
  Index shortened = 0;
  for (const Case& c : kCases) {
    const reference::Problem problem = problem_of(c);
    const MdlamOptions options = options_of(c);
    reference::Mdlam expected(problem, parameters_of(options));
    for (Index k = 1; k <= kIterations; ++k) expected.iterate();
    shortened += expected.shortened;
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      INFO(c.name);
      Run run(problem, options, grid, block);
      IterationReport report;
      for (Index k = 1; k <= kIterations; ++k) report = run.sweep->iterate(k);
      require_same(*run.sweep, expected);
      CHECK(report.objective == Approx(expected.objective()).epsilon(1e-9));
    });
  }
  CHECK(shortened > 0);  // samples that took the Lipschitz constant
}

// src/methods/mdlam/README.md §4. From an x_{k-1} of 0, and omega almost 1, x^ is about 2 x_k.
TEST_CASE("steps that momentum makes too long are taken without it") {
  const reference::Problem problem = problem_of(kCases[0]);
  const MdlamOptions options = options_of(kCases[0]);
  constexpr Index kBefore = 3, kAfter = 2;
  reference::Mdlam expected(problem, parameters_of(options));
  for (Index k = 1; k <= kBefore; ++k) expected.iterate();
  expected.s = 1000.0;
  for (reference::Layers* layers : {&expected.previous_W, &expected.previous_a})
    for (reference::Matrix& matrix : *layers) matrix = 0.0 * matrix;
  for (Index k = 1; k <= kAfter; ++k) expected.iterate();
  REQUIRE(expected.accepted < expected.extrapolated);
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    Run run(problem, options, grid, block);
    for (Index k = 1; k <= kBefore; ++k) run.sweep->iterate(k);
    StateView state = run.sweep->state();
    for (StateTensor& tensor : state.tensors)
      if (tensor.path.find("previous_") != std::string::npos)
        tensor.parts.front().matrix->fill_constant(0.0);
    for (StateScalar& scalar : state.scalars)
      if (scalar.path == "mdlam/s") *scalar.real = 1000.0;
    Index notes = 0;
    for (Index k = 1; k <= kAfter; ++k)
      notes += static_cast<Index>(run.sweep->iterate(kBefore + k).notes.size());
    CHECK(notes > 0);
    require_same(*run.sweep, expected);
  });
}

TEST_CASE("mDLAM stopped and continued equals mDLAM in one go, bitwise", "[ranks:1-2]") {
  for (const Case& c : {kCases[0], kCases[1]}) {
    const reference::Problem problem = problem_of(c);
    on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
      Run straight(problem, options_of(c), grid, block), first(problem, options_of(c), grid, block),
          second(problem, options_of(c), grid, block);
      IterationReport expected, report;
      for (Index k = 1; k <= 7; ++k) expected = straight.sweep->iterate(k);
      for (Index k = 1; k <= 4; ++k) first.sweep->iterate(k);
      second.sweep->iterate(1);  // whatever it did before is forgotten
      copy_state(first.sweep->state(), second.sweep->state());
      second.sweep->resume();
      for (Index k = 5; k <= 7; ++k) report = second.sweep->iterate(k);
      bool same = report.objective == expected.objective;
      for (int l = 1; l <= problem.layers(); ++l)
        same = same &&
               gather(straight.sweep->network().W(l)) == gather(second.sweep->network().W(l)) &&
               gather(straight.sweep->z(l)) == gather(second.sweep->z(l));
      REQUIRE_ALL_ON(grid.comm(), same);
    });
  }
}

// src/methods/mdlam/README.md §5: rounding of the objective is 1e-16 times some hundred terms.
TEST_CASE("at the same eps the objective never rises, and every activation is in its box",
          "[ranks:1]") {
  const ProcessGrid grid = one_row();
  for (const Case& c : kCases) {
    const reference::Problem problem = problem_of(c);
    MdlamOptions options = options_of(c);
    options.epsilon_first = options.epsilon_last = 0.05;
    Run run(problem, options, grid, 3);
    double before = std::numeric_limits<double>::infinity();
    Worst rise, outside;
    for (Index k = 1; k <= 40; ++k) {
      const double now = run.sweep->iterate(k).objective;
      rise.add(now <= before ? 0.0 : (now - before) / before, "iteration", k);
      before = now;
      for (int l = 1; l < problem.layers(); ++l) {
        const std::vector<double> z = gather(run.sweep->z(l)), a = gather(run.sweep->a(l));
        const Index units = problem.width(l), rows = run.sweep->a(l).rows();
        for (Index j = 0; j < problem.samples(); ++j)
          for (Index i = 0; i < units; ++i) {
            const double h =
                activate(problem.activation, z[static_cast<std::size_t>(i + j * units)]);
            const double distance = std::abs(a[static_cast<std::size_t>(i + j * rows)] - h);
            outside.add(distance <= run.sweep->epsilon() ? 0.0 : distance - run.sweep->epsilon(),
                        "layer", l, "unit", i, "sample", j);
          }
      }
    }
    INFO(c.name);
    CHECK(rise <= 1e-12);
    if (problem.layers() > 1) CHECK(outside <= 1e-14);
  }
}

TEST_CASE("with lipschitz steps momentum lowers the objective faster", "[ranks:1]") {
  reference::Problem problem = problem_of(kCases[0]);
  MdlamOptions options = options_of(kCases[0]);
  options.steps = MdlamSteps::lipschitz;
  double objective[2] = {};
  for (const bool momentum : {false, true}) {
    options.momentum = momentum;
    Run run(problem, options, one_row(), 3);
    for (Index k = 1; k <= 100; ++k) objective[momentum ? 1 : 0] = run.sweep->iterate(k).objective;
  }
  CAPTURE(objective[0], objective[1]);
  CHECK(objective[1] < 0.95 * objective[0]);
}

TEST_CASE("NaN in the weights ends the run") {
  const reference::Problem problem = problem_of(kCases[0]);
  Run run(problem, options_of(kCases[0]), one_row(), 3);
  Network broken(run.sweep->network().grid(), topology_of(problem), 3);
  broken.initialise(problem.init, problem.seed);
  broken.W(2).fill_constant(std::nan(""));
  run.sweep->start(broken, false);
  CHECK_THROWS_AS(run.sweep->iterate(1), NumericalBreakdown);
}

// src/methods/mdlam/README.md §3.3
TEST_CASE("the bounds of z are those where h leaves the box", "[ranks:1]") {
  for (const Activation& h :
       {Activation{}, Activation{ActivationKind::leaky_relu, 0.1},
        Activation{ActivationKind::hard_tanh, 0.01}, Activation{ActivationKind::hard_sigmoid, 0.01},
        Activation{ActivationKind::tanh, 0.01}, Activation{ActivationKind::sigmoid, 0.01}}) {
    INFO(h.kind->name);
    const Box box(h, 0.3);
    Index wrong = 0, inside = 0;
    // Every a that is in the box of some z, away from the ends of the range, where the bounds of
    // tanh and sigmoid are cut off.
    for (double middle = -2.0; middle <= 2.0; middle += 0.25)
      for (const double offset : {-0.29, 0.0, 0.2, 0.3}) {
        const double a = activate(h, middle) + offset;
        for (double z = -3.0; z <= 3.0; z += 1.0 / 64) {
          const double gap = std::abs(activate(h, z) - a) - 0.3;
          if (std::abs(gap) < 1e-9) continue;
          const bool is_inside = z >= box.lower(a) && z <= box.upper(a);
          wrong += is_inside != (gap < 0.0);
          inside += is_inside;
        }
      }
    CHECK(wrong == 0);
    CHECK(inside > 0);
    for (const double a : {-9.0, 9.0}) {  // nothing is in that box of tanh, sigmoid
      CHECK_FALSE(std::isnan(clipped(0.5, box.lower(a), box.upper(a))));
      CHECK(std::isfinite(clipped(0.5, box.lower(a), box.upper(a))));
    }
  }
  const ActivationFunctions folded{"fold", nullptr, nullptr, nullptr, nullptr};
  CHECK_FALSE(Box::knows(ActivationKind(folded)));
  CHECK_THROWS_AS(Box({ActivationKind(folded), 0.01}, 0.3), BadInput);
}

TEST_CASE("what does not go with mDLAM is refused", "[ranks:1]") {
  const auto refused = [](std::vector<std::string> keys) {
    keys.insert(keys.begin(), {"-train_method", "mdlam", "-net_hidden", "5"});
    try {
      parse_options(keys);
    } catch (const BadInput& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  using Catch::Matchers::Contains;
  CHECK(refused({}) == "accepted");
  CHECK_THAT(refused({"-mdlam_epsilon_first", "1", "-mdlam_epsilon_last", "2"}),
             Contains("-mdlam_epsilon_last: above -mdlam_epsilon_first"));
  CHECK_THAT(refused({"-init_scheme", "zero"}), Contains("-init_scheme: from weights of 0"));
  CHECK_THAT(refused({"-linalg_precision", "single"}), Contains("-linalg_precision: single"));
  CHECK_THAT(refused({"-mdlam_rho", "0"}), Contains("-mdlam_rho: '0' is not allowed"));
}

// Which steps are redone and how many samples take the other tau depends on the numbers, which a
// run on shapes does not have: lipschitz steps without momentum are always the same.
TEST_CASE("a pass costs the flops that the plan says", "[ranks:1-2]") {
  const reference::Problem problem = problem_of(kCases[0]);
  Options options;
  options.train.method = "mdlam";
  mdlam_options(options) = options_of(kCases[0]);
  mdlam_options(options).steps = MdlamSteps::lipschitz;
  mdlam_options(options).momentum = false;
  const double planned =
      MethodCost(method_named("mdlam"), {topology_of(problem), problem.samples(), 0, 0}, options, 0)
          .flops();
  on_every_layout(kBlocks, [&](const ProcessGrid& grid, Index block) {
    Run run(problem, mdlam_options(options), grid, block);
    run.sweep->iterate(1);
    PetscLogDouble before = 0.0, after = 0.0;
    PetscGetFlops(&before);
    run.sweep->iterate(2);
    PetscGetFlops(&after);
    const double counted = sum_over(grid.comm(), after - before);
    CAPTURE(grid.rows(), grid.cols());
    CHECK(counted == Approx(planned).epsilon(1e-12));
  });
}

}  // namespace admmnet::test
