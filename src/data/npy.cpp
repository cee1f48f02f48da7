#include "data/npy.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "data/csv_text.h"
#include "data/text_lines.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "elements are taken as they lie");

/// Of a Python dictionary's text: what stands behind 'key': .
std::string_view value_of(std::string_view header, const std::string& key) {
  for (const char* mark : {"'", "\""}) {
    const std::size_t at = header.find(mark + key + mark);
    if (at == std::string_view::npos) continue;
    std::string_view rest = header.substr(at + key.size() + 2);
    const std::size_t colon = rest.find(':');
    return colon == std::string_view::npos ? std::string_view() : trimmed(rest.substr(colon + 1));
  }
  return {};
}

/// A letter of UCS-4 in UTF-8.
void append_utf8(std::uint32_t letter, std::string& text) {
  if (letter < 0x80) {
    text += static_cast<char>(letter);
    return;
  }
  const int more = letter < 0x800 ? 1 : letter < 0x10000 ? 2 : 3;
  constexpr std::uint32_t leads[] = {0, 0xC0, 0xE0, 0xF0};
  text += static_cast<char>(leads[more] | letter >> (6 * more));
  for (int k = more - 1; k >= 0; --k) text += static_cast<char>(0x80 | (letter >> (6 * k) & 0x3F));
}

template <class From, class To>
void convert_all(const unsigned char* bytes, Index count, To* out) {
  for (Index i = 0; i < count; ++i) {
    From value{};
    std::memcpy(&value, bytes + i * static_cast<Index>(sizeof(From)), sizeof(From));
    out[i] = static_cast<To>(value);
  }
}

void convert_all(const unsigned char* bytes, Index count, char kind, Index width,
                 std::string* out) {
  for (Index i = 0; i < count; ++i, bytes += width) {
    const auto* text = reinterpret_cast<const char*>(bytes);
    out[i] = kind == 'S' ? std::string(text, strnlen(text, static_cast<std::size_t>(width))) : "";
    for (Index k = 0; kind == 'U' && k < width; k += 4) {
      std::uint32_t letter = 0;
      std::memcpy(&letter, bytes + k, 4);
      if (letter != 0) append_utf8(letter, out[i]);
    }
  }
}

template <class To>
void convert_all(const unsigned char* bytes, Index count, char kind, Index width, To* out) {
  if (kind == 'f')
    return width == 4 ? convert_all<float>(bytes, count, out)
                      : convert_all<double>(bytes, count, out);
  const bool is_signed = kind == 'i';
  switch (width) {
    case 1:
      return is_signed ? convert_all<std::int8_t>(bytes, count, out)
                       : convert_all<std::uint8_t>(bytes, count, out);
    case 2:
      return is_signed ? convert_all<std::int16_t>(bytes, count, out)
                       : convert_all<std::uint16_t>(bytes, count, out);
    case 4:
      return is_signed ? convert_all<std::int32_t>(bytes, count, out)
                       : convert_all<std::uint32_t>(bytes, count, out);
    default:
      return is_signed ? convert_all<std::int64_t>(bytes, count, out)
                       : convert_all<std::uint64_t>(bytes, count, out);
  }
}

}  // namespace

NpyArray::NpyArray(std::unique_ptr<ArrayBytes> bytes, std::string place)
    : bytes_(std::move(bytes)), place_(std::move(place)) {
  read_header();
  Index elements = 1;
  constexpr Index most = Index{1} << 56;
  for (const Index extent : shape_) {
    if (extent < 0 || (extent > 0 && elements > most / extent))
      fail("its header says a shape that no array has");
    elements *= extent;
  }
  if (width_ > 0 && elements > most / width_) fail("its header says a shape that no array has");
  const Index needed = begin_ + elements * width_;
  if (bytes_->size() >= 0 && bytes_->size() < needed)
    fail("is truncated: it has " + std::to_string(bytes_->size()) + " bytes, and its header says " +
         std::to_string(needed));
}

void NpyArray::fail(const std::string& what) const {
  throw BadInput(place_ + ": " + what + "; write it again with numpy.save or numpy.savez");
}

void NpyArray::read_bytes(Index offset, void* buffer, Index count) {
  if (bytes_->read(offset, buffer, static_cast<std::size_t>(count)) !=
      static_cast<std::size_t>(count))
    fail("is truncated");
}

void NpyArray::read_header() {
  constexpr Index longest = Index{1} << 20;
  unsigned char start[8] = {}, length[4] = {};
  if (bytes_->read(0, start, 8) != 8 || std::memcmp(start, "\x93NUMPY", 6) != 0)
    fail("is no array of numpy (it does not begin with 93 'NUMPY')");
  if (start[6] < 1 || start[6] > 3)
    fail("has the version " + std::to_string(start[6]) + ", which is not known");
  const Index width = start[6] == 1 ? 2 : 4;
  read_bytes(8, length, width);
  std::uint32_t size = 0;
  std::memcpy(&size, length, 4);
  if (size > longest) fail("has a header of " + std::to_string(size) + " bytes");
  std::string header(size, '\0');
  read_bytes(8 + width, header.data(), static_cast<Index>(size));
  begin_ = 8 + width + static_cast<Index>(size);
  parse_header(header);
}

void NpyArray::parse_header(const std::string& header) {
  const std::string_view descr = value_of(header, "descr"),
                         order = value_of(header, "fortran_order");
  if (descr.empty() || order.empty()) fail("has a header without type and order");
  if (descr[0] == '[')
    throw BadInput(place_ +
                   ": its elements are compounds (records); write the fields that are "
                   "features into one array of numbers");
  if (descr[0] != '\'' && descr[0] != '"') fail("has a header without a type");
  parse_type(std::string(descr.substr(1, descr.find(descr[0], 1) - 1)));
  if (order.substr(0, 4) != "True" && order.substr(0, 5) != "False")
    fail("has a header without an order");
  by_columns_ = order[0] == 'T';
  parse_shape(header);
}

void NpyArray::parse_type(const std::string& descr) {
  Index width = 0;
  if (descr.size() < 2 || (descr[1] != 'O' && !parse_index(descr.substr(2), width)))
    fail("has the type " + quoted(descr) + ", which is none");
  kind_ = descr[1];
  if (kind_ == 'O')
    throw BadInput(place_ +
                   ": its elements are Python objects (dtype object), which are never "
                   "unpickled; write numbers: x.astype(float)");
  width_ = kind_ == 'U' ? 4 * width : width;
  const bool integer = kind_ == 'i' || kind_ == 'u';
  const bool known = (kind_ == 'f' && (width == 4 || width == 8)) || (kind_ == 'b' && width == 1) ||
                     (integer && (width == 1 || width == 2 || width == 4 || width == 8)) ||
                     (is_text() && width >= 0 && width <= 4096);
  if (!known)
    throw BadInput(place_ + ": its elements are of the type " + quoted(descr) +
                   ", which is not read; write integers or reals: x.astype('f8')");
  if (descr[0] == '>' && width_ > 1 && kind_ != 'S')
    throw BadInput(place_ + ": its elements are big-endian (" + quoted(descr) +
                   "); write them anew: x.astype(x.dtype.newbyteorder('<'))");
}

void NpyArray::parse_shape(const std::string& header) {
  const std::string_view shape = value_of(header, "shape");
  const std::size_t end = shape.find(')');
  if (shape.empty() || shape[0] != '(' || end == std::string_view::npos)
    fail("has a header without a shape");
  std::string_view rest = trimmed(shape.substr(1, end - 1));
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    Index extent = 0;
    if (!parse_index(trimmed(rest.substr(0, comma)), extent)) fail("has a header without a shape");
    shape_.push_back(extent);
    rest = trimmed(rest.substr(std::min(comma + 1, rest.size())));
  }
}

void NpyArray::read_rows(Index first, Index count) {
  const Index row = row_elements() * width_;
  elements_.resize(static_cast<std::size_t>(count * row));
  read_bytes(begin_ + first * row, elements_.data(), count * row);
}

/// Element (s, f) is the one of number f S + s, with S samples.
void NpyArray::read_columns(Index first, Index count) {
  const Index samples = shape_[0], features = shape_[1], part = count * width_;
  if (!random_access() && all_.empty()) {
    all_.resize(static_cast<std::size_t>(samples * features * width_));
    read_bytes(begin_, all_.data(), static_cast<Index>(all_.size()));
  }
  std::vector<unsigned char> column(static_cast<std::size_t>(part));
  elements_.resize(static_cast<std::size_t>(count * features * width_));
  const auto width = static_cast<std::size_t>(width_);
  for (Index f = 0; f < features; ++f) {
    const Index offset = (f * samples + first) * width_;
    const unsigned char* values = column.data();
    if (all_.empty())
      read_bytes(begin_ + offset, column.data(), part);
    else
      values = all_.data() + offset;
    for (Index s = 0; s < count; ++s)
      std::memcpy(elements_.data() + (s * features + f) * width_, values + s * width_, width);
  }
}

template <class T>
void NpyArray::convert(Index first, Index count, T* out) {
  if (count == 0 || width_ == 0) return;
  if (by_columns_ && shape_.size() > 1)
    read_columns(first, count);
  else
    read_rows(first, count);
  convert_all(elements_.data(), count * row_elements(), kind_, width_, out);
}

void NpyArray::read(Index first, Index count, double* out) {
  convert(first, count, out);
}
void NpyArray::read(Index first, Index count, long long* out) {
  convert(first, count, out);
}
void NpyArray::read(Index first, Index count, std::string* out) {
  convert(first, count, out);
}

}  // namespace admmnet
