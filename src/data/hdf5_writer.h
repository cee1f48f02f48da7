/// Writes samples and labels into an HDF5 file that -data_format hdf5 reads: /x as a data set of
/// (samples, features) or as a sparse matrix (hdf5_sparse.h), /y the labels. Rank-local.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/source.h"
#include "hdf5/handle.h"

namespace admmnet {

/// The file grows under a temporary name beside its own, which it gets when all is there. Until
/// then, and when anything fails, nothing is left. Every error is an IoFailure with the path.
class Hdf5Writer {
 public:
  /// Throws IoFailure when the folder cannot be written to.
  explicit Hdf5Writer(const std::string& path);
  ~Hdf5Writer();
  Hdf5Writer(const Hdf5Writer&) = delete;
  Hdf5Writer& operator=(const Hdf5Writer&) = delete;

  /// Then the samples one after the other. Bytes are written as unsigned integers, reals as reals
  /// of eight bytes, in one piece. Throws when there is no room for them.
  void begin_dense(Index samples, Index features, ValueType type);
  void add_dense(Index count, const unsigned char* records);

  void begin_sparse(Index samples, Index features);
  void add_sparse(const SparseRows& rows);

  /// The label of each sample by its place among the names: integers where all names are such,
  /// else texts.
  void write_labels(const std::vector<int>& labels, const std::vector<std::string>& names);
  /// Real ones instead: (samples), or (samples, targets) where a sample has several.
  void write_targets(const std::vector<double>& values, Index targets);

  void publish();

 private:
  void remove();
  void append(hid_t data_set, Index first, Index count, hid_t type, const void* elements,
              bool grows);
  /// Takes disk space for so many bytes of elements, and for what HDF5 adds. HDF5 must not be the
  /// one who finds the disk full: a file that it cannot close makes it crash at the program's end.
  void reserve(Index bytes);
  template <class F>
  auto guarded(F&& work) const;
  std::string path_, temporary_;
  int descriptor_ = -1;
  Index reserved_ = 0;
  std::optional<Handle> file_, rows_, indices_, begins_;
  Index samples_ = 0, features_ = 0, entries_ = 0, written_ = 0;
  Index elements_bytes_ = 0;  ///< announced so far
  ValueType type_ = ValueType::real;
};

}  // namespace admmnet
