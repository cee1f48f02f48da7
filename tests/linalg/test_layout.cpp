// Index arithmetic of the block-cyclic layout, matrices on every grid, and the bridge between
// layouts.
#include <map>
#include <vector>

#include "grids.h"
#include "linalg/layout.h"
#include "linalg/products.h"
#include "linalg/slab_exchange.h"
#include "runtime/error.h"
#include "support/mpi_check.h"

namespace admmnet::test {

TEST_CASE("local_count and global_index deal every index to exactly one process") {
  for (Index n : {0, 1, 2, 5, 12, 13, 100})
    for (Index block : {1, 3, 4, 64})
      for (int processes : {1, 2, 3, 7}) {
        std::vector<int> owners(static_cast<std::size_t>(n), 0);
        for (int p = 0; p < processes; ++p) {
          const Index count = local_count(n, block, p, processes);
          for (Index i = 0; i < count; ++i) {
            const Index g = global_index(i, block, p, processes);
            REQUIRE((g >= 0 && g < n && g / block % processes == p));
            ++owners[static_cast<std::size_t>(g)];
          }
        }
        for (int owner : owners) REQUIRE(owner == 1);
      }
}

TEST_CASE("a matrix holds its entries where the layout says, empty parts included") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kBlocks)
      for (Index rows : {1, 2, 7, 65})
        for (Index cols : {1, 5, 70}) {
          const auto A = make(grid, rows, cols, block, 2 * block, 1);
          REQUIRE_ALL_ON(grid.comm(), gather(A) == dense(rows, cols, 1));
        }
  }
}

TEST_CASE("set_cols keeps the first columns") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    auto A = make(grid, 9, 40, 3, 4, 2);
    for (Index cols : {40, 17, 3, 0, 21}) {
      A.set_cols(cols);
      REQUIRE_ALL_ON(grid.comm(), A.local_cols() == A.local_cols_below(cols));
      REQUIRE_ALL_ON(grid.comm(), gather(A) == dense(9, cols, 2));
    }
    REQUIRE_THROWS_AS(A.set_cols(41), InternalError);
  }
}

TEST_CASE("matrices move to parts of the ranks, and back") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (int parts = 1; parts <= grid.cols(); ++parts) {
      if (grid.cols() % parts != 0) continue;
      for (int i = 0; i < parts; ++i) {
        const ProcessGrid part = grid.part(i, parts);
        const bool here = part.contains_this_rank();
        REQUIRE_ALL_ON(grid.comm(), here == (grid.my_col() / (grid.cols() / parts) == i));
        REQUIRE_ALL_ON(grid.comm(),
                       part.rows() == grid.rows() && part.size() == grid.size() / parts);
        const auto A = make(grid, 9, 40, 3, 5, 1);
        BlockCyclicMatrix back(grid, 9, 40, 4, 2), there;
        if (here) there = BlockCyclicMatrix(part, 9, 40, 2, 3);
        BlockCyclicMatrix* const target = here ? &there : nullptr;
        move_between(&A, target, 9, 40, grid);
        if (here) REQUIRE_ALL_ON(part.comm(), gather(there) == dense(9, 40, 1));
        move_between(target, &back, 9, 40, grid);
        REQUIRE_ALL_ON(grid.comm(), gather(back) == dense(9, 40, 1));
      }
    }
  }
}

TEST_CASE("redistribute moves any part between any two layouts") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    for (Index block : kBlocks) {
      const auto A = make(grid, 11, 29, block, block + 1, 3);
      BlockCyclicMatrix samples(grid.sample_grid(), 11, 29, 11, slab_width(29, grid.size()));
      redistribute(A, samples);
      REQUIRE_ALL_ON(grid.comm(), gather(samples) == dense(11, 29, 3));
      BlockCyclicMatrix back(grid, 11, 29, block, 2);
      redistribute(samples, back);
      REQUIRE_ALL_ON(grid.comm(), gather(back) == dense(11, 29, 3));

      BlockCyclicMatrix corner(grid, 5, 6, block, block);
      redistribute(4, 5, A, {6, 20}, corner, {1, 1});
      const auto part = gather(corner);
      bool same = true;
      for (Index j = 0; j < 6; ++j)
        for (Index i = 0; i < 5; ++i)
          same = same && part[i + j * 5] == (i > 0 && j > 0 ? entry(i + 5, j + 19, 3) : 0.0);
      REQUIRE_ALL_ON(grid.comm(), same);
    }
  }
}

TEST_CASE("slabs of whole columns come out of any layout and go back") {
  for (const ProcessGrid& grid : all_grids()) {
    if (!grid.contains_this_rank()) continue;
    SlabExchange exchange;
    for (Index block : kBlocks)
      for (Index rows : {13, 8, 1}) {  // all rows, which are without gaps in memory, and fewer
        const auto A = make(grid, 13, 40, block, block + 1, 3);
        auto B = make(grid, 13, 40, block, block + 1, 4);
        bool same = true;
        std::vector<double> expected = dense(13, 40, 4);
        for (const auto& [first, cols] : {std::pair<Index, Index>{0, 40}, {7, 22}, {39, 1}}) {
          const auto range = SlabExchange::slab_of(cols, grid.rank(), grid.size());
          std::vector<double> slab(static_cast<std::size_t>(rows * range.size()));
          exchange.gather(A, rows, first, cols, slab.data());
          for (Index j = 0; j < range.size(); ++j)
            for (Index i = 0; i < rows; ++i)
              same = same && slab[static_cast<std::size_t>(i + j * rows)] ==
                                 entry(i, first + range.begin + j, 3);
          exchange.scatter(slab.data(), B, rows, first, cols);
          for (Index j = first; j < first + cols; ++j)
            for (Index i = 0; i < rows; ++i)
              expected[static_cast<std::size_t>(i + j * 13)] = entry(i, j, 3);
          same = same && gather(B) == expected;
        }
        REQUIRE_ALL_ON(grid.comm(), same);
      }
  }
}

TEST_CASE("a grid that does not fit and a matrix beyond 32-bit indices are refused") {
  const int ranks = size_of(MPI_COMM_WORLD);
  REQUIRE_THROWS_AS(ProcessGrid(MPI_COMM_WORLD, ranks + 1, 1), BadInput);
  REQUIRE_THROWS_AS(ProcessGrid(MPI_COMM_WORLD, 0, 1), BadInput);
  const ProcessGrid grid(MPI_COMM_WORLD, 1, 1);
  const Index huge = Index{1} << 40;  // the number of elements overflows
  if (!grid.contains_this_rank()) return;
  REQUIRE_THROWS_AS(BlockCyclicMatrix(grid, 50000, 50000, 64, 64), BadInput);
  REQUIRE_THROWS_AS(BlockCyclicMatrix(grid, huge, huge, 64, 64), BadInput);
}

TEST_CASE("on a grid of shapes nothing has entries, sums are 1, and all is written down") {
  Ledger ledger;
  const ProcessGrid grid(ledger);
  BlockCyclicMatrix W(grid, 30, 20, kBlockOfUnits, kBlockOfUnits), z(grid, 30, 8, kBlockOfUnits, 8);
  CHECK(W.rows() == 30);
  CHECK(W.local_rows() == 0);
  CHECK(z.local_cols() == 0);
  CHECK(grid.sum(7.0) == 1.0);
  ledger.set_phase("products");
  {
    BlockCyclicMatrix h(grid, 20, 8, kBlockOfUnits, 8);
    for (int times = 0; times < 3; ++times) accumulate_outer(1.0, z, h, 0.0, W);
    h.set_cols(5);
    z.set_cols(5);
    accumulate_outer(1.0, z, h, 0.0, W);
  }
  z.set_cols(8);
  const BlockCyclicMatrix columns(grid.sample_grid(), 30, 8, 30, 8);

  std::map<Index, double> times;  // by columns
  for (const Ledger::Line& line : ledger.lines())
    if (line.operation.verb == Verb::outer) {
      CHECK(ledger.phases()[line.phase] == "products");
      CHECK(line.operation.dealt == 8);
      times[line.operation.n] = line.times;
    }
  CHECK(times == std::map<Index, double>{{5, 1.0}, {8, 3.0}});

  // Held at once: W, z and h, then W, z and the columns, of which h and they need the same room.
  const Pricing pricing({1, 2}, 4);
  std::vector<double> doubles;
  for (const std::vector<int>& moment : ledger.moments()) {
    double sum = 0.0;
    for (std::size_t i = 0; i < moment.size(); ++i)
      sum += moment[i] * layout_of({1, 2}).entries(ledger.arrays()[i], pricing);
    doubles.push_back(sum);
  }
  const double W_share = 30 * 12, z_share = 30 * 4;  // blocks of 4 columns: 12 on the first rank
  CHECK(doubles == std::vector<double>{W_share + z_share + 20 * 4, W_share + z_share + 30 * 4});
}

}  // namespace admmnet::test