#include "linalg/data_parallel/local_samples.h"

#include <algorithm>
#include <vector>

#include "linalg/local_blas.h"

namespace admmnet {
namespace {

/// A range of columns of a layer matrix, whole, during one product.
Scratch<double> range_memory;

/// Columns of a layer matrix are worked through in ranges of bounded size: whole rounds of blocks
/// over the processes, so that all have the same share, or part of one where that is too much.
Index columns_per_range(Index rows, Index round) {
  const Index fitting = std::max<Index>(1, kRangeEntries / std::max<Index>(1, rows));
  return fitting < round ? fitting : fitting / round * round;
}

/// The columns that cross the network together: of one round of blocks over the processes, so that
/// those of an owner are neighbours and owners follow each other, or as many as fit.
Index end_of_crossing(Index rows, Index round, Index begin, Index last) {
  return std::min({last, begin + columns_per_range(rows, round), (begin / round + 1) * round});
}

Index end_of_crossing(const BlockCyclicMatrix& A, Index begin, Index last) {
  return end_of_crossing(A.local_rows(), A.col_block() * A.grid().cols(), begin, last);
}

/// What each rank owns of the columns [first, last) of one round: element counts and displacements,
/// where column j counts local rows - start(j) elements. They are few enough for MPI's int counts.
struct Shares {
  std::vector<int> counts, displacements;
  /// The rank that owns all of them; -1: several do.
  int only_owner() const {
    int owner = -1;
    for (std::size_t r = 0; r < counts.size(); ++r)
      if (counts[r] > 0) owner = owner == -1 ? static_cast<int>(r) : -2;
    return std::max(-1, owner);
  }
};

template <class Start>
Shares shares_of(const BlockCyclicMatrix& A, Index first, Index last, Start&& start) {
  const auto ranks = static_cast<std::size_t>(A.grid().cols());
  Shares shares{std::vector<int>(ranks, 0), std::vector<int>(ranks, 0)};
  for (Index j = first; j < last; ++j)
    shares.counts[static_cast<std::size_t>(j / A.col_block()) % ranks] +=
        static_cast<int>(A.local_rows() - start(j));
  for (std::size_t r = 1; r < ranks; ++r)
    shares.displacements[r] = shares.displacements[r - 1] + shares.counts[r - 1];
  return shares;
}

/// The sum over the other ranks, one at least, of what they have for this rank's share, one message
/// from each. Of `packed` the share itself is not looked at.
const double* sum_of_others(const double* packed, const Shares& shares, const ProcessGrid& grid) {
  static Scratch<double> received;
  const auto me = static_cast<std::size_t>(grid.my_col());
  const int ranks = grid.cols(), count = shares.counts[me];
  std::vector<int> sent = shares.counts, counts(static_cast<std::size_t>(ranks), count), places;
  sent[me] = counts[me] = 0;
  for (int r = 0, place = 0; r < ranks; place += counts[static_cast<std::size_t>(r++)])
    places.push_back(place);
  double* sum = received.of_size(Index{count} * (ranks - 1));
  ADMMNET_MPI(MPI_Alltoallv(packed, sent.data(), shares.displacements.data(), MPI_DOUBLE, sum,
                            counts.data(), places.data(), MPI_DOUBLE, grid.row_comm()));
  for (int r = 1; r < ranks - 1; ++r)
    for (int i = 0; i < count; ++i) sum[i] += sum[Index{r} * count + i];
  return sum;
}

/// The sum over all ranks of this rank's share of `packed`.
const double* sum_over_ranks(const double* packed, const Shares& shares, const ProcessGrid& grid) {
  static Scratch<double> memory;
  double* sum = memory.of_size(shares.counts[static_cast<std::size_t>(grid.my_col())]);
  if (const int owner = shares.only_owner(); owner >= 0)
    ADMMNET_MPI(MPI_Reduce(packed, sum, shares.counts[static_cast<std::size_t>(owner)], MPI_DOUBLE,
                           MPI_SUM, owner, grid.row_comm()));
  else
    ADMMNET_MPI(MPI_Reduce_scatter(packed, sum, shares.counts.data(), MPI_DOUBLE, MPI_SUM,
                                   grid.row_comm()));
  return sum;
}

/// The same, by whichever takes less time; `packed` may be overwritten.
const double* sum_of_own_share(double* packed, const Shares& shares, const ProcessGrid& grid) {
  const auto me = static_cast<std::size_t>(grid.my_col());
  if (grid.cols() > kRanksOneByOne) return sum_over_ranks(packed, shares, grid);
  double* own = packed + shares.displacements[me];
  if (grid.cols() == 1) return own;
  const double* others = sum_of_others(packed, shares, grid);
  for (int i = 0; i < shares.counts[me]; ++i) own[i] += others[i];
  return own;
}

}  // namespace

/// The local columns [first, last) of W from `first_row` on, without gaps: where they lie, or in a
/// copy. (Whole columns have gaps only in matrices of a few rows.)
static const double* without_gaps(const BlockCyclicMatrix& W, Index first_row, Index first,
                                  Index last) {
  static Scratch<double> copy;
  const Index rows = W.local_rows() - first_row;
  if (W.leading_dimension() == rows) return W.column(first);
  double* columns = copy.of_size((last - first) * rows);
  for (Index j = first; j < last; ++j)
    std::copy_n(W.column(j) + first_row, rows, columns + (j - first) * rows);
  return columns;
}

Index columns_per_range(const BlockCyclicMatrix& A) {
  return columns_per_range(A.local_rows(), A.col_block() * A.grid().cols());
}

void gather_columns(const BlockCyclicMatrix& W, Index first_row, Index first, Index last,
                    double* part) {
  const auto top = [=](Index) { return first_row; };
  for (Index begin = first, end; begin < last; begin = end) {
    end = end_of_crossing(W, begin, last);
    const Shares shares = shares_of(W, begin, end, top);
    const double* own =
        without_gaps(W, first_row, W.local_cols_below(begin), W.local_cols_below(end));
    double* all = part + (begin - first) * (W.local_rows() - first_row);
    if (const int owner = shares.only_owner(); owner >= 0) {
      const int count = shares.counts[static_cast<std::size_t>(owner)];
      if (owner == W.grid().my_col()) std::copy_n(own, count, all);
      ADMMNET_MPI(MPI_Bcast(all, count, MPI_DOUBLE, owner, W.grid().row_comm()));
      continue;
    }
    ADMMNET_MPI(MPI_Allgatherv(own, shares.counts[static_cast<std::size_t>(W.grid().my_col())],
                               MPI_DOUBLE, all, shares.counts.data(), shares.displacements.data(),
                               MPI_DOUBLE, W.grid().row_comm()));
  }
}

void local_apply(Transpose op, Index m, Index k, double alpha, const LayerOperand& operand,
                 const SampleOperand& H, double beta, BlockCyclicMatrix& Z) {
  const BlockCyclicMatrix& W = operand.matrix();
  const Index samples = H.local_cols();
  const bool alone = W.grid().size() == 1;
  if (alone || operand.gathered()) {
    LocalOperand whole{alone ? W.data() : operand.gathered(),
                       alone ? W.leading_dimension() : W.rows()};
    if (in_single(m, samples, k, true) || in_single(H))
      whole.in_float = {operand.rounded(), W.rows()};
    local_gemm(op == Transpose::no ? "N" : "T", "N", m, samples, k, alpha, whole, local_part(H),
               beta, Z.data(), Z.leading_dimension());
    return;
  }
  const Index cols = op == Transpose::no ? k : m;  // columns of W that take part
  const Index step = columns_per_range(W);
  for (Index first = 0; first < cols; first += step) {
    const Index last = std::min(cols, first + step);
    double* range = range_memory.of_size(W.rows() * (last - first));
    gather_columns(W, 0, first, last, range);
    if (op == Transpose::no)  // Z += W(:, range) H(range, :)
      local_gemm("N", "N", m, samples, last - first, alpha, {range, W.rows()}, local_part(H, first),
                 first == 0 ? beta : 1.0, Z.data(), Z.leading_dimension());
    else  // Z(range, :) = W(:, range)^T H
      local_gemm("T", "N", last - first, samples, k, alpha, {range, W.rows()}, local_part(H), beta,
                 Z.data() + first, Z.leading_dimension());
  }
}

/// Triangle::lower: the square on the diagonal by dsyrk, what is below it by dgemm.
void add_own_samples(Triangle triangle, double alpha, const SampleOperand& D,
                     const SampleOperand& H, Index first, Index last, double beta, double* sum) {
  const Index width = last - first, inner = H.local_cols();
  if (triangle == Triangle::full) {
    local_gemm("N", "T", D.rows(), width, inner, alpha, local_part(D), local_part(H, first), beta,
               sum, D.rows());
    return;
  }
  local_syrk("N", width, inner, alpha, local_part(H, first), beta, sum + first, H.rows());
  local_gemm("N", "T", H.rows() - last, width, inner, alpha, local_part(H, last),
             local_part(H, first), beta, sum + last, H.rows());
}

/// The first local row of column j that takes part.
static Index first_row(Triangle triangle, const BlockCyclicMatrix& R, Index j) {
  return triangle == Triangle::lower ? R.local_rows_below(j) : 0;
}

/// The rows i >= j of the columns j from `first` on, one after the other.
static double* packed_triangle(const double* sum, const BlockCyclicMatrix& R, Index first,
                               Index last) {
  static Scratch<double> memory;
  const Index rows = R.local_rows();
  double* packed = memory.of_size((last - first) * (rows - first_row(Triangle::lower, R, first)));
  double* place = packed;
  for (Index j = first; j < last; ++j)
    place = std::copy(sum + (j - first) * rows + first_row(Triangle::lower, R, j),
                      sum + (j - first + 1) * rows, place);
  return packed;
}

void reduce_columns(Triangle triangle, double* sum, Index first, Index last, double beta,
                    BlockCyclicMatrix& R) {
  const Index rows = R.local_rows();
  const auto start = [&](Index j) { return first_row(triangle, R, j); };
  for (Index begin = first, end; begin < last; begin = end) {
    end = end_of_crossing(R, begin, last);
    double* part = sum + (begin - first) * rows;
    if (triangle == Triangle::lower) part = packed_triangle(part, R, begin, end);
    const double* share = sum_of_own_share(part, shares_of(R, begin, end, start), R.grid());
    for (Index j = R.local_cols_below(begin); j < R.local_cols_below(end); ++j) {
      double* column = R.column(j);
      for (Index i = start(R.global_col(j)); i < rows; ++i, ++share)
        column[i] = *share + (beta == 0.0 ? 0.0 : beta * column[i]);
    }
  }
}

/// The first row of column j that takes part.
static Index first_row(const Layout::PanelSum& sum, Index j) {
  return first_row(sum.triangle, *sum.R, j);
}

// Owner by owner, of each its columns of every sum. One by one, a rank's own need not be packed.
void reduce_together(const std::vector<Layout::PanelSum>& sums) {
  static Scratch<double> memory;
  const ProcessGrid& grid = sums.front().R->grid();
  const int ranks = grid.size(), me = grid.my_col();
  const bool one_by_one = ranks <= kRanksOneByOne;
  Index all = 0;
  for (const Layout::PanelSum& sum : sums)
    for (Index j = 0; j < sum.R->cols(); ++j) all += sum.R->rows() - first_row(sum, j);
  double* packed = memory.of_size(all);
  Shares shares{{}, {}};
  double* place = packed;
  for (int r = 0; r < ranks; ++r) {
    Index elements = 0;
    shares.displacements.push_back(static_cast<int>(place - packed));
    for (const Layout::PanelSum& sum : sums) {
      const Index rows = sum.R->rows(), block = sum.R->col_block();
      const Index count = local_count(sum.R->cols(), block, r, ranks);
      for (Index i = 0; i < count; ++i) {
        const Index j = global_index(i, block, r, ranks), first = first_row(sum, j);
        elements += rows - first;
        if (one_by_one && r == me) continue;
        place = std::copy_n(sum.own->data() + j * rows + first, rows - first, place);
      }
    }
    shares.counts.push_back(static_cast<int>(elements));
  }
  const double* share =
      one_by_one ? sum_of_others(packed, shares, grid) : sum_over_ranks(packed, shares, grid);
  const double own = one_by_one ? 1.0 : 0.0;
  for (const Layout::PanelSum& sum : sums)
    for (Index j = 0; j < sum.R->local_cols(); ++j) {
      const Index global = sum.R->global_col(j), first = first_row(sum, global);
      const double* summand = sum.own->data() + global * sum.R->rows();
      double* column = sum.R->column(j);
      for (Index i = first; i < sum.R->rows(); ++i, ++share)
        column[i] = own * summand[i] + *share + (sum.keep == 0.0 ? 0.0 : sum.keep * column[i]);
    }
}

/// R(:, first : last) := sum + beta R(:, first : last), on the rank that has all of R.
static void take_columns(Triangle triangle, const double* sum, Index first, Index last, double beta,
                         BlockCyclicMatrix& R) {
  for (Index j = first; j < last; ++j, sum += R.rows())
    for (Index i = triangle == Triangle::lower ? j : 0; i < R.rows(); ++i)
      R.at(i, j) = sum[i] + (beta == 0.0 ? 0.0 : beta * R.at(i, j));
}

/// Whether rank 0 has all of R and all of the columns of H: there is nothing to add up.
static bool lies_on_first(const BlockCyclicMatrix& R, const SampleOperand& H) {
  return R.cols() <= R.col_block() && H.cols() <= H.col_block();
}

void local_outer(Triangle triangle, double alpha, const SampleOperand& D, const SampleOperand& H,
                 double beta, BlockCyclicMatrix& R) {
  const bool alone = R.grid().size() == 1 || lies_on_first(R, H);
  if (alone && R.local_cols() == 0) return;
  if (alone && R.leading_dimension() == R.rows()) {  // the local array is R, without gaps
    add_own_samples(triangle, alpha, D, H, 0, R.cols(), beta, R.data());
    return;
  }
  const Index step = columns_per_range(R);
  for (Index first = 0; first < R.cols(); first += step) {
    const Index last = std::min(R.cols(), first + step);
    double* sum = range_memory.of_size(R.rows() * (last - first));
    add_own_samples(triangle, alpha, D, H, first, last, 0.0, sum);
    if (alone)
      take_columns(triangle, sum, first, last, beta, R);
    else
      reduce_columns(triangle, sum, first, last, beta, R);
  }
}

// ---- what it costs ----

namespace {

/// Collective calls in which the columns [first, last) of a layer matrix cross the network, and the
/// ranks that own some of the columns of a call, summed over the calls.
struct Crossings {
  double calls = 0.0, owners = 0.0;
};

Crossings crossings(Index rows, Index first, Index last, const Pricing& p) {
  Crossings sum;
  for (Index begin = first, end; begin < last; begin = end) {
    end = end_of_crossing(rows, p.round(), begin, last);
    sum.calls += 1.0;
    sum.owners += static_cast<double>((end - 1) / p.unit_block() - begin / p.unit_block() + 1);
  }
  return sum;
}

/// Each of the elements crosses the network once: to every rank, or from every rank.
Work crossing_cost(double messages, double elements, const Pricing& p) {
  return p.traffic(messages, (p.ranks() - 1) * elements) + p.packing(elements);
}

}  // namespace

Work together_cost(Index cols, double elements, bool along, const Pricing& p) {
  const int P = p.ranks();
  const Index owners = std::min<Index>(P, (cols + p.unit_block() - 1) / p.unit_block());
  const double messages =
      P <= kRanksOneByOne ? static_cast<double>(owners) * (P - 1) / P : rounds(P);
  return crossing_cost(along ? 0.0 : messages, elements, p);
}

double gather_messages(Index rows, Index first, Index last, const Pricing& p) {
  return crossings(rows, first, last, p).calls * rounds(p.ranks());
}

Work gather_cost(Index rows, Index cols, const Pricing& p) {
  if (p.ranks() == 1) return {};
  return crossing_cost(gather_messages(rows, 0, cols, p),
                       static_cast<double>(rows) * static_cast<double>(cols), p);
}

Work reduce_cost(Index rows, Index cols, double elements, const Pricing& p) {
  const int P = p.ranks();
  if (P == 1) return {};
  const Crossings crossing = crossings(rows, 0, cols, p);
  const double messages =
      P <= kRanksOneByOne ? crossing.owners * (P - 1) / P : crossing.calls * rounds(P);
  return crossing_cost(messages, elements, p);
}

double together_entries(double elements, const Pricing& p) {
  const int P = p.ranks();
  return P == 1 ? 0.0 : elements * (1.0 + (P <= kRanksOneByOne ? 1.0 : 1.0 / P));
}

double range_entries(Index rows, Index cols, const Pricing& p) {
  return static_cast<double>(rows) *
         static_cast<double>(std::min(cols, columns_per_range(rows, p.round())));
}

double crossing_entries(Triangle triangle, Index rows, Index cols, const Pricing& p) {
  const double crossing =
      static_cast<double>(rows) *
      static_cast<double>(std::min({cols, columns_per_range(rows, p.round()), p.round()}));
  const int P = p.ranks();
  const double received = crossing * (P <= kRanksOneByOne ? (P - 1.0) / P : 1.0 / P);
  return received + (triangle == Triangle::lower ? crossing : 0.0);
}

}  // namespace admmnet
