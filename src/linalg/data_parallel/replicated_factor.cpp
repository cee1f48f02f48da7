#include "linalg/data_parallel/replicated_factor.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "linalg/data_parallel/local_samples.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

/// Rows of B dealt out in contiguous slabs of `width`, from rank 0 on.
struct RowDeal {
  RowDeal(const BlockCyclicMatrix& B, Index each)
      : ranks(B.grid().size()), rows(B.rows()), width(each) {}
  Index first(int rank) const { return std::min(rows, width * rank); }
  Index count(int rank) const { return first(rank + 1) - first(rank); }

  int ranks;
  Index rows, width;
};

/// Columns [first, last) of B that change hands at a time, and those that rank r holds of them.
struct ColumnRange {
  Index first, last;
  Index first_of(const BlockCyclicMatrix& B, int r) const {
    return local_count(first, B.col_block(), r, B.grid().size());
  }
  Index last_of(const BlockCyclicMatrix& B, int r) const {
    return local_count(last, B.col_block(), r, B.grid().size());
  }
};

/// Counts and displacements of `elements(rank)` doubles to or from every rank but this one.
struct Exchange {
  template <class F>
  Exchange(const ProcessGrid& grid, Scratch<double>& memory, F&& elements) : buffer(memory) {
    Index total = 0;
    for (int r = 0; r < grid.size(); ++r) {
      const Index count = r == grid.rank() ? 0 : elements(r);
      counts.push_back(static_cast<int>(count));
      displacements.push_back(static_cast<int>(total));
      total += count;
    }
    ADMMNET_REQUIRE(total < (Index{1} << 31), "solve_right: more than 2^31 - 1 elements on a rank");
    buffer.of_size(total);
  }
  std::vector<int> counts, displacements;
  Scratch<double>& buffer;
};

/// Messages between those that have something for each other, and no call on the other ranks.
void exchange(Exchange& from, Exchange& to, MPI_Comm comm) {
  std::vector<MPI_Request> requests;
  for (std::size_t r = 0; r < to.counts.size(); ++r)
    if (to.counts[r] > 0)
      ADMMNET_MPI(MPI_Irecv(to.buffer.data() + to.displacements[r], to.counts[r], MPI_DOUBLE,
                            static_cast<int>(r), 0, comm, &requests.emplace_back()));
  for (std::size_t r = 0; r < from.counts.size(); ++r)
    if (from.counts[r] > 0)
      ADMMNET_MPI(MPI_Isend(from.buffer.data() + from.displacements[r], from.counts[r], MPI_DOUBLE,
                            static_cast<int>(r), 0, comm, &requests.emplace_back()));
  ADMMNET_MPI(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE));
}

/// Calls f(piece of a column of B in its owner's array, piece in the packed buffer, length) for
/// what this rank sends to (receives from) the others: its own columns, cut into the slabs of rows.
template <class F>
void for_each_own_piece(BlockCyclicMatrix& B, const RowDeal& deal, ColumnRange range,
                        Exchange& packed, F&& f) {
  const int me = B.grid().rank();
  const Index first = range.first_of(B, me), last = range.last_of(B, me);
  for (int r = 0; r < deal.ranks; ++r) {
    if (r == me) continue;
    double* piece = packed.buffer.data() + packed.displacements[static_cast<std::size_t>(r)];
    for (Index j = first; j < last; ++j, piece += deal.count(r))
      f(B.column(j) + deal.first(r), piece, deal.count(r));
  }
}

/// Calls f(column of the row slab, piece in the packed buffer) for the columns of the other ranks.
template <class F>
void for_each_slab_piece(const BlockCyclicMatrix& B, ColumnRange range, Index rows,
                         Exchange& packed, double* slab, F&& f) {
  const int ranks = B.grid().size();
  for (int r = 0; r < ranks; ++r) {
    if (r == B.grid().rank()) continue;
    double* piece = packed.buffer.data() + packed.displacements[static_cast<std::size_t>(r)];
    const Index last = range.last_of(B, r);
    for (Index j = range.first_of(B, r); j < last; ++j, piece += rows)
      f(slab + rows * global_index(j, B.col_block(), r, ranks), piece);
  }
}

/// Calls f(piece of a column of B, column of the row slab) where this rank holds both.
template <class F>
void for_each_kept_piece(BlockCyclicMatrix& B, const RowDeal& deal, ColumnRange range, double* slab,
                         F&& f) {
  const int me = B.grid().rank();
  const Index last = range.last_of(B, me);
  for (Index j = range.first_of(B, me); j < last; ++j)
    f(B.column(j) + deal.first(me), slab + deal.count(me) * B.global_col(j));
}

/// Columns of a panel of a factor on its way through the ranks, unless a round of blocks over the
/// ranks is more.
constexpr Index kPanel = 512;

Index panel_step(Index round) {
  return round * std::max<Index>(1, kPanel / round);
}
Index panel_step(const BlockCyclicMatrix& A) {
  return panel_step(A.col_block() * A.grid().cols());
}

/// A panel of a factor: the columns [first, last) of L from the diagonal block on.
struct Panel {
  Index first, last, order;
  const double* columns;
  Index rows() const { return order - first; }  // the leading dimension
  Index width() const { return last - first; }
  Index below() const { return order - last; }
  WholeFactor diagonal() const { return {columns, rows(), width()}; }
  const double* lower() const { return columns + width(); }  // below() x width()
};

/// Calls forward(panel) from the first panel of L to the last, then backward(panel) from the last
/// to the first. Collective.
template <class Forward, class Backward>
void stream(const BlockCyclicMatrix& L, Forward&& forward, Backward&& backward) {
  const Index n = L.rows(), step = panel_step(L), panels = (n + step - 1) / step;
  static Scratch<double> columns;
  Index held = -1;  // the last panel is the first one on the way back
  const auto visit = [&](Index p, auto&& work) {
    const Index first = p * step, last = std::min(n, first + step);
    if (p != held) gather_columns(L, first, first, last, columns.of_size(n * (last - first)));
    held = p;
    work(Panel{first, last, n, columns.data()});
  };
  for (Index p = 0; p < panels; ++p) visit(p, forward);
  for (Index p = panels - 1; p >= 0; --p) visit(p, backward);
}

enum class Direction { to_slabs, from_slabs };

/// Rows of B to this rank's slab, or back, a panel of columns at a time. Collective.
void deal_rows(Direction direction, const RowDeal& deal, BlockCyclicMatrix& B, double* slab) {
  static Scratch<double> own_pieces, slab_pieces;
  const ProcessGrid& grid = B.grid();
  const int me = grid.rank();
  const Index rows = deal.count(me), step = panel_step(B);
  for (Index first = 0; first < B.cols(); first += step) {
    const ColumnRange range{first, std::min(B.cols(), first + step)};
    const Index own_cols = range.last_of(B, me) - range.first_of(B, me);
    Exchange own(grid, own_pieces, [&](int r) { return deal.count(r) * own_cols; });
    Exchange slabs(grid, slab_pieces,
                   [&](int r) { return rows * (range.last_of(B, r) - range.first_of(B, r)); });
    if (direction == Direction::to_slabs) {
      for_each_own_piece(B, deal, range, own, [](const double* column, double* piece, Index n) {
        std::copy_n(column, n, piece);
      });
      exchange(own, slabs, grid.comm());
      for_each_slab_piece(B, range, rows, slabs, slab, [&](double* column, const double* piece) {
        std::copy_n(piece, rows, column);
      });
      for_each_kept_piece(B, deal, range, slab, [&](const double* own_column, double* column) {
        std::copy_n(own_column, rows, column);
      });
      continue;
    }
    for_each_slab_piece(B, range, rows, slabs, slab, [&](const double* column, double* piece) {
      std::copy_n(column, rows, piece);
    });
    exchange(slabs, own, grid.comm());
    for_each_own_piece(B, deal, range, own, [](double* column, const double* piece, Index n) {
      std::copy_n(piece, n, column);
    });
    for_each_kept_piece(B, deal, range, slab, [&](double* own_column, const double* column) {
      std::copy_n(column, rows, own_column);
    });
  }
}

/// Calls solve(rows, array, leading dimension) with this rank's share of the rows of B, whole; what
/// it leaves there goes back into B. Collective.
template <class Solve>
void on_row_slabs(BlockCyclicMatrix& B, Index width, Solve&& solve) {
  const RowDeal deal(B, width);
  const Index rows = deal.count(B.grid().rank());
  if (deal.ranks == 1) {
    solve(rows, B.data(), B.leading_dimension());
    return;
  }
  static Scratch<double> whole_rows;
  double* slab = whole_rows.of_size(rows * B.cols());
  deal_rows(Direction::to_slabs, deal, B, slab);
  solve(rows, slab, std::max<Index>(1, rows));
  deal_rows(Direction::from_slabs, deal, B, slab);
}

}  // namespace

void solve_right_whole(const WholeFactor& factor, bool held, bool in_float, BlockCyclicMatrix& B) {
  const Pricing pricing({1, B.grid().size()}, B.col_block());
  const Index width = rows_of_taker(B.rows(), B.cols(), held, pricing);
  const auto solve = [&](Index rows, double* X, Index ld) {
    solve_right(factor, in_float, rows, X, ld);
  };
  if (width < B.rows() || B.cols() > B.col_block())
    on_row_slabs(B, width, solve);
  else if (B.local_cols() > 0)  // rank 0 has all of B, and is the only taker
    solve(B.rows(), B.data(), B.leading_dimension());
}

void solve_left_whole(const WholeFactor& factor, Index cols, BlockCyclicMatrix& B) {
  const Index own = B.local_cols_below(cols);
  triangular_solve("L", "N", factor, own, B.data(), B.leading_dimension());
  triangular_solve("L", "T", factor, own, B.data(), B.leading_dimension());
}

void solve_right_streamed(const BlockCyclicMatrix& L, BlockCyclicMatrix& B) {
  on_row_slabs(B, slab_width(B.rows(), B.grid().size()), [&](Index rows, double* X, Index ld) {
    stream(
        L,
        [&](const Panel& p) {  // X := X L^-T, block column by block column
          double* own = X + p.first * ld;
          triangular_solve("R", "T", p.diagonal(), rows, own, ld);
          subtract_product("N", "T", rows, p.below(), p.width(), own, ld, p.lower(), p.rows(),
                           X + p.last * ld, ld);
        },
        [&](const Panel& p) {  // X := X L^-1
          double* own = X + p.first * ld;
          subtract_product("N", "N", rows, p.width(), p.below(), X + p.last * ld, ld, p.lower(),
                           p.rows(), own, ld);
          triangular_solve("R", "N", p.diagonal(), rows, own, ld);
        });
  });
}

void solve_left_streamed(const BlockCyclicMatrix& L, Index cols, BlockCyclicMatrix& B) {
  const Index own = B.local_cols_below(cols), ld = B.leading_dimension();
  double* X = B.data();
  stream(
      L,
      [&](const Panel& p) {  // X := L^-1 X, block row by block row
        triangular_solve("L", "N", p.diagonal(), own, X + p.first, ld);
        subtract_product("N", "N", p.below(), own, p.width(), p.lower(), p.rows(), X + p.first, ld,
                         X + p.last, ld);
      },
      [&](const Panel& p) {  // X := L^-T X
        subtract_product("T", "N", p.width(), own, p.below(), p.lower(), p.rows(), X + p.last, ld,
                         X + p.first, ld);
        triangular_solve("L", "T", p.diagonal(), own, X + p.first, ld);
      });
}

// ---- what it costs ----

Work streamed_cost(Index n, const Pricing& p) {
  const Index step = panel_step(p.round());
  double messages = 0.0, elements = 0.0;
  for (Index first = 0; first < n; first += step) {
    const Index last = std::min(n, first + step);
    const double times = last < n ? 2.0 : 1.0;
    messages += times * gather_messages(n, first, last, p);
    elements += times * static_cast<double>((n - first) * (last - first));
  }
  return p.traffic(messages, (p.ranks() - 1) * elements) + p.packing(elements);
}

double streamed_entries(Index n, const Pricing& p) {
  return static_cast<double>(n) * static_cast<double>(std::min(n, panel_step(p.round())));
}

// Columns travel a panel at a time, from their owners to the takers of rows; less what a rank would
// send to itself. Rank 0 is the first of both, and has most messages: one to each taker and one
// from each owner, and back.
Work dealt_rows_cost(Index m, Index n, Index own, const Pricing& p) {
  const int P = p.ranks();
  const Index takers = (m + own - 1) / own, step = panel_step(p.round());
  double pairs = 0.0, most = 0.0;
  for (Index first = 0; first < n; first += step) {
    const Index blocks = (std::min(step, n - first) + p.unit_block() - 1) / p.unit_block();
    const Index owners = std::min<Index>(P, blocks);
    pairs += static_cast<double>(takers * owners - std::min(takers, owners));
    most += static_cast<double>(takers + owners - 2);
  }
  const auto elements = static_cast<double>(m * n);
  const Index block = p.unit_block();
  double kept = 0.0;
  for (int r = 0; r < takers; ++r)
    kept += static_cast<double>(std::min(own, m - r * own) * local_count(n, block, r, P));
  const auto mine = static_cast<double>(local_count(n, block, 0, P));
  const auto slab = static_cast<double>(std::min(own, m));
  const double crossing =
      mine * static_cast<double>(m) + slab * (static_cast<double>(n) - 2.0 * mine);
  const MachineParameters& machine = p.machine();
  Work exchange = p.traffic(2.0 * pairs / P, 2.0 * (elements - kept));
  exchange.seconds =
      2.0 * (most * machine.latency_seconds + 8.0 * crossing / machine.bandwidth_bytes_per_second);
  return exchange + p.packing(2.0 * crossing);
}

Index rows_of_taker(Index m, Index n, bool held, const Pricing& pricing) {
  const int P = pricing.ranks();
  const Pricing model(pricing.grid(), pricing.unit_block());
  const double flops = 2.0 * static_cast<double>(n) * static_cast<double>(n);
  Index best = m;
  double least = std::numeric_limits<double>::infinity();
  for (Index takers = 1;; takers = std::min<Index>(2 * takers, P)) {
    const Index own = slab_width(m, static_cast<int>(takers));
    double messages = dealt_rows_cost(m, n, own, model).seconds;
    if (held && own < m) messages += share_cost(n, model).seconds;
    if (messages >= least) return best;  // more takers only cost more
    const auto dimension = static_cast<double>(std::min(own, n));
    const double seconds =
        messages + model.solve(0.0, flops * static_cast<double>(own), dimension).seconds;
    if (seconds < least) best = own, least = seconds;
    if (takers == P || own == 1) return best;
  }
}

Work share_cost(Index n, const Pricing& p) {
  const double elements = static_cast<double>(n) * static_cast<double>(n);
  return p.traffic(rounds(p.ranks()), (p.ranks() - 1) * elements) + p.packing(elements);
}

double dealt_row_entries(Index m, Index n, Index own, const Pricing& p) {
  const Index panel = std::min(n, panel_step(p.round()));
  if (own >= m && n <= p.unit_block()) return 0.0;
  return static_cast<double>(own * n + panel / p.ranks() * m + panel * own);
}

}  // namespace admmnet
