#include "linalg/sparse_samples.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

#include "linalg/block_cyclic_matrix.h"
#include "runtime/error.h"

namespace admmnet {
namespace {

constexpr Index kMost = std::numeric_limits<std::int32_t>::max();

template <class T>
std::vector<T> exchange(const std::vector<std::vector<T>>& sent, MPI_Datatype type, MPI_Comm comm) {
  const std::size_t ranks = sent.size();
  std::vector<int> counts(ranks), from(ranks), received(ranks), received_from(ranks);
  std::vector<T> all;
  for (std::size_t r = 0; r < ranks; ++r) {
    counts[r] = static_cast<int>(sent[r].size());
    from[r] = static_cast<int>(all.size());
    all.insert(all.end(), sent[r].begin(), sent[r].end());
    ADMMNET_REQUIRE(static_cast<Index>(all.size()) <= kMost,
                    "SparseSamples: a panel of more than 2^31 - 1 entries on a rank");
  }
  ADMMNET_MPI(MPI_Alltoall(counts.data(), 1, MPI_INT, received.data(), 1, MPI_INT, comm));
  int total = 0;
  for (std::size_t r = 0; r < ranks; ++r) {
    received_from[r] = total;
    total += received[r];
  }
  std::vector<T> result(static_cast<std::size_t>(total));
  ADMMNET_MPI(MPI_Alltoallv(all.data(), counts.data(), from.data(), type, result.data(),
                            received.data(), received_from.data(), type, comm));
  return result;
}

/// The columns of this process's slab, by samples: from the sample layout to every process row.
/// Ranks hold ascending columns there, so that what arrives is in order.
SparseRows slab_of(const ProcessGrid& grid, Index cols, Index slab, Index width,
                   const SparseRows& own) {
  const auto ranks = static_cast<std::size_t>(grid.size());
  std::vector<std::vector<Index>> indices(ranks);
  std::vector<std::vector<double>> values(ranks);
  const Index first = grid.rank() * width;
  for (Index j = 0; j < own.count(); ++j) {
    const auto begin = static_cast<std::ptrdiff_t>(own.begins[static_cast<std::size_t>(j)]);
    const auto end = begin + static_cast<std::ptrdiff_t>(own.size(j));
    const Index q = (first + j) / slab;
    for (int p = 0; p < grid.rows(); ++p) {
      const auto to = static_cast<std::size_t>(p * grid.cols() + q);
      indices[to].push_back(own.size(j));
      indices[to].insert(indices[to].end(), own.cols.begin() + begin, own.cols.begin() + end);
      values[to].insert(values[to].end(), own.values.begin() + begin, own.values.begin() + end);
    }
  }
  const std::vector<Index> received = exchange(indices, MPI_INT64_T, grid.comm());
  SparseRows result;
  result.values = exchange(values, MPI_DOUBLE, grid.comm());
  for (std::size_t at = 0; at < received.size(); at += static_cast<std::size_t>(received[at]) + 1) {
    const auto begin = received.begin() + static_cast<std::ptrdiff_t>(at) + 1;
    result.cols.insert(result.cols.end(), begin, begin + received[at]);
    result.end_row();
  }
  ADMMNET_REQUIRE(result.count() == local_count(cols, slab, grid.my_col(), grid.cols()),
                  "SparseSamples: a slab of " + std::to_string(result.count()) + " samples");
  return result;
}

/// The transpose: from samples to features.
CompressedRows by_features(const SparseRows& samples, Index features) {
  std::vector<Index> places(static_cast<std::size_t>(features) + 1, 0);
  for (const Index f : samples.cols) {
    ADMMNET_REQUIRE(0 <= f && f < features, "SparseSamples: feature " + std::to_string(f) + " of " +
                                                std::to_string(features));
    ++places[static_cast<std::size_t>(f) + 1];
  }
  std::partial_sum(places.begin(), places.end(), places.begin());
  CompressedRows result;
  std::size_t filled = 0;
  for (std::size_t f = 0; f + 1 < places.size(); ++f)
    if (places[f + 1] > places[f]) ++filled;
  result.rows.reserve(filled);
  result.begins.reserve(filled + 1);
  for (std::size_t f = 0; f + 1 < places.size(); ++f) {
    if (places[f + 1] == places[f]) continue;
    result.rows.push_back(static_cast<std::int32_t>(f));
    result.begins.push_back(places[f + 1]);
  }
  result.cols.resize(samples.cols.size());
  result.values.resize(samples.cols.size());
  for (Index j = 0; j < samples.count(); ++j)
    for (std::size_t e = samples.begins[static_cast<std::size_t>(j)];
         e < samples.begins[static_cast<std::size_t>(j) + 1]; ++e) {
      const auto place =
          static_cast<std::size_t>(places[static_cast<std::size_t>(samples.cols[e])]++);
      result.cols[place] = static_cast<std::int32_t>(j);
      result.values[place] = samples.values[e];
    }
  return result;
}

}  // namespace

Index CompressedRows::first_from(Index row) const {
  return std::lower_bound(rows.begin(), rows.end(), row) - rows.begin();
}

CompressedRows CompressedRows::transposed() const {
  SparseRows own;
  for (Index i = 0; i < count(); ++i) {
    // Rows that are left out have no column in the transpose, but a place among its own.
    while (own.count() < rows[static_cast<std::size_t>(i)]) own.end_row();
    for (Index e = begins[static_cast<std::size_t>(i)]; e < begins[static_cast<std::size_t>(i) + 1];
         ++e) {
      own.cols.push_back(cols[static_cast<std::size_t>(e)]);
      own.values.push_back(values[static_cast<std::size_t>(e)]);
    }
    own.end_row();
  }
  const auto last = std::max_element(cols.begin(), cols.end());
  return by_features(own, last == cols.end() ? 0 : Index{*last} + 1);
}

double sparse_doubles(double entries, Index rows) {
  return 1.5 * (entries + std::min(entries, static_cast<double>(rows)));
}

SparseSamples::SparseSamples(const ProcessGrid& grid, Index rows, Index cols, Index widest,
                             Index row_block, const SparseRows& own, std::vector<double> shift)
    : grid_(grid),
      rows_(rows),
      cols_(cols),
      row_block_(row_block),
      col_block_(slab_width(widest, grid.cols())),
      local_cols_(local_count(cols, col_block_, grid.my_col(), grid.cols())),
      shifted_(!shift.empty()),
      shift_(std::move(shift)) {
  ADMMNET_REQUIRE(shift_.empty() || static_cast<Index>(shift_.size()) == rows,
                  "SparseSamples: a shift of " + std::to_string(shift_.size()) + " numbers");
  entries_ =
      by_features(slab_of(grid, cols, col_block_, slab_width(widest, grid.size()), own), rows);
  double sums[2] = {static_cast<double>(own.cols.size()), 0.0};
  for (Index j = 0; j < own.count(); ++j)
    sums[1] += static_cast<double>(own.size(j)) * static_cast<double>(own.size(j) + 1);
  ADMMNET_MPI(MPI_Allreduce(MPI_IN_PLACE, sums, 2, MPI_DOUBLE, MPI_SUM, grid.comm()));
  counts_ = {sums[0], sums[1], 0.0};
}

SparseSamples::SparseSamples(const ProcessGrid& grid, Index rows, Index cols, Index widest,
                             Index row_block, const SparseCounts& counts, bool shifted)
    : grid_(grid),
      rows_(rows),
      cols_(cols),
      row_block_(row_block),
      col_block_(slab_width(widest, 1)),
      shifted_(shifted),
      counts_(counts) {
  const auto doubles = static_cast<Index>(sparse_doubles(counts.entries, rows));
  grid.hold({Array::Kind::sparse, 1, doubles, 0}, holding_);
}

std::vector<double> SparseSamples::shift_times(const CompressedRows& slab, Index columns) const {
  std::vector<double> sums(static_cast<std::size_t>(columns), 0.0);
  slab.for_each(0, rows_, [&](Index f, Index j, double value) {
    sums[static_cast<std::size_t>(j)] += shift_[static_cast<std::size_t>(f)] * value;
  });
  return sums;
}

}  // namespace admmnet
