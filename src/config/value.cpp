#include "config/value.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace admmnet {

namespace {

constexpr double largest_int = 2147483647;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

template <class Integer>
bool read_integer(const std::string& text, const Range& range, Integer& value) {
  const bool has_plus = text.size() > 1 && text[0] == '+' && text[1] != '-';
  const std::string digits = text.substr(has_plus ? 1 : 0);
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  return error == std::errc() && stop == end && range.contains(static_cast<double>(value));
}

}  // namespace

bool is_key(const std::string& token) {
  if (token.empty() || token[0] != '-') return false;
  const std::size_t letter = token.rfind("--", 0) == 0 ? 2 : 1;
  if (letter >= token.size() || !std::isalpha(static_cast<unsigned char>(token[letter]))) {
    return false;
  }
  char* end = nullptr;
  std::strtod(token.c_str(), &end);  // "-inf" and "-nan" are numbers, "-info" is a key
  const auto next = static_cast<unsigned char>(*end);
  return end == token.c_str() || next == '_' || std::isalnum(next);
}

std::vector<std::string> split_list(const std::string& text) {
  std::string inner = trimmed(text);
  if (inner.size() >= 2 && inner.front() == '[' && inner.back() == ']') {
    inner = trimmed(inner.substr(1, inner.size() - 2));
    if (inner.empty()) return {};
  }
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t comma = 0; comma != std::string::npos; begin = comma + 1) {
    comma = inner.find(',', begin);
    parts.push_back(trimmed(inner.substr(begin, comma - begin)));
  }
  return parts;
}

static bool is_true_word(const std::string& word) {
  return word == "true" || word == "yes" || word == "on" || word == "1";
}

bool is_bool_word(const std::string& text) {
  const std::string word = lower_case(text);
  return is_true_word(word) || word == "false" || word == "no" || word == "off" || word == "0";
}

bool is_utf8(const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    if (first < 0x80) continue;
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4) return false;
    std::uint32_t letter = first & (0x3fU >> more);
    for (int k = 0; k < more; ++k) {
      if (i == text.size()) return false;
      const auto next = static_cast<unsigned char>(text[i++]);
      if ((next & 0xc0U) != 0x80) return false;
      letter = letter << 6 | (next & 0x3fU);
    }
    const bool overlong = (more == 2 && letter < 0x800) || (more == 3 && letter < 0x10000);
    if (overlong || letter > 0x10ffff || (letter >= 0xd800 && letter < 0xe000)) return false;
  }
  return true;
}

bool Range::contains(double value) const {
  if (!std::isfinite(value)) return false;
  const bool above_low = low_open ? value > low : value >= low;
  const bool below_high = high_open ? value < high : value <= high;
  return above_low && below_high;
}

std::string Range::describe() const {
  const bool has_low = std::isfinite(low), has_high = std::isfinite(high);
  const std::string low_text = Codec<double>::write(low), high_text = Codec<double>::write(high);
  if (has_low && has_high)
    return std::string(" in ") + (low_open ? '(' : '[') + low_text + ", " + high_text +
           (high_open ? ')' : ']');
  if (has_low) return (low_open ? " > " : " >= ") + low_text;
  if (has_high) return (high_open ? " < " : " <= ") + high_text;
  return "";
}

bool Codec<bool>::read(const std::string& text, const Range&, bool& value) {
  value = is_true_word(lower_case(text));
  return is_bool_word(text);
}

bool Codec<Index>::read(const std::string& text, const Range& range, Index& value) {
  return read_integer(text, range, value);
}

bool Codec<int>::read(const std::string& text, const Range& range, int& value) {
  return read_integer(text, range, value);
}

bool Codec<double>::read(const std::string& text, const Range& range, double& value) {
  // strtod takes more than decimal numbers: hexadecimal, "inf", "nan", leading blanks.
  if (text.find_first_not_of("+-.0123456789eE") != std::string::npos) return false;
  char* end = nullptr;
  value = std::strtod(text.c_str(), &end);
  return end != text.c_str() && *end == '\0' && range.contains(value);
}

std::string Codec<double>::write(double value) {
  char text[32] = "";
  for (int digits = 1; digits <= std::numeric_limits<double>::max_digits10; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value) break;
  }
  // "1e+01" and "1e-07" are shorter than 10 only in digits: prefer the plain form where it is
  // short.
  char plain[32] = "";
  std::snprintf(plain, sizeof plain, "%.17g", value);
  return std::string(plain).size() <= std::string(text).size() ? plain : text;
}

bool Codec<std::string>::read(const std::string& text, const Range&, std::string& value) {
  value = text;
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool Codec<std::vector<std::string>>::read(const std::string& text, const Range& range,
                                           std::vector<std::string>& value) {
  value = split_list(text);
  return std::all_of(value.begin(), value.end(), [&](std::string part) {
    return !part.empty() && Codec<std::string>::read(part, range, part);
  });
}

std::string Codec<std::vector<std::string>>::write(const std::vector<std::string>& value) {
  std::string text;
  for (const std::string& part : value) text += (text.empty() ? "" : ",") + part;
  return text;
}

bool Codec<LabelColumn>::read(const std::string& text, const Range& range, LabelColumn& value) {
  value = {};
  if (from_name(text, value.kind)) return true;
  if (text.empty()) return false;
  if (text.find(',') != std::string::npos) {
    value.kind = LabelColumn::list;
    for (const std::string& part : split_list(text)) {
      value.columns.emplace_back();
      LabelColumn& column = value.columns.back();
      if (!read(part, range, column)) return false;
      if (column.kind != LabelColumn::number && column.kind != LabelColumn::name) return false;
    }
    return true;
  }
  if (text.find_first_not_of("+-0123456789") == std::string::npos) {
    value.kind = LabelColumn::number;
    return Codec<Index>::read(text, at_least(1), value.column);
  }
  value.kind = LabelColumn::name;
  return Codec<std::string>::read(text, range, value.name_of_column);
}

std::string Codec<LabelColumn>::write(const LabelColumn& value) {
  if (value.kind == LabelColumn::number) return std::to_string(value.column);
  if (value.kind == LabelColumn::list) {
    std::string text;
    for (const LabelColumn& column : value.columns)
      text += (text.empty() ? "" : ",") + write(column);
    return text;
  }
  return value.kind == LabelColumn::name ? value.name_of_column : name_of(value.kind);
}

bool Codec<ClassWeights>::read(const std::string& text, const Range&, ClassWeights& value) {
  value = {};
  if (from_name(text, value.kind)) return true;
  value.kind = ClassWeights::list;
  return Codec<std::vector<double>>::read(text, at_least(0), value.values) && !value.values.empty();
}

std::string Codec<ClassWeights>::write(const ClassWeights& value) {
  return value.kind == ClassWeights::list ? Codec<std::vector<double>>::write(value.values)
                                          : name_of(value.kind);
}

bool Codec<Components>::read(const std::string& text, const Range&, Components& value) {
  value = {};
  if (from_name(text, value.kind)) return true;
  value.kind = Components::number;
  if (Codec<Index>::read(text, {1, largest_int}, value.count)) return true;
  value.kind = Components::share;
  return Codec<double>::read(text, {0, 1, true, true}, value.part);
}

std::string Codec<Components>::write(const Components& value) {
  if (value.kind == Components::number) return std::to_string(value.count);
  return value.kind == Components::share ? Codec<double>::write(value.part) : name_of(value.kind);
}

/// The numbers of "12:34:56"; none when a part is not made of 1 to 9 digits.
static std::vector<double> colon_separated(const std::string& text) {
  std::vector<double> numbers;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(':', begin);
    const std::string part = text.substr(begin, end - begin);
    if (part.empty() || part.size() > 9 ||
        part.find_first_not_of("0123456789") != std::string::npos)
      return {};
    numbers.push_back(std::stod(part));
  }
  return numbers;
}

bool DurationCodec::read(const std::string& text, const Range&, std::optional<double>& seconds) {
  seconds.reset();
  if (text == "auto") return true;
  const std::size_t dash = text.find('-');
  std::vector<double> numbers =
      colon_separated(dash == std::string::npos ? text : text.substr(dash + 1));
  if (numbers.empty() || numbers.size() > 3) return false;
  if (numbers.size() > 1 && numbers.back() >= 60.0) return false;
  if (numbers.size() > 2 && numbers[1] >= 60.0) return false;
  double days = 0.0;
  if (dash != std::string::npos) {
    const std::vector<double> before = colon_separated(text.substr(0, dash));
    if (before.size() != 1) return false;
    days = before[0];
    numbers.resize(3, 0.0);  // hours first
  } else if (numbers.size() < 3) {
    numbers.insert(numbers.begin(), 0.0);  // minutes first
    numbers.resize(3, 0.0);
  }
  seconds = 86400.0 * days + 3600.0 * numbers[0] + 60.0 * numbers[1] + numbers[2];
  return *seconds > 0.0;
}

std::string DurationCodec::write(const std::optional<double>& seconds) {
  if (!seconds) return "auto";
  const long long total = std::llround(*seconds);
  char text[32] = "";
  std::snprintf(text, sizeof text, "%02lld:%02lld:%02lld", total / 3600, total / 60 % 60,
                total % 60);
  return text;
}

}  // namespace admmnet
