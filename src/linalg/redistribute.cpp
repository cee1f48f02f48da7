#include <algorithm>
#include <array>
#include <string>

#include "linalg/block_cyclic_matrix.h"
#include "linalg/scalapack.h"
#include "runtime/error.h"

namespace admmnet {

void redistribute(Index rows, Index cols, const BlockCyclicMatrix& A, Corner from,
                  BlockCyclicMatrix& B, Corner to) {
  ADMMNET_REQUIRE(from.row + rows <= A.rows() && from.col + cols <= A.cols() &&
                      to.row + rows <= B.rows() && to.col + cols <= B.cols(),
                  "redistribute: " + std::to_string(rows) + " x " + std::to_string(cols) +
                      " entries do not fit the source or the target");
  if (rows == 0 || cols == 0 || !A.grid().account({Verb::move, rows, 0, cols})) return;
  const int m = static_cast<int>(rows), n = static_cast<int>(cols);
  const int ia = static_cast<int>(from.row) + 1, ja = static_cast<int>(from.col) + 1;
  const int ib = static_cast<int>(to.row) + 1, jb = static_cast<int>(to.col) + 1;
  const int context = A.grid().context();
  pdgemr2d_(&m, &n, A.data(), &ia, &ja, A.descriptor(), B.data(), &ib, &jb, B.descriptor(),
            &context);
}

void redistribute(const BlockCyclicMatrix& A, BlockCyclicMatrix& B) {
  ADMMNET_REQUIRE(A.rows() == B.rows() && A.cols() == B.cols(), "redistribute: shapes differ");
  redistribute(A.rows(), A.cols(), A, {}, B, {});
}

/// Of a matrix in which this rank has no part: a context of -1.
static constexpr std::array<int, 9> kElsewhere{1, -1, 0, 0, 1, 1, 0, 0, 1};

void move_between(const BlockCyclicMatrix* A, BlockCyclicMatrix* B, Index rows, Index cols,
                  const ProcessGrid& all) {
  constexpr Index kStaged = Index{1} << 22;
  if (rows == 0 || cols == 0 || !all.account({Verb::move, rows, 0, cols})) return;
  const Index widest = std::max<Index>(1, kStaged * all.size() / rows);
  const int m = static_cast<int>(rows), one = 1, context = all.context();
  const int* from = A != nullptr ? A->descriptor() : kElsewhere.data();
  const int* to = B != nullptr ? B->descriptor() : kElsewhere.data();
  for (Index first = 0; first < cols; first += widest) {
    const int n = static_cast<int>(std::min(widest, cols - first)), j = static_cast<int>(first) + 1;
    pdgemr2d_(&m, &n, A != nullptr ? A->data() : nullptr, &one, &j, from,
              B != nullptr ? B->data() : nullptr, &one, &j, to, &context);
  }
}

}  // namespace admmnet
