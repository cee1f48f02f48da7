/// A sparse matrix in an HDF5 file as CSR: the group holds data, indices (columns, counted from 0)
/// and indptr (row i: entries indptr[i] .. indptr[i+1] - 1), and as an attribute its shape. The
/// layout of anndata's csr_matrix, with the arrays of scipy's.
#pragma once

#include <string>

#include "data/hdf5_input.h"
#include "linalg/sparse_rows.h"
#include "runtime/types.h"

namespace admmnet {

/// Rank-local. Throws BadInput for whatever is no such matrix.
class Hdf5SparseMatrix {
 public:
  Hdf5SparseMatrix(const Hdf5Input& file, const std::string& group);
  Index rows() const { return rows_; }
  Index cols() const { return cols_; }
  /// Rows first .. first + count - 1, columns ascending within a row.
  SparseRows read(Index first, Index count) const;

 private:
  void read_shape(const Hdf5Input& file, const std::string& group);
  void sort_row(Index row, std::size_t begin, std::size_t end, SparseRows& rows) const;
  std::string place_;
  Index rows_ = 0, cols_ = 0, entries_ = 0;  // before the handles, which fill them in
  Handle data_, indices_, indptr_;
};

}  // namespace admmnet
