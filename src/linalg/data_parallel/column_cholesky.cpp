#include "linalg/data_parallel/column_cholesky.h"

#include <algorithm>
#include <cmath>

#include "linalg/local_cholesky.h"
#include "linalg/scratch.h"

namespace admmnet {
namespace {

/// Columns whose effect on all columns to the right of them is taken in one product: whole blocks.
Index columns_together(Index block) {
  return block * std::max<Index>(1, kColumnsTogether / block);
}

/// The columns [first, ...) of L from row `first` on, as every rank has them.
struct Panel {
  Index first, rows;
  double* entries;

  double* at(Index row, Index col) const { return entries + row - first + (col - first) * rows; }
};

/// On their owner: the columns [begin, end), one block, below and on the diagonal. Where a leading
/// minor is not positive definite, minus its order takes the place of their first diagonal entry,
/// which in a factor is positive: so the other ranks learn of it with the block.
void factor_block(Index begin, Index end, BlockCyclicMatrix& A) {
  const Index width = end - begin, ld = A.leading_dimension();
  double* diagonal = A.column(A.local_cols_below(begin)) + begin;
  if (const int info = factor_whole(width, diagonal, ld)) {
    *diagonal = -static_cast<double>(begin + info);
    return;
  }
  triangular_solve("R", "T", {diagonal, ld, width}, A.rows() - end, diagonal + width, ld);
}

/// A(:, own columns of [begin, end)) -= L(:, known) L(own columns, known)^T on and below the
/// diagonal, with the columns [first, last) of the panel as the known ones.
void update(const Panel& panel, Index first, Index last, Index begin, Index end,
            BlockCyclicMatrix& A) {
  const Index own_end = A.local_cols_below(end);
  for (Index j = A.local_cols_below(begin); j < own_end; j += A.col_block()) {
    const Index col = A.global_col(j), width = std::min(A.col_block(), own_end - j);
    const double *own = panel.at(col, first), *below = own + width;
    double* diagonal = A.column(j) + col;
    const Index ld = A.leading_dimension();
    subtract_gram(width, last - first, own, panel.rows, diagonal, ld);
    subtract_product("N", "T", A.rows() - col - width, width, last - first, below, panel.rows, own,
                     panel.rows, diagonal + width, ld);
  }
}

}  // namespace

int factor_columns(BlockCyclicMatrix& A, double* whole) {
  static Scratch<double> memory;
  const Index n = A.rows(), block = A.col_block();
  const Index together = columns_together(block);
  for (Index first = 0, last; first < n; first = last) {
    last = std::min(n, first + together);
    const Panel panel{first, n - first, memory.of_size((n - first) * (last - first))};
    for (Index begin = first, end; begin < last; begin = end) {
      end = std::min(last, begin + block);
      const int owner = static_cast<int>(begin / block % A.grid().cols());
      if (owner == A.grid().my_col()) {
        factor_block(begin, end, A);
        for (Index j = begin; j < end; ++j)
          std::copy_n(A.column(A.local_cols_below(j)) + first, panel.rows, panel.at(first, j));
      }
      // The count fits: it is a part of the owner's local array.
      ADMMNET_MPI(MPI_Bcast(panel.at(first, begin), static_cast<int>(panel.rows * (end - begin)),
                            MPI_DOUBLE, owner, A.grid().comm()));
      const double diagonal = *panel.at(begin, begin);
      if (diagonal < 0.0) return static_cast<int>(-diagonal);
      update(panel, begin, end, end, last, A);
    }
    update(panel, first, last, last, n, A);
    for (Index j = first; whole && j < last; ++j)
      std::copy_n(panel.at(j, j), n - j, whole + j * (n + 1));
  }
  return 0;
}

Work columns_cost(Index n, const Pricing& p) {
  const Index block = p.unit_block(), together = columns_together(block);
  double blocks = 0.0, elements = 0.0, one_by_one = 0.0;
  for (Index begin = 0; begin < n; begin += block, blocks += 1.0) {
    const auto width = static_cast<double>(std::min(block, n - begin));
    elements += width * static_cast<double>(n - begin / together * together);
    one_by_one += width * width * (static_cast<double>(n - begin) - 2.0 / 3.0 * width);
  }
  const double flops = std::pow(static_cast<double>(n), 3) / 3.0;
  const double busiest = one_by_one + (flops - one_by_one) / p.ranks();
  return p.solve(flops, busiest, static_cast<double>(std::min(n, together))) +
         p.traffic(blocks * rounds(p.ranks()), (p.ranks() - 1) * elements) + p.packing(elements);
}

double column_entries(Index n, const Pricing& p) {
  return static_cast<double>(n) *
         static_cast<double>(std::min(n, columns_together(p.unit_block())));
}

}  // namespace admmnet
