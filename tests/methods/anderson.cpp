// Anderson acceleration (src/methods/README.md, "Acceleration") around a small map: against a
// serial one that keeps all it ever saw, on every grid; the restart, and a history that is dropped.
//
// Tolerances. Iterates are of size 1. gamma comes from normal equations with 1e-6 of their mean
// diagonal added, so of condition 1e6 M at most: times the unit roundoff and the sum of some
// hundred products 1e-9 for M = 3; with M = 1 there is one equation, and 1e-12 is left.
#include "methods/anderson.h"

#include "linalg/elementwise.h"
#include "linalg/grids.h"
#include "linalg/products.h"
#include "methods/copied_state.h"
#include "methods/made_method.h"
#include "methods/method_cost.h"
#include "methods/sample_sets.h"
#include "reference/anderson.h"
#include "support/mpi_check.h"

namespace admmnet::test {
namespace {

constexpr Index kUnits = 7, kSamples = 30, kNever = 0;
const std::vector<Index> kBounds{0, 18, 30};

double a(Index i, Index j) {
  return (i == j ? 0.5 + 0.04 * static_cast<double>(i) : 0.0) + 0.03 * entry(i, j, 1);
}
double d(Index i, Index j) {
  return 0.8 * entry(i, j, 4);
}

/// Z := A Z + B in panels of samples, a panel a step, and V := d V + entry(2), entry by entry. In
/// pass `jump` B is 50 times as large.
class AffineMap : public TrainingMethod {
 public:
  AffineMap(const ProcessGrid& grid, Index unit_block, Index jump)
      : jump_(jump),
        network_(grid, topology(), unit_block),
        V_(network_.make_like_weight(1)),
        product_(network_.make_sample_like(kUnits, kBounds[1])) {
    network_.W(1).fill(a);
    for (std::size_t p = 1; p < kBounds.size(); ++p) {
      Z_.push_back(network_.make_sample_like(kUnits, kBounds[1]));
      Z_.back().set_cols(kBounds[p] - kBounds[p - 1]);
    }
  }

  void start(const Network&, bool) override {}
  void resume() override {}
  const Network& network() const override { return network_; }

  StepReport step(Index k) override {
    BlockCyclicMatrix& Z = Z_[panel_];
    const Index first = kBounds[panel_];
    product_.set_cols(Z.cols());
    apply(network_.W(1), Z, product_);
    const double size = k == jump_ ? 50.0 : 1.0;
    Z.fill([&](Index i, Index j) { return size * entry(i, first + j, 3); });
    for_each_entry([](double& z, double product) { z += product; }, Z, product_);
    StepReport report;
    report.of = 2;
    report.done = static_cast<Index>(++panel_);
    report.resumable = panel_ == Z_.size();
    if (!report.resumable) return report;
    panel_ = 0;
    BlockCyclicMatrix V = network_.make_like_weight(1);
    V.fill([](Index i, Index j) { return entry(i, j, 2); });
    for (Index j = 0; j < V.local_cols(); ++j)
      for (Index i = 0; i < V.local_rows(); ++i)
        V_.at(i, j) = V.at(i, j) + d(V.global_row(i), V.global_col(j)) * V_.at(i, j);
    report.pass.emplace();
    return report;
  }

  StateView state() override {
    StateView view;
    StateTensor Z{"Z", kUnits, kSamples, {}};
    for (std::size_t p = 0; p < Z_.size(); ++p)
      Z.parts.push_back({&Z_[p], 0, Z_[p].cols(), kBounds[p]});
    // Two tensors in one matrix, as W and b.
    StateTensor left{"left", kUnits, 3, {{&V_, 0, 3, 0}}},
        right{"right", kUnits, kUnits - 3, {{&V_, 3, kUnits - 3, 0}}};
    view.tensors = {left, Z, right};
    return view;
  }
  StateView map_state() override { return state(); }

  /// Z and V, column after column. Collective.
  reference::Matrix x() const {
    reference::Matrix result(kUnits * (kSamples + kUnits), 1);
    result.values = gather(Z_[0]);
    for (const BlockCyclicMatrix* more : {&Z_[1], &V_}) {
      const std::vector<double> values = gather(*more);
      result.values.insert(result.values.end(), values.begin(), values.end());
    }
    return result;
  }

 private:
  static Topology topology() {
    Topology result;
    result.widths = {kUnits, kUnits};
    result.bias = false;
    return result;
  }

  Index jump_;
  Network network_;
  std::vector<BlockCyclicMatrix> Z_;
  BlockCyclicMatrix V_, product_;
  std::size_t panel_ = 0;
};

/// The same map of the column x.
reference::Matrix mapped(const reference::Matrix& x, double size) {
  reference::Matrix result(x.rows, 1);
  for (Index j = 0; j < kSamples; ++j)
    for (Index i = 0; i < kUnits; ++i) {
      double& z = result(i + j * kUnits, 0);
      z = size * entry(i, j, 3);
      for (Index k = 0; k < kUnits; ++k) z += a(i, k) * x(k + j * kUnits, 0);
    }
  for (Index j = 0; j < kUnits; ++j)
    for (Index i = 0; i < kUnits; ++i) {
      const Index at = i + (kSamples + j) * kUnits;
      result(at, 0) = entry(i, j, 2) + d(i, j) * x(at, 0);
    }
  return result;
}

struct Accelerated {
  Timers timers;
  AffineMap* map;  // inside of `method`
  std::unique_ptr<Anderson> method;

  Accelerated(const ProcessGrid& grid, Index unit_block, Index memory, Index jump) {
    auto made = std::make_unique<AffineMap>(grid, unit_block, jump);
    map = made.get();
    method = std::make_unique<Anderson>(std::move(made), memory, timers);
    method->start(map->network(), false);
  }
};

Worst difference(const reference::Matrix& x, const reference::Matrix& expected) {
  Worst worst;
  for (Index i = 0; i < expected.rows; ++i)
    worst.add(std::abs(x(i, 0) - expected(i, 0)) / reference::max_abs(expected), "entry", i);
  return worst;
}

/// Of all passes, g of each against the reference's; the drops of the history.
Index compare(const ProcessGrid& grid, Index block, Index memory, Index jump, double tolerance) {
  Accelerated run(grid, block, memory, jump);
  reference::Anderson expected(memory);
  reference::Matrix x(kUnits * (kSamples + kUnits), 1);
  Index notes = 0;
  for (Index k = 1; k <= 12; ++k) {
    notes += static_cast<Index>(run.method->iterate(k).notes.size());
    const reference::Matrix g = mapped(x, k == jump ? 50.0 : 1.0);
    const Worst worst = difference(run.map->x(), g);
    CAPTURE(grid.rows(), grid.cols(), block, memory, jump, k, worst);
    REQUIRE_ALL_ON(grid.comm(), worst <= tolerance);
    x = expected.next(x, g);
  }
  REQUIRE(notes == expected.drops);
  return expected.drops;
}

}  // namespace

TEST_CASE("a pass after another is that of the serial accelerator, on every grid") {
  std::size_t turn = 0;
  for (const ProcessGrid& grid : all_grids()) {
    const Index block = kBlocks[turn++ % std::size(kBlocks)];
    if (!grid.contains_this_rank()) continue;
    compare(grid, block, 1, kNever, 1e-12);
    compare(grid, block, 3, kNever, 1e-9);
    REQUIRE(compare(grid, block, 1, 6, 1e-12) > 0);
    REQUIRE(compare(grid, block, 3, 6, 1e-9) > 0);
  }
}

TEST_CASE("it is worth it: a tenth of the change that is left without") {
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  constexpr Index kPasses = 16;
  const auto last_change = [&](TrainingMethod& method, const AffineMap& map) {
    for (Index k = 1; k < kPasses; ++k) method.iterate(k);
    const reference::Matrix before = map.x();
    method.iterate(kPasses);
    return std::sqrt(reference::squared_norm(map.x() - before));
  };
  AffineMap plain(grid, 3, kNever);
  Accelerated run(grid, 3, 4, kNever);
  REQUIRE_ALL(last_change(*run.method, *run.map) < 0.1 * last_change(plain, plain));
}

TEST_CASE("a fixed point stays one") {
  const ProcessGrid grid(MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD));
  Accelerated run(grid, 3, 3, kNever);
  for (Index k = 1; k <= 400; ++k) run.method->iterate(k);  // f no longer changes, or is 0
  reference::Matrix x(kUnits * (kSamples + kUnits), 1);
  for (Index k = 1; k <= 400; ++k) x = mapped(x, 1.0);
  const Worst worst = difference(run.map->x(), x);
  CAPTURE(worst);
  REQUIRE_ALL(worst <= 1e-12);
}

TEST_CASE("accelerated passes, a fresh object given the state, and the rest: bitwise the same") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index memory : {1, 3}) {
      Accelerated straight(grid, 3, memory, 6);
      for (Index k = 1; k <= 10; ++k) straight.method->iterate(k);
      for (Index split = 1; split < 10; ++split) {
        Accelerated first(grid, 3, memory, 6);
        for (Index k = 1; k <= split; ++k) first.method->iterate(k);
        Accelerated second(grid, 3, memory, 6);
        copy_state(first.method->state(), second.method->state());
        second.method->resume();
        for (Index k = split + 1; k <= 10; ++k) second.method->iterate(k);
        CAPTURE(memory, split);
        REQUIRE_ALL_ON(grid.comm(), second.map->x().values == straight.map->x().values);
      }
    }
  }
}

TEST_CASE("the plan and the checkpoint have the states that an accelerator holds") {
  Options options;
  taylor_options(options).sweep = Sweep::printed;
  Topology topology;
  topology.widths = {300, 200, 10};
  const ProblemSize problem{topology, 4000, 0, 0};
  taylor_method().resolve(problem, options);
  const auto cost = [&](Acceleration acceleration, Index memory) {
    options.train.acceleration = acceleration;
    options.train.anderson_memory = memory;
    return MethodCost(taylor_method(), problem, options, 0).on({1, 1}, 64, {});
  };
  const Cost plain = cost(Acceleration::none, 1);
  // W, z_1, z_2 and lambda.
  const double x = 8.0 * (200.0 * 301 + 10 * 201 + 4000.0 * (200 + 10 + 10));
  for (Index memory : {1, 3}) {
    const Cost accelerated = cost(Acceleration::anderson, memory);
    const double vectors = 2.0 * static_cast<double>(memory) + 1.0;
    CHECK(accelerated.memory_bytes - plain.memory_bytes == Approx(vectors * x));
    CHECK(accelerated.checkpoint_bytes - plain.checkpoint_bytes == vectors * x);
    CHECK(accelerated.total.seconds > plain.total.seconds);
    CHECK(accelerated.total.flops == plain.total.flops);
  }
}

}  // namespace admmnet::test
