/// Inputs of a graph's nodes, by dense matrices and plain loops (src/data/graph.h, propagation.h).
#pragma once

#include <vector>

#include "reference/dense.h"

namespace admmnet::reference {

/// An undirected edge; i == j is a loop, and has no effect.
struct Edge {
  Index i, j;
  double weight;
};

/// [H, S H, ..., S^(hops-1) H] of nodes x features H: nodes x (hops features).
Matrix propagated(const Matrix& H, const std::vector<Edge>& edges, Index hops);

}  // namespace admmnet::reference
