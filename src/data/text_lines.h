/// Text files line by line, plain or gzipped, from the beginning or from anywhere in a plain one.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "data/input_file.h"
#include "runtime/types.h"

namespace admmnet {

/// The lines one after the other. Rank-local. Throws as InputFile does, and BadInput for a line of
/// more than 2^30 bytes.
class TextLines {
 public:
  static constexpr Index no_end = std::numeric_limits<Index>::max();

  explicit TextLines(const std::string& path);
  /// Of a plain file the lines that begin at byte `begin` and behind it, and in front of `end`:
  /// ranges that meet share no line and miss none.
  TextLines(const std::string& path, Index begin, Index end = no_end);

  /// The next line without its end; false where there is none. Valid until the next call.
  bool next(std::string_view& line);

  Index number() const { return number_; }  ///< of that line, counted from 1 in what is read here
  Index offset() const { return offset_; }  ///< where it begins, in unpacked bytes
  const std::string& path() const { return file_.path(); }
  bool compressed() const { return file_.compressed(); }
  Index size_on_disk() const { return file_.size_on_disk(); }

 private:
  bool refill();
  InputFile file_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, filled_ = 0;  // of the buffer: the next line begins there, it ends here
  Index buffer_offset_ = 0;          // of the buffer's first byte in the file
  Index end_ = no_end, offset_ = 0, number_ = 0;
};

/// Cuts the next field off the front: what stands between blanks and tabs; empty at the end.
std::string_view next_field(std::string_view& rest);

/// Reads a decimal integer and nothing else.
bool parse_index(std::string_view field, Index& value);

}  // namespace admmnet
