#include "data/text_lines.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "runtime/error.h"

namespace admmnet {

static constexpr std::size_t kPart = std::size_t{1} << 18;  // bytes read at once
static constexpr std::size_t kLongestLine = std::size_t{1} << 30;

TextLines::TextLines(const std::string& path) : file_(path) {}

TextLines::TextLines(const std::string& path, Index begin, Index end) : file_(path), end_(end) {
  if (begin == 0) return;
  buffer_offset_ = begin - 1;  // a line begins behind the end of another
  std::string_view line;
  end_ = no_end;
  next(line);
  end_ = end;
  number_ = 0;
}

bool TextLines::refill() {
  if (at_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(at_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(filled_), buffer_.begin());
    buffer_offset_ += static_cast<Index>(at_);
    filled_ -= at_;
    at_ = 0;
  }
  if (filled_ >= kLongestLine)
    throw BadInput(path() + ", line " + std::to_string(number_ + 1) +
                   ": is longer than 1 GiB; is this a text file?");
  if (filled_ == buffer_.size()) buffer_.resize(std::max(kPart, 2 * buffer_.size()));
  char* behind = buffer_.data() + filled_;
  const std::size_t room = buffer_.size() - filled_;
  const std::size_t got =
      compressed() ? file_.read(behind, room)
                   : file_.read_at(buffer_offset_ + static_cast<Index>(filled_), behind, room);
  filled_ += got;
  return got > 0;
}

bool TextLines::next(std::string_view& line) {
  if (buffer_offset_ + static_cast<Index>(at_) >= end_) return false;
  for (std::size_t searched = 0;;) {
    const char* begin = buffer_.data() + at_;
    const void* newline = filled_ > at_ + searched
                              ? std::memchr(begin + searched, '\n', filled_ - at_ - searched)
                              : nullptr;
    if (newline == nullptr) {
      searched = filled_ - at_;
      if (refill()) continue;
      if (filled_ == at_) return false;  // the last line has no end
    }
    begin = buffer_.data() + at_;
    const std::size_t size =
        newline != nullptr ? static_cast<std::size_t>(static_cast<const char*>(newline) - begin)
                           : filled_ - at_;
    offset_ = buffer_offset_ + static_cast<Index>(at_);
    line = std::string_view(begin, size);
    at_ += size + (newline != nullptr ? 1 : 0);
    ++number_;
    return true;
  }
}

std::string_view next_field(std::string_view& rest) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = rest.find_first_not_of(blanks);
  if (first == std::string_view::npos) return rest = {};
  const std::size_t end = std::min(rest.size(), rest.find_first_of(blanks, first));
  const std::string_view field = rest.substr(first, end - first);
  rest.remove_prefix(end);
  return field;
}

bool parse_index(std::string_view field, Index& value) {
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), value);
  return status == std::errc() && end == field.data() + field.size();
}

}  // namespace admmnet
