#include "methods/counted_operations.h"

#include <petscsys.h>

#include "linalg/correction.h"
#include "linalg/gram_solver.h"
#include "linalg/grids.h"
#include "linalg/products.h"
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

class Operations {
 public:
  Operations(const OperationSize& size, const ProcessGrid& grid)
      : size_(size), grid_(grid), costs_({grid.rows(), grid.cols()}, size.unit_block, {}) {}

  BlockCyclicMatrix units(Index rows, Index cols, int which) const {
    return make(grid_, rows, cols, size_.unit_block, size_.unit_block, which);
  }
  BlockCyclicMatrix samples(Index rows, int which) const {
    return make(grid_, rows, size_.samples, size_.unit_block,
                slab_width(size_.samples, grid_.cols()), which);
  }

  void products() {
    const Index m = size_.m, n = size_.n, N = size_.samples;
    BlockCyclicMatrix W = units(m, n, 1), z = samples(m, 2), h = samples(n, 3);
    add("apply", costs_.apply(m, n, N), [&] { apply(W, h, z); });
    add("apply_transposed", costs_.apply_transposed(n, m, N),
        [&] { apply_transposed(1.0, W, z, 0.0, h); });
    add("accumulate_outer", costs_.accumulate_outer(m, n, N),
        [&] { accumulate_outer(1.0, z, h, 0.0, W); });
    BlockCyclicMatrix G = units(n, n, 4);
    add("accumulate_gram", costs_.accumulate_gram(n, N), [&] { accumulate_gram(1.0, h, 0.0, G); });
    W = units(m, n, 1);
    add("multiply_symmetric", costs_.multiply_symmetric(m, n), [&] {
      BlockCyclicMatrix& C = W_;
      multiply_symmetric(1.0, W, G, C);
    });
  }

  void systems() {
    const Index m = size_.m, n = size_.n;
    BlockCyclicMatrix G = units(n, n, 4), B = units(m, n, 5), C = units(n, m, 6);
    for_each_diagonal(G, [&](Index, double& entry) { entry = 2.0 * static_cast<double>(n); });
    GramSolver solver;
    add("factor", costs_.factor(n), [&] { solver.factor(G, {}); });
    add("solve_right", costs_.solve_right(m, n), [&] { solver.solve_right(B); });
    add("solve_left", costs_.solve_left(m, n), [&] { solver.solve_left(m, C); });
  }

  /// Formed and applied to one panel, for a few and for many more columns to come.
  void corrections() {
    const Index m = size_.m, n = size_.n, N = size_.samples;
    const BlockCyclicMatrix W = units(m, n, 1), D = samples(m, 2);
    BlockCyclicMatrix Z = samples(n, 3);
    for (const CorrectionSide side : {CorrectionSide::smaller, CorrectionSide::units})
      for (const Index columns : {Index{1}, 2 * (m + n)}) {
        Correction correction;
        add(std::string(side == CorrectionSide::units ? "correction, units' side" : "correction") +
                (columns == 1 ? ", in factors" : ", formed"),
            costs_.form_correction(m, n, side, columns) +
                costs_.apply_correction(m, n, side, columns, N),
            [&] {
              correction.form(W, n, 1.0, side, columns);
              correction.apply(D, 0.0, Z);
            });
      }
  }

  void bridges() {
    const Index outputs = std::min<Index>(10, size_.m);
    BlockCyclicMatrix z = samples(outputs, 2);
    OutputColumns columns(grid_, outputs, size_.samples);
    add("outputs to samples", costs_.redistribute_outputs(outputs, size_.samples),
        [&] { columns.take(z); });
    add("outputs to the grid", costs_.redistribute_outputs(outputs, size_.samples),
        [&] { columns.give(z); });
  }

  std::vector<ComparedOperation> results;

 private:
  template <class F>
  void add(const std::string& name, const Work& predicted, F&& operation) {
    results.push_back({name, count(grid_, operation), predicted});
  }

  OperationSize size_;
  const ProcessGrid& grid_;
  OperationCosts costs_;
  BlockCyclicMatrix W_ = units(size_.m, size_.n, 1);
};

}  // namespace

std::vector<ComparedOperation> compare_operations(const OperationSize& size,
                                                  const ProcessGrid& grid) {
  Operations operations(size, grid);
  operations.products();
  operations.systems();
  operations.corrections();
  operations.bridges();
  return operations.results;
}

std::vector<ComparedOperation> compare_systems(const OperationSize& size, const ProcessGrid& grid) {
  Operations operations(size, grid);
  operations.systems();
  return operations.results;
}

}  // namespace admmnet::test
