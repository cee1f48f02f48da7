#include "checkpoint/text_codec.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "runtime/element_hash.h"

namespace admmnet {

SmallDataSet encode_texts(const std::string& name, const std::vector<std::string>& texts) {
  std::size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  SmallDataSet result;
  DataSet& header = result.header;
  header.name = name;
  header.shape = {static_cast<Index>(texts.size())};
  header.type = ElementType::text;
  header.width = static_cast<Index>((longest + 7) / 8);
  result.words.assign(static_cast<std::size_t>(header.words()), 0);
  for (std::size_t i = 0; i < texts.size(); ++i)
    std::memcpy(result.words.data() + i * static_cast<std::size_t>(header.width), texts[i].data(),
                texts[i].size());
  header.checksum = checksum(0, result.words.data(), header.words());
  return result;
}

std::vector<std::string> decode_texts(const DataSet& data_set,
                                      const std::vector<std::uint64_t>& words) {
  const auto size = static_cast<std::size_t>(8 * data_set.width);
  std::string bytes(8 * words.size(), '\0');
  if (!words.empty()) std::memcpy(bytes.data(), words.data(), bytes.size());
  std::vector<std::string> texts;
  for (std::size_t at = 0; at + size <= bytes.size(); at += size) {
    const std::string element = bytes.substr(at, size);
    texts.push_back(element.substr(0, element.find('\0')));
  }
  return texts;
}

bool labels_as_integers(const std::vector<std::string>& labels, std::vector<Index>& numbers) {
  numbers.clear();
  for (const std::string& label : labels) {
    Index number = 0;
    const auto status = std::from_chars(label.data(), label.data() + label.size(), number).ec;
    if (status != std::errc() || std::to_string(number) != label) return false;
    numbers.push_back(number);
  }
  return true;
}

}  // namespace admmnet
