#include "linalg/slab_exchange.h"

#include <algorithm>
#include <limits>

#include "linalg/layout.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// What one rank holds of a range of columns: its local columns [first, first + cols), of each the
/// first `rows` local rows. In a message the columns follow each other without gaps.
struct Share {
  int process_row, process_col;
  Index rows, first, cols;
  Index elements() const { return rows * cols; }
};

/// A panel of a matrix: rows [0, rows), columns [first, first + cols).
struct Panel {
  const BlockCyclicMatrix& A;
  Index rows, first, cols;

  const ProcessGrid& grid() const { return A.grid(); }
  SlabExchange::Range slab(int rank) const {
    return SlabExchange::slab_of(cols, rank, grid().size());
  }
  /// What `holder` holds of the slab of `rank`.
  Share share(int holder, int rank) const {
    const SlabExchange::Range range = slab(rank);
    Share share{holder / grid().cols(), holder % grid().cols(), 0, 0, 0};
    share.rows = local_count(rows, A.row_block(), share.process_row, grid().rows());
    share.first = local_count(first + range.begin, A.col_block(), share.process_col, grid().cols());
    share.cols = local_count(first + range.end, A.col_block(), share.process_col, grid().cols()) -
                 share.first;
    ADMMNET_REQUIRE(
        share.elements() <= std::numeric_limits<int>::max(),
        "SlabExchange: a panel of " + std::to_string(cols) + " columns is too wide a message");
    return share;
  }

  /// Calls f(offset in the slab of `rank`, column and row of the share, length) for each run of
  /// rows that is contiguous in both.
  template <class F>
  void for_each_run(const Share& share, int rank, F&& f) const {
    const bool whole = grid().layout().has_whole_columns();
    const Index run = whole ? std::max<Index>(1, share.rows) : A.row_block();
    const Index begin = first + slab(rank).begin;
    for (Index j = 0; j < share.cols; ++j) {
      const Index column =
          global_index(share.first + j, A.col_block(), share.process_col, grid().cols()) - begin;
      for (Index i = 0; i < share.rows; i += run)
        f(column * rows + global_index(i, run, share.process_row, grid().rows()), j, i,
          std::min(run, share.rows - i));
    }
  }
  void unpack(const Share& share, int rank, const double* part, Index stride, double* slab) const {
    for_each_run(share, rank, [=](Index offset, Index j, Index i, Index length) {
      std::copy_n(part + i + j * stride, length, slab + offset);
    });
  }
  void pack(const Share& share, int rank, const double* slab, double* part, Index stride) const {
    for_each_run(share, rank, [=](Index offset, Index j, Index i, Index length) {
      std::copy_n(slab + offset, length, part + i + j * stride);
    });
  }

  /// Calls f(rank, its share of this rank's slab, place in a buffer) for all ranks but this one
  /// that have a part in it; returns the length of that buffer. With `mine`: this rank's shares of
  /// the others' slabs.
  template <class F>
  Index for_each_other(bool mine, F&& f) const {
    Index place = 0;
    const int me = grid().rank();
    for (int other = 0; other < grid().size(); ++other) {
      const Share part = mine ? share(me, other) : share(other, me);
      if (other == me || part.elements() == 0) continue;
      f(other, part, place);
      place += part.elements();
    }
    return place;
  }
};

void grow(std::vector<double>& buffer, Index elements) {
  if (static_cast<Index>(buffer.size()) < elements)
    buffer.resize(static_cast<std::size_t>(elements));
}

void nothing(int, const Share&, Index) {}

}  // namespace

SlabExchange::Range SlabExchange::slab_of(Index cols, int rank, int ranks) {
  const Index width = slab_width(cols, ranks);
  return {std::min(cols, rank * width), std::min(cols, (rank + 1) * width)};
}

void SlabExchange::wait() {
  ADMMNET_MPI(
      MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE));
  requests_.clear();
}

void SlabExchange::gather(const BlockCyclicMatrix& A, Index rows, Index first, Index cols,
                          double* slab) {
  const Panel panel{A, rows, first, cols};
  const MPI_Comm comm = A.grid().comm();
  const int me = A.grid().rank();
  grow(received_, panel.for_each_other(false, nothing));
  panel.for_each_other(false, [&](int other, const Share& share, Index place) {
    ADMMNET_MPI(MPI_Irecv(received_.data() + place, static_cast<int>(share.elements()), MPI_DOUBLE,
                          other, 0, comm, &requests_.emplace_back()));
  });
  const bool copies = A.leading_dimension() != panel.share(me, me).rows;
  if (copies) grow(packed_, panel.for_each_other(true, nothing));
  panel.for_each_other(true, [&](int other, const Share& share, Index place) {
    const double* from = A.column(share.first);
    if (copies) {
      for (Index j = 0; j < share.cols; ++j)
        std::copy_n(A.column(share.first + j), share.rows, packed_.data() + place + j * share.rows);
      from = packed_.data() + place;
    }
    ADMMNET_MPI(MPI_Isend(from, static_cast<int>(share.elements()), MPI_DOUBLE, other, 0, comm,
                          &requests_.emplace_back()));
  });
  const Share own = panel.share(me, me);
  panel.unpack(own, me, A.column(own.first), A.leading_dimension(), slab);
  wait();
  panel.for_each_other(false, [&](int, const Share& share, Index place) {
    panel.unpack(share, me, received_.data() + place, share.rows, slab);
  });
}

void SlabExchange::scatter(const double* slab, BlockCyclicMatrix& A, Index rows, Index first,
                           Index cols) {
  const Panel panel{A, rows, first, cols};
  const MPI_Comm comm = A.grid().comm();
  const int me = A.grid().rank();
  const bool copies = A.leading_dimension() != panel.share(me, me).rows;
  if (copies) grow(received_, panel.for_each_other(true, nothing));
  panel.for_each_other(true, [&](int other, const Share& share, Index place) {
    double* to = copies ? received_.data() + place : A.column(share.first);
    ADMMNET_MPI(MPI_Irecv(to, static_cast<int>(share.elements()), MPI_DOUBLE, other, 0, comm,
                          &requests_.emplace_back()));
  });
  grow(packed_, panel.for_each_other(false, nothing));
  panel.for_each_other(false, [&](int other, const Share& share, Index place) {
    panel.pack(share, me, slab, packed_.data() + place, share.rows);
    ADMMNET_MPI(MPI_Isend(packed_.data() + place, static_cast<int>(share.elements()), MPI_DOUBLE,
                          other, 0, comm, &requests_.emplace_back()));
  });
  const Share own = panel.share(me, me);
  panel.pack(own, me, slab, A.column(own.first), A.leading_dimension());
  wait();
  if (!copies) return;
  panel.for_each_other(true, [&](int, const Share& share, Index place) {
    for (Index j = 0; j < share.cols; ++j)
      std::copy_n(received_.data() + place + j * share.rows, share.rows, A.column(share.first + j));
  });
}

}  // namespace admmnet
