/// Files of arrays for tests, written by rank 0: HDF5 by its own library, npy and npz byte by byte.
#pragma once

#include <string>
#include <vector>

#include "hdf5/handle.h"
#include "test_files.h"

namespace admmnet::test {

/// Numbers by formula. Each sample is told by its first value; all are exact in every type.
struct Numbers {
  Index samples = 120, features = 5;
  double part = 0.0;  ///< added to the values behind the first: 0.25 is exact in reals alone
  double value(Index s, Index f) const {
    return f == 0 ? static_cast<double>(s) : static_cast<double>((s * 7 + f * 13) % 101) + part;
  }
  int label(Index s) const { return static_cast<int>((s * s + s / 3) % 3) + 4; }
  std::vector<double> values() const;
  std::vector<double> labels() const;
  std::string csv() const;
};

enum class DataLayout { contiguous, compact, chunked, deflated };

/// An HDF5 file under construction, on rank 0; closed, for all ranks, at the end of its life.
/// Numbers are given as doubles and converted by HDF5 to `type`.
class Hdf5Maker {
 public:
  explicit Hdf5Maker(const std::string& path);
  ~Hdf5Maker();
  Hdf5Maker(const Hdf5Maker&) = delete;
  Hdf5Maker& operator=(const Hdf5Maker&) = delete;

  void add(const std::string& name, const std::vector<hsize_t>& extents,
           const std::vector<double>& values, hid_t type,
           DataLayout storage = DataLayout::contiguous);
  void add_texts(const std::string& name, const std::vector<std::string>& texts, bool variable);
  /// /x (samples, features) and /y.
  void add(const Numbers& numbers, hid_t type, DataLayout storage);
  /// CSR, with what a dense matrix of these numbers would hold where (s + f) % 3 is 0.
  void add_sparse(const std::string& name, const Numbers& numbers);
  /// What HDF5 itself does on rank 0 with the file; a failure ends the test.
  template <class F>
  void on_file(F&& work) {
    if (file_ >= 0) work(file_);
  }

 private:
  hid_t file_ = H5I_INVALID_HID;
};

/// An npy file: `descr` as numpy writes it, `elements` as they lie.
std::string npy_bytes(const std::string& descr, const std::string& shape, bool by_columns,
                      const std::string& elements);

/// Values in the type of `descr` (<f4, <f8, <i2, <i8, |u1, |b1), little-endian.
std::string elements_of(const std::vector<double>& values, const std::string& descr);
/// Row by row to column by column.
std::vector<double> transposed(const std::vector<double>& values, Index rows, Index cols);

struct ZipMember {
  std::string name, bytes;
};
std::string zip_bytes(const std::vector<ZipMember>& members, bool deflate);

}  // namespace admmnet::test
