/// Sample sets in memory from a reference problem, without files.
#pragma once

#include <vector>

#include "data/dataset.h"
#include "network/network.h"
#include "reference/problem.h"
#include "support/worst.h"

namespace admmnet::test {

inline Topology topology_of(const reference::Problem& problem) {
  Topology topology;
  for (int l = 0; l <= problem.layers(); ++l) topology.widths.push_back(problem.width(l));
  topology.activation = problem.activation;
  topology.loss = problem.loss;
  topology.bias = problem.bias;
  return topology;
}

/// The problem's columns in panels with these bounds, on any grid. Collective.
inline SampleSet sample_set(const reference::Problem& problem, const ProcessGrid& grid,
                            Index unit_block, const std::vector<Index>& bounds) {
  SampleSet set;
  set.samples = problem.samples();
  for (std::size_t p = 1; p < bounds.size(); ++p)
    set.widest = std::max(set.widest, bounds[p] - bounds[p - 1]);
  const Index features = problem.width(0);
  const Index width = slab_width(set.widest, grid.size());
  for (std::size_t p = 1; p < bounds.size(); ++p) {
    SamplePanel panel;
    panel.first = bounds[p - 1];
    panel.count = bounds[p] - bounds[p - 1];
    panel.inputs = BlockCyclicMatrix(grid, features + (problem.bias ? 1 : 0), panel.count,
                                     unit_block, slab_width(set.widest, grid.cols()));
    panel.inputs.fill(
        [&](Index i, Index j) { return i < features ? problem.X(i, panel.first + j) : 1.0; });
    for (Index j = width * grid.rank(); j < std::min(panel.count, width * (grid.rank() + 1)); ++j)
      panel.targets.classes.push_back(problem.labels[static_cast<std::size_t>(panel.first + j)]);
    set.panels.push_back(std::move(panel));
  }
  return set;
}

/// Largest |A - B| / largest |B|, the same on every rank. Collective.
inline Worst relative_difference(const BlockCyclicMatrix& A, const reference::Matrix& B) {
  const std::vector<double> whole = gather(A);
  const double size = reference::max_abs(B);
  Worst difference;
  for (Index j = 0; j < A.cols(); ++j)
    for (Index i = 0; i < A.rows(); ++i)
      difference.add(std::abs(whole[static_cast<std::size_t>(i + j * A.rows())] - B(i, j)) / size,
                     "entry", i, j);
  return difference;
}

}  // namespace admmnet::test
