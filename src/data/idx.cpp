#include "data/idx.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>

#include "runtime/error.h"

namespace admmnet {

namespace {

enum class Content { images, labels };

constexpr int kMostDimensions = 8;

/// No deflate stream unpacks to more than 1032 times its size (zlib's documentation).
constexpr Index kMostInflation = 1032;

std::string name_of_type(int code) {
  switch (code) {
    case 0x08:
      return "unsigned bytes";
    case 0x09:
      return "signed bytes";
    case 0x0b:
      return "16-bit integers";
    case 0x0c:
      return "32-bit integers";
    case 0x0d:
      return "32-bit floats";
    case 0x0e:
      return "64-bit floats";
    default:
      return {};
  }
}

[[noreturn]] void throw_truncated(const std::string& path, Index promised, Index found) {
  throw BadInput(path + ": is truncated: its header promises " + std::to_string(promised) +
                 " bytes, it has " + std::to_string(found) + "; fetch it again");
}

/// Checks the four bytes that every IDX file begins with; returns the number of dimensions.
int check_magic(const std::string& path, const std::array<unsigned char, 4>& magic,
                Content content) {
  char hex[11] = {};
  std::snprintf(hex, sizeof hex, "0x%02x%02x%02x%02x", magic[0], magic[1], magic[2], magic[3]);
  const std::string type = name_of_type(magic[2]);
  const int dimensions = magic[3];
  if (magic[0] != 0 || magic[1] != 0 || type.empty() || dimensions < 1 ||
      dimensions > kMostDimensions)
    throw BadInput(path + ": is not an IDX file: it begins with " + hex + ", expected " +
                   (content == Content::images ? "0x00000803 (images)" : "0x00000801 (labels)"));
  if (magic[2] != 0x08)
    throw BadInput(path + ": holds " + type + " (magic number " + hex +
                   "); only IDX files of unsigned bytes can be read: convert it, or use CSV");
  if ((content == Content::labels) != (dimensions == 1))
    throw BadInput(path + ": has " + std::to_string(dimensions) +
                   " dimension(s), so it does not hold " +
                   (content == Content::images ? "images" : "labels") +
                   "; were the files of images and labels exchanged?");
  return dimensions;
}

/// Bytes of the values that the header promises; refuses what overflows.
Index promised_bytes(const std::string& path, const std::vector<Index>& sizes) {
  Index product = 1;
  for (const Index size : sizes) {
    if (size > 0 && product > std::numeric_limits<Index>::max() / 4 / size)
      throw BadInput(path + ": its header promises more than 2^61 bytes; the file is damaged");
    product *= size;
  }
  return product;
}

std::vector<Index> read_sizes(InputFile& file, Content content) {
  std::array<unsigned char, 4> word = {};
  std::size_t got = file.read(word.data(), word.size());
  if (got < word.size())
    throw BadInput(file.path() + ": has only " + std::to_string(got) +
                   " bytes; an IDX file begins with a header of at least 8");
  const int dimensions = check_magic(file.path(), word, content);
  std::vector<Index> sizes;
  for (int d = 0; d < dimensions; ++d) {
    got = file.read(word.data(), word.size());
    if (got < word.size())
      throw BadInput(file.path() + ": is truncated within its header; fetch it again");
    sizes.push_back(static_cast<Index>(std::uint32_t{word[0]} << 24 | std::uint32_t{word[1]} << 16 |
                                       std::uint32_t{word[2]} << 8 | std::uint32_t{word[3]}));
  }
  return sizes;
}

/// Reads the header and holds it against the size of the file, before anything is allocated.
IdxShape read_header(InputFile& file, Content content) {
  IdxShape shape{read_sizes(file, content)};
  const std::string& path = file.path();
  if (shape.samples() == 0)
    throw BadInput(path + ": holds 0 " + (content == Content::images ? "images" : "labels"));
  const Index header = 4 + 4 * static_cast<Index>(shape.sizes.size());
  const Index values = promised_bytes(path, shape.sizes);
  if (values == 0) throw BadInput(path + ": holds images of 0 pixels; the file is damaged");
  const Index size = file.size_on_disk();
  if (file.compressed()) {
    if (values / kMostInflation > size)
      throw BadInput(path + ": its header promises " + std::to_string(values) +
                     " bytes, more than a gzip file of " + std::to_string(size) +
                     " bytes can hold; the file is damaged");
  } else if (size < header + values) {
    throw_truncated(path, header + values, size);
  } else if (size > header + values) {
    throw BadInput(path + ": goes on for " + std::to_string(size - header - values) +
                   " bytes after its last item; the file is damaged or its header wrong");
  }
  return shape;
}

void expect_end_of(InputFile& file) {
  char beyond = 0;
  if (file.read(&beyond, 1) != 0)
    throw BadInput(file.path() +
                   ": goes on after its last item; the file is damaged or its header " + "wrong");
}

class IdxImages : public SampleSource {
 public:
  explicit IdxImages(const std::string& path)
      : file_(path), shape_(read_header(file_, Content::images)) {}

  ValueType value_type() const override { return ValueType::byte; }
  bool random_access() const override { return !file_.compressed(); }
  const IdxShape& shape() const { return shape_; }

  void read(Index first, Index count, unsigned char* records) override {
    const Index header = 4 + 4 * static_cast<Index>(shape_.sizes.size());
    const Index begin = header + first * shape_.features();
    const auto bytes = static_cast<std::size_t>(count * shape_.features());
    const std::size_t got =
        file_.compressed() ? file_.read(records, bytes) : file_.read_at(begin, records, bytes);
    if (got < bytes)
      throw_truncated(file_.path(), header + shape_.samples() * shape_.features(),
                      begin + static_cast<Index>(got));
  }

  void expect_end() override { expect_end_of(file_); }

 private:
  InputFile file_;
  IdxShape shape_;
};

}  // namespace

Index IdxShape::features() const {
  Index product = 1;
  for (std::size_t d = 1; d < sizes.size(); ++d) product *= sizes[d];
  return product;
}

IdxShape probe_idx_images(const std::string& path) {
  InputFile file(path);
  return read_header(file, Content::images);
}

std::vector<int> read_idx_labels(const std::string& path) {
  InputFile file(path);
  const Index count = read_header(file, Content::labels).samples();
  std::vector<unsigned char> bytes(static_cast<std::size_t>(count));
  const std::size_t got = file.read(bytes.data(), bytes.size());
  if (got < bytes.size()) throw_truncated(path, 8 + count, 8 + static_cast<Index>(got));
  expect_end_of(file);
  return {bytes.begin(), bytes.end()};
}

std::unique_ptr<SampleSource> open_idx_images(const std::string& path, Index samples,
                                              Index features) {
  auto images = std::make_unique<IdxImages>(path);
  if (images->shape().samples() != samples || images->shape().features() != features)
    throw BadInput(path + ": has changed since the program began; leave the file alone");
  return images;
}

}  // namespace admmnet
