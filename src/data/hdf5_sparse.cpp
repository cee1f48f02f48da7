#include "data/hdf5_sparse.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "runtime/error.h"

namespace admmnet {

namespace {

Handle vector_of(const Hdf5Input& file, const std::string& name, Index& size) {
  Handle data_set = file.data_set(name);
  const std::string place = file.place(name);
  const std::vector<Index> extents = extents_of(data_set, place);
  if (extents.size() != 1 || element_kind(data_set, place) != ElementKind::number)
    throw BadInput(place + ": is no list of numbers but of the shape " + extents_text(extents) +
                   "; a sparse matrix is a group with data, indices and indptr (CSR)");
  size = extents[0];
  return data_set;
}

/// Two integers in an attribute of the group; false when it has none of that name.
bool read_pair(hid_t group, const char* name, const std::string& place,
               std::array<Index, 2>& pair) {
  if (H5Aexists(group, name) <= 0) return false;
  const Handle attribute(H5Aopen(group, name, H5P_DEFAULT), H5Aclose, "look at " + place);
  const Handle space(H5Aget_space(attribute), H5Sclose, "look at " + place);
  const Handle type(H5Aget_type(attribute), H5Tclose, "look at " + place);
  if (H5Sget_simple_extent_npoints(space) != 2 || H5Tget_class(type) != H5T_INTEGER ||
      H5Aread(attribute, H5T_NATIVE_INT64, pair.data()) < 0)
    throw BadInput(place + ": the attribute " + name +
                   " is not two integers; it says how many rows and columns the matrix has");
  return true;
}

/// Of a text of fixed or variable length; empty: no such text.
std::string read_word(hid_t group, const char* name) {
  constexpr std::size_t longest = 64;
  if (H5Aexists(group, name) <= 0) return "";
  const Handle attribute(H5Aopen(group, name, H5P_DEFAULT), H5Aclose, "look at an attribute");
  const Handle type(H5Aget_type(attribute), H5Tclose, "look at an attribute");
  const Handle space(H5Aget_space(attribute), H5Sclose, "look at an attribute");
  if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_npoints(space) != 1) return "";
  if (H5Tis_variable_str(type) > 0) {
    char* text = nullptr;
    if (H5Aread(attribute, type, &text) < 0 || text == nullptr) return "";
    std::string word = text;
    H5free_memory(text);
    return word;
  }
  if (H5Tget_size(type) > longest) return "";
  std::array<char, longest + 1> text{};
  if (H5Aread(attribute, type, text.data()) < 0) return "";
  return text.data();
}

}  // namespace

Hdf5SparseMatrix::Hdf5SparseMatrix(const Hdf5Input& file, const std::string& group)
    : place_(file.place(group)),
      data_(vector_of(file, group + "/data", entries_)),
      indices_(vector_of(file, group + "/indices", cols_)),
      indptr_(vector_of(file, group + "/indptr", rows_)) {
  const Index indices = cols_, begins = rows_;
  read_shape(file, group);
  if (begins != rows_ + 1 || indices != entries_)
    throw BadInput(place_ + ": is no CSR matrix: for " + std::to_string(rows_) +
                   " rows indptr has " + std::to_string(begins) + " entries, not " +
                   std::to_string(rows_ + 1) + "; data has " + std::to_string(entries_) +
                   ", indices " + std::to_string(indices) + "; write the matrix anew");
}

void Hdf5SparseMatrix::read_shape(const Hdf5Input& file, const std::string& group) {
  const Handle object = file.group(group);
  std::string encoding = read_word(object, "encoding-type");
  if (encoding.empty()) encoding = read_word(object, "h5sparse_format");
  if (!encoding.empty() && encoding.substr(0, 3) != "csr")
    throw BadInput(place_ + ": is stored as " + encoding +
                   "; write it row by row (x.tocsr()), for samples are read by rows");
  std::array<Index, 2> shape{};
  if (!read_pair(object, "shape", place_, shape) &&
      !read_pair(object, "h5sparse_shape", place_, shape))
    throw BadInput(place_ +
                   ": the group lacks the attribute shape; it says how many rows and "
                   "columns the matrix has");
  if (shape[0] < 0 || shape[1] < 0)
    throw BadInput(place_ + ": the attribute shape is (" + std::to_string(shape[0]) + ", " +
                   std::to_string(shape[1]) + "); write the matrix anew");
  rows_ = shape[0];
  cols_ = shape[1];
}

SparseRows Hdf5SparseMatrix::read(Index first, Index count) const {
  std::vector<Index> begins(static_cast<std::size_t>(count) + 1, 0);
  read_elements(indptr_, place_ + "/indptr", first, count + 1, H5T_NATIVE_INT64, begins.data());
  const bool ordered = std::is_sorted(begins.begin(), begins.end());
  if (!ordered || begins.front() < 0 || begins.back() > entries_)
    throw BadInput(place_ + "/indptr: of the samples from " + std::to_string(first + 1) +
                   " on the entries do not ascend from 0 to " + std::to_string(entries_) +
                   "; write the matrix anew");
  const Index from = begins.front(), entries = begins.back() - from;
  SparseRows rows;
  rows.cols.resize(static_cast<std::size_t>(entries));
  rows.values.resize(rows.cols.size());
  read_elements(indices_, place_ + "/indices", from, entries, H5T_NATIVE_INT64, rows.cols.data());
  read_elements(data_, place_ + "/data", from, entries, H5T_NATIVE_DOUBLE, rows.values.data());
  for (Index i = 0; i < count; ++i) {
    rows.begins.push_back(static_cast<std::size_t>(begins[static_cast<std::size_t>(i) + 1] - from));
    sort_row(first + i, *(rows.begins.end() - 2), rows.begins.back(), rows);
  }
  return rows;
}

void Hdf5SparseMatrix::sort_row(Index row, std::size_t begin, std::size_t end,
                                SparseRows& rows) const {
  const auto fail = [&](const std::string& what) {
    throw BadInput(place_ + "/indices, sample " + std::to_string(row + 1) + ": " + what);
  };
  const auto first = rows.cols.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto last = rows.cols.begin() + static_cast<std::ptrdiff_t>(end);
  for (auto col = first; col != last; ++col)
    if (*col < 0 || *col >= cols_)
      fail("the index " + std::to_string(*col) + " is not one of the columns 0 to " +
           std::to_string(cols_ - 1) + "; write the matrix anew");
  if (!std::is_sorted(first, last)) {
    std::vector<std::pair<Index, double>> entries;
    for (std::size_t k = begin; k < end; ++k) entries.emplace_back(rows.cols[k], rows.values[k]);
    std::sort(entries.begin(), entries.end());
    for (std::size_t k = begin; k < end; ++k)
      std::tie(rows.cols[k], rows.values[k]) = entries[k - begin];
  }
  const auto twice = std::adjacent_find(first, last);
  if (twice != last)
    fail("the index " + std::to_string(*twice) +
         " stands twice; add such entries up (x.sum_duplicates())");
}

}  // namespace admmnet
