/// Grids, block sizes and closed-form matrices shared by the tests of linalg/.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "linalg/block_cyclic_matrix.h"
#include "support/worst.h"

namespace admmnet::test {

/// Every grid that the ranks of the test allow, one with a rank left over included.
inline std::vector<ProcessGrid> all_grids() {
  std::vector<ProcessGrid> grids;
  const int ranks = size_of(MPI_COMM_WORLD);
  for (int rows = 1; rows <= ranks; ++rows)
    if (ranks % rows == 0) grids.emplace_back(MPI_COMM_WORLD, rows, ranks / rows);
  if (ranks > 2) grids.emplace_back(MPI_COMM_WORLD, 1, ranks - 1);
  if (ranks > 4) grids.emplace_back(MPI_COMM_WORLD, 2, 2);
  return grids;
}

constexpr Index kBlocks[] = {1, 3, 64};

/// Calls f(grid, unit block) on every grid that the ranks allow. The blocks take turns from grid to
/// grid and from call to call, so that each grid meets each of them with one case or another.
template <std::size_t n, class F>
void on_every_layout(const Index (&blocks)[n], F&& f) {
  static std::size_t turn = 0;
  std::size_t next = turn++;
  for (const ProcessGrid& grid : all_grids()) {
    const Index block = blocks[next++ % n];
    if (grid.contains_this_rank()) f(grid, block);
  }
}

/// An entry that depends on the global position alone, of size about 1, without symmetries.
inline double entry(Index i, Index j, int which) {
  return std::sin(1.0 + 0.7 * static_cast<double>(i) + 1.3 * static_cast<double>(j) +
                  0.1 * which * static_cast<double>(i * j % 17));
}

inline BlockCyclicMatrix make(const ProcessGrid& grid, Index rows, Index cols, Index row_block,
                              Index col_block, int which) {
  BlockCyclicMatrix A(grid, rows, cols, row_block, col_block);
  A.fill([&](Index i, Index j) { return entry(i, j, which); });
  return A;
}

inline std::vector<double> dense(Index rows, Index cols, int which) {
  std::vector<double> A(static_cast<std::size_t>(rows * cols));
  for (Index j = 0; j < cols; ++j)
    for (Index i = 0; i < rows; ++i) A[i + j * rows] = entry(i, j, which);
  return A;
}

inline Worst largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  Worst largest;
  if (a.size() != b.size()) largest.add(INFINITY, a.size(), "against", b.size(), "entries");
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest.add(std::abs(a[i] - b[i]), "entry", i);
  return largest;
}

}  // namespace admmnet::test
