#include "methods/counted_operations.h"

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include <petscsys.h>

#include "linalg/correction.h"
#include "linalg/gram_solver.h"
#include "linalg/grids.h"
#include "linalg/layout.h"
#include "linalg/low_rank_gram.h"
#include "linalg/outer_sum.h"
#include "linalg/products.h"
#include "linalg/sample_system.h"
#include "network/forward.h"
#include "runtime/communication_counter.h"

namespace admmnet::test {
namespace {

/// The operation is run once before it counts: the first call makes what is kept.
template <class F>
Work count(const ProcessGrid& grid, F&& operation) {
  operation();
  PetscLogDouble before = 0.0, after = 0.0;
  PetscGetFlops(&before);
  start_counting_communication(grid.comm());
  operation();
  PetscGetFlops(&after);
  const PhaseCommunication all = communication_summary(grid.comm()).back();
  return {sum_over(grid.comm(), after - before), all.messages.average, all.bytes.average, 0.0};
}

using Operation = std::pair<std::string, std::function<void()>>;

/// Operations and their operands on a grid, with entries or of shapes.
class Operations {
 public:
  Operations(const OperationSize& size, const ProcessGrid& grid, Index unit_block)
      : size_(size), grid_(grid), block_(unit_block) {}

  void products() {
    const Index m = size_.m, n = size_.n;
    auto &W = units(m, n, 1), &C = units(m, n, 1), &G = units(n, n, 4);
    auto &z = samples(m, 2), &h = samples(n, 3);
    add("apply", [&] { apply(W, h, z); });
    add("apply_transposed", [&] { apply_transposed(1.0, W, z, 0.0, h); });
    add("accumulate_outer", [&] { accumulate_outer(1.0, z, h, 0.0, C); });
    add("accumulate_gram", [&] { accumulate_gram(1.0, h, 0.0, G); });
    add("multiply_symmetric", [&] { multiply_symmetric(1.0, W, G, C); });
    for (const Triangle triangle : {Triangle::full, Triangle::lower})
      add(triangle == Triangle::full ? "outer sum" : "gram sum", [&, triangle] {
        OuterSum sum(triangle);
        sum.begin(triangle == Triangle::full ? C : G);
        for (int panel = 0; panel < 2; ++panel) sum.add(1.0, triangle == Triangle::full ? z : h, h);
        sum.finish();
      });
  }

  void sparse_products() {
    const Index m = size_.m, n = size_.n, w = size_.samples;
    auto &W = units(m, n, 1), &C = units(m, n, 1), &G = units(n, n, 4), &z = samples(m, 2);
    const SparseSamples& h = sparse(n, w);
    auto& K = matrices_.emplace_back(grid_, w, w, h.col_block(), h.col_block());
    add("sparse apply", [&] { apply(W, h, z); });
    add("sparse accumulate_outer", [&] { accumulate_outer(1.0, z, h, 0.0, C); });
    add("sparse accumulate_gram", [&] { accumulate_gram(1.0, h, 0.0, G); });
    add("sparse outer sum", [&] {
      OuterSum sum(Triangle::full);
      sum.begin(C);
      for (int panel = 0; panel < 2; ++panel) sum.add(1.0, z, h);
      sum.finish();
    });
    add("sparse inner_gram", [&] { inner_gram(1.0, h, K); });
  }

  void systems() {
    const Index m = size_.m, n = size_.n;
    auto &G = units(n, n, 4), &B = units(m, n, 5), &C = units(n, m, 6);
    for_each_diagonal(G, [&](Index, double& entry) { entry = 2.0 * static_cast<double>(n); });
    const auto solver = std::make_shared<GramSolver>();
    add("factor", [&, solver] { solver->factor(G, {}); });
    add("solve_right", [&, solver] { solver->solve_right(B); });
    add("solve_left", [&, m, solver] { solver->solve_left(m, C); });
  }

  /// Of an output layer: its correction, where W has been spread, and a step of low rank.
  void few_rows() {
    const Index m = std::min<Index>(20, size_.m), n = size_.n;
    auto &W = units(m, n, 1), &D = samples(m, 2), &Z = samples(n, 3), &R = units(m, n, 5);
    const auto operand = std::make_shared<LayerOperand>();
    const auto correction = std::make_shared<Correction>();
    add("correction of few rows", [&, operand, correction, n] {
      operand->assign(W);
      correction->form(*operand, n, 1.0, CorrectionSide::smaller, 2 * n);
      correction->apply(D, 0.0, Z);
    });
    const auto gram = std::make_shared<LowRankGram>(grid_, n, 64, block_);
    add("step of low rank", [&, gram] { gram->solve_right(1.0, 1.0, R); });
  }

  /// In the samples of one panel.
  void sample_systems() {
    auto &H = samples(size_.n, 3), &B = samples(size_.m, 2);
    const auto system = std::make_shared<SampleSystem>();
    add("sample system", [&, system] { system->factor(H, 0.01, 0.0); });
    add("its solution", [&, system] { system->solve_right(B); });
  }

  /// Formed and applied to one panel, for a few and for many more columns to come.
  void corrections() {
    const Index m = size_.m, n = size_.n;
    auto &W = units(m, n, 1), &D = samples(m, 2), &Z = samples(n, 3);
    for (const CorrectionSide side : {CorrectionSide::smaller, CorrectionSide::units})
      for (const Index columns : {Index{1}, 2 * (m + n)}) {
        const auto correction = std::make_shared<Correction>();
        add(std::string(side == CorrectionSide::units ? "correction, units' side" : "correction") +
                (columns == 1 ? ", in factors" : ", formed"),
            [&, correction, n, side, columns] {
              correction->form(W, n, 1.0, side, columns);
              correction->apply(D, 0.0, Z);
            });
      }
  }

  void bridges() {
    const Index outputs = std::min<Index>(10, size_.m);
    auto& z = samples(outputs, 2);
    const auto columns = std::make_shared<OutputColumns>(grid_, outputs, size_.samples);
    add("outputs to samples", [&, columns] { columns->take(z); });
    add("outputs to the grid", [&, columns] { columns->give(z); });
  }

  const std::vector<Operation>& all() const { return operations_; }

 private:
  BlockCyclicMatrix& units(Index rows, Index cols, int which) {
    return matrices_.emplace_back(make(grid_, rows, cols, block_, block_, which));
  }
  BlockCyclicMatrix& samples(Index rows, int which) {
    return matrices_.emplace_back(
        make(grid_, rows, size_.samples, block_, slab_width(size_.samples, grid_.cols()), which));
  }
  /// Every third entry of every row, and with entries those of this rank.
  const SparseSamples& sparse(Index n, Index w) {
    const auto is_entry = [](Index i, Index j) { return (i + j) % 3 == 0; };
    SparseCounts counts;
    for (Index j = 0; j < w; ++j) {
      double c = 0.0;
      for (Index i = 0; i < n; ++i) c += is_entry(i, j) ? 1.0 : 0.0;
      counts.entries += c;
      counts.sample_pairs += c * (c + 1.0);
    }
    for (Index i = 0; i < n; ++i) {
      double c = 0.0;
      for (Index j = 0; j < w; ++j) c += is_entry(i, j) ? 1.0 : 0.0;
      counts.feature_pairs += c * (c + 1.0);
    }
    if (grid_.ledger() != nullptr)
      return sparse_.emplace_back(grid_, n, w, w, block_, counts, false);
    const Index slab = slab_width(w, grid_.size()), first = std::min(w, grid_.rank() * slab);
    SparseRows own;
    for (Index j = first; j < std::min(w, first + slab); ++j) {
      for (Index i = 0; i < n; ++i)
        if (is_entry(i, j)) own.cols.push_back(i), own.values.push_back(1.0);
      own.end_row();
    }
    return sparse_.emplace_back(grid_, n, w, w, block_, own);
  }
  void add(const std::string& name, std::function<void()> operation) {
    operations_.emplace_back(name, std::move(operation));
  }

  OperationSize size_;
  const ProcessGrid& grid_;
  Index block_;
  std::deque<BlockCyclicMatrix> matrices_;
  std::deque<SparseSamples> sparse_;
  std::vector<Operation> operations_;
};

/// What the operation, run on shapes once before as well, costs on a grid.
Work priced(Ledger& ledger, const Pricing& pricing, const std::function<void()>& operation) {
  operation();
  ledger.begin_list();
  operation();
  Work work;
  for (const Ledger::Line& line : ledger.lines())
    work += line.times * layout_of(pricing.grid()).cost(line.operation, pricing);
  return work;
}

/// The operations that `choose` picks, counted and priced.
template <class F>
std::vector<ComparedOperation> compare(const OperationSize& size, const ProcessGrid& grid,
                                       F&& choose) {
  Ledger ledger;
  const ProcessGrid shapes(ledger);
  Operations real(size, grid, size.unit_block), imagined(size, shapes, kBlockOfUnits);
  choose(real);
  choose(imagined);
  const Pricing pricing({grid.rows(), grid.cols()}, size.unit_block);
  std::vector<ComparedOperation> results;
  for (std::size_t i = 0; i < real.all().size(); ++i) {
    const auto& [name, operation] = real.all()[i];
    results.push_back(
        {name, count(grid, operation), priced(ledger, pricing, imagined.all()[i].second)});
  }
  return results;
}

}  // namespace

std::vector<ComparedOperation> compare_operations(const OperationSize& size,
                                                  const ProcessGrid& grid) {
  return compare(size, grid, [](Operations& operations) {
    operations.products();
    operations.sparse_products();
    operations.systems();
    operations.sample_systems();
    operations.corrections();
    operations.few_rows();
    operations.bridges();
  });
}

std::vector<ComparedOperation> compare_systems(const OperationSize& size, const ProcessGrid& grid) {
  return compare(size, grid, [](Operations& operations) { operations.systems(); });
}

}  // namespace admmnet::test
