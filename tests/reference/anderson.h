/// Anderson acceleration of a fixed-point map, serially (src/methods/README.md, "Acceleration").
#pragma once

#include <vector>

#include "reference/dense.h"

namespace admmnet::reference {

/// Every state that there ever was is kept, which is what the program avoids.
struct Anderson {
  explicit Anderson(Index the_memory) : memory(the_memory) {}

  /// x_{k+1} of x_k and g(x_k), columns; k = 1, 2, ... one after the other.
  Matrix next(const Matrix& x, const Matrix& g);

  Index memory;
  std::vector<Matrix> f, g;  ///< of iterations 1 ... k
  Index first = 3;           ///< iteration from which on they count
  Index drops = 0;           ///< how often those before were dropped
};

}  // namespace admmnet::reference
