/// Arrays as numpy writes them: a header (a Python dictionary with type, order and shape) and the
/// elements. Format: NEP 1, versions 1.0, 2.0 and 3.0. Nothing is unpickled. Rank-local.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/array_bytes.h"
#include "runtime/types.h"

namespace admmnet {

class NpyArray {
 public:
  /// `place`: for messages. Throws BadInput for what is no such array, and for one that is shorter
  /// than its header says.
  NpyArray(std::unique_ptr<ArrayBytes> bytes, std::string place);

  const std::string& place() const { return place_; }
  const std::vector<Index>& shape() const { return shape_; }
  bool random_access() const { return bytes_->random_access(); }
  bool is_text() const { return kind_ == 'S' || kind_ == 'U'; }
  bool is_real() const { return kind_ == 'f'; }

  /// Rows first .. first + count - 1 of an array of one or two dimensions, row by row whatever the
  /// order in the file. Numbers as reals; lists of integers and truth values as integers; texts in
  /// UTF-8. An array without random access is read from front to back; one that stands column by
  /// column is unpacked into memory for it.
  void read(Index first, Index count, double* out);
  void read(Index first, Index count, long long* out);
  void read(Index first, Index count, std::string* out);

 private:
  [[noreturn]] void fail(const std::string& what) const;
  void read_header();
  void parse_header(const std::string& header);
  void parse_type(const std::string& descr);
  void parse_shape(const std::string& header);
  Index row_elements() const { return shape_.size() > 1 ? shape_[1] : 1; }
  void read_bytes(Index offset, void* buffer, Index count);
  void read_rows(Index first, Index count);
  void read_columns(Index first, Index count);
  template <class T>
  void convert(Index first, Index count, T* out);

  std::unique_ptr<ArrayBytes> bytes_;
  std::string place_;
  char kind_ = 'f';  ///< of numpy: f, i, u, b, S, U
  Index width_ = 0;  ///< bytes of an element
  bool by_columns_ = false;
  std::vector<Index> shape_;
  Index begin_ = 0;                      ///< of the elements
  std::vector<unsigned char> elements_;  ///< the rows asked for
  std::vector<unsigned char> all_;       ///< the array, if it had to be unpacked
};

}  // namespace admmnet
