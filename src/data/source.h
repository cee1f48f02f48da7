/// What the loader asks of a file format: samples in the order of the file, as raw values.
#pragma once

#include <cstddef>

#include "linalg/sparse_rows.h"
#include "runtime/error.h"
#include "runtime/types.h"

namespace admmnet {

/// How a value stands in the file and in memory until it is scaled.
enum class ValueType { byte, real };

inline std::size_t value_bytes(ValueType type) {
  return type == ValueType::byte ? sizeof(unsigned char) : sizeof(double);
}

/// A file of samples opened by one rank. A record is the features of one sample in the file's type.
class SampleSource {
 public:
  virtual ~SampleSource() = default;
  virtual ValueType value_type() const = 0;
  /// True when `read` may begin anywhere; otherwise each call must go on where the last one ended.
  virtual bool random_access() const = 0;
  /// Reads samples first .. first + count - 1 into `records`, one after the other. Rank-local.
  /// Throws BadInput when the file ends before or is damaged, IoFailure when it cannot be read.
  virtual void read(Index first, Index count, unsigned char* records) = 0;
  /// Whether samples can be had as rows of what is not 0, by read_sparse; its calls are bound as
  /// `read`'s. With it a format gives Contents a Sparsity, and its samples need never be dense.
  virtual bool sparse() { return false; }
  virtual SparseRows read_sparse(Index first, Index count);
  /// After the last sample of a sequential source: throws BadInput when the file goes on.
  virtual void expect_end() = 0;
};

inline SparseRows SampleSource::read_sparse(Index, Index) {
  throw InternalError("SampleSource::read_sparse: the samples are dense");
}

}  // namespace admmnet
