#include "reference/graph.h"

#include <cmath>

namespace admmnet::reference {

Matrix propagated(const Matrix& H, const std::vector<Edge>& edges, Index hops) {
  const Index n = H.rows, d = H.cols;
  Matrix S(n, n);
  for (const Edge& e : edges) {
    if (e.i == e.j) continue;
    S(e.i, e.j) = e.weight;
    S(e.j, e.i) = e.weight;
  }
  for (Index i = 0; i < n; ++i) S(i, i) = 1.0;
  std::vector<double> degree(static_cast<std::size_t>(n), 0.0);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) degree[static_cast<std::size_t>(i)] += S(i, j);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      S(i, j) /=
          std::sqrt(degree[static_cast<std::size_t>(i)] * degree[static_cast<std::size_t>(j)]);

  Matrix X(n, hops * d), block = H;
  for (Index k = 0; k < hops; ++k) {
    for (Index i = 0; i < n; ++i)
      for (Index j = 0; j < d; ++j) X(i, k * d + j) = block(i, j);
    block = S * block;
  }
  return X;
}

}  // namespace admmnet::reference
