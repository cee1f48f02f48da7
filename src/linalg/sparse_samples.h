/// Samples of one panel of which few entries are not 0.
#pragma once

#include <cstdint>
#include <vector>

#include "linalg/process_grid.h"
#include "linalg/sparse_rows.h"

namespace admmnet {

/// Of all ranks together, a row of ones included.
struct SparseCounts {
  double entries = 0.0;        ///< that are stored
  double sample_pairs = 0.0;   ///< sum over the samples of c (c + 1), c entries of a sample
  double feature_pairs = 0.0;  ///< sum over the features of n (n + 1), n entries of a feature
};

/// A part of a sparse matrix by rows, of which those without an entry are left out.
struct CompressedRows {
  std::vector<std::int32_t> rows;   ///< ascending
  std::vector<Index> begins = {0};  ///< rows[i]: entries begins[i] .. begins[i+1] - 1
  std::vector<std::int32_t> cols;   ///< ascending within a row
  std::vector<double> values;

  Index count() const { return static_cast<Index>(rows.size()); }
  /// The first of `rows` that is not below a row.
  Index first_from(Index row) const;
  /// Calls f(row, col, value) for the entries of the rows [first, last), row by row.
  template <class F>
  void for_each(Index first, Index last, F&& f) const {
    for (Index i = first_from(first); i < count() && rows[static_cast<std::size_t>(i)] < last; ++i)
      for (Index e = begins[static_cast<std::size_t>(i)];
           e < begins[static_cast<std::size_t>(i) + 1]; ++e)
        f(Index{rows[static_cast<std::size_t>(i)]}, Index{cols[static_cast<std::size_t>(e)]},
          values[static_cast<std::size_t>(e)]);
  }
  /// The same by columns.
  CompressedRows transposed() const;
};

/// H = S - c 1^T of features x samples: S sparse, and c what a centring takes off, which is carried
/// through every product as a term of rank one and never subtracted from the entries. c = 0 at a
/// row of ones.
///
/// Samples lie in slabs, slab q on every process of column q (README.md §10): a process column has
/// whole samples, so that a process row by itself is data parallel.
class SparseSamples {
 public:
  /// rows x cols. `own`: this rank's columns in the sample layout of panels of up to `widest`
  /// columns, a row of SparseRows each. `row_block`: of the layer matrices' units. `shift`: c, of
  /// `rows` numbers, or empty. Collective; the samples go to the process rows that lack them.
  SparseSamples(const ProcessGrid& grid, Index rows, Index cols, Index widest, Index row_block,
                const SparseRows& own, std::vector<double> shift = {});
  /// On a grid of shapes.
  SparseSamples(const ProcessGrid& grid, Index rows, Index cols, Index widest, Index row_block,
                const SparseCounts& counts, bool shifted);

  const ProcessGrid& grid() const { return grid_; }
  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  Index row_block() const { return row_block_; }
  Index col_block() const { return col_block_; }  ///< of sample matrices that go with it
  Index local_cols() const { return local_cols_; }
  /// With entries, feature_pairs are 0: the inner product counts them as it goes.
  const SparseCounts& counts() const { return counts_; }

  /// S of this rank's slab, by features.
  const CompressedRows& by_feature() const { return entries_; }
  bool shifted() const { return shifted_; }
  const std::vector<double>& shift() const { return shift_; }
  /// sum_i c_i S_ij of the columns of a slab with these entries.
  std::vector<double> shift_times(const CompressedRows& slab, Index columns) const;

 private:
  ProcessGrid grid_;
  Index rows_, cols_, row_block_, col_block_, local_cols_ = 0;
  bool shifted_;
  SparseCounts counts_;
  CompressedRows entries_;
  std::vector<double> shift_;
  Ledger::Holding holding_;
};

/// Doubles that so many entries take with their indices, at most: those of a row without an entry
/// are not kept.
double sparse_doubles(double entries, Index rows);

}  // namespace admmnet
