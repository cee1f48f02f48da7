#include "data/csv_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace admmnet {

namespace {

constexpr std::array<std::string_view, 7> kSpreadsheetErrors{"#DIV/0!", "#N/A",  "#NAME?", "#NULL!",
                                                             "#NUM!",   "#REF!", "#VALUE!"};
constexpr std::array<std::string_view, 9> kNotAvailable{"na",   "n/a", "#n/a", "#n/a n/a", "#na",
                                                        "<na>", "nan", "-nan", "?"};
constexpr std::array<std::string_view, 7> kNothing{"null",    "none",    ".",       "1.#ind",
                                                   "-1.#ind", "1.#qnan", "-1.#qnan"};

template <std::size_t n>
bool is_among(const std::array<std::string_view, n>& words, std::string_view field) {
  constexpr std::size_t longest = 9;
  if (field.size() > longest) return false;
  std::string lower(field);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::find(words.begin(), words.end(), lower) != words.end();
}

bool parse_integer(std::string_view field, long long& value) {
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), value);
  return status == std::errc() && end == field.data() + field.size();
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool parse_number(std::string_view field, double& value) {
  if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (status == std::errc::result_out_of_range)  // strtod tells an infinity from a zero
    value = std::strtod(std::string(field).c_str(), nullptr);
  return status != std::errc::invalid_argument && end == field.data() + field.size();
}

bool is_missing(std::string_view field) {
  return is_missing_label(field) || is_among(kNothing, field);
}

bool is_missing_label(std::string_view field) {
  return field.empty() || is_among(kNotAvailable, field);
}

bool is_spreadsheet_error(std::string_view field) {
  return std::find(kSpreadsheetErrors.begin(), kSpreadsheetErrors.end(), field) !=
         kSpreadsheetErrors.end();
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xC2 && lead < 0xE0 ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                     (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    if (bad) return false;  // overlong, a surrogate, or beyond the last character
    i += length;
  }
  return true;
}

std::string quoted(std::string_view field) {
  constexpr std::size_t longest = 24;
  std::string text(field.substr(0, longest));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 32 || c > 126; }, '?');
  return "'" + text + (field.size() > longest ? "...'" : "'");
}

LabelKind read_label(std::string_view field, std::string& label) {
  label = std::string(field);
  double value = 0.0;
  if (!parse_number(field, value) || std::isnan(value)) return LabelKind::text;
  if (field[0] == '+') field.remove_prefix(1);
  long long integer = 0;
  constexpr double exact = 9007199254740992.0;  // 2^53
  if (!parse_integer(field, integer)) {
    if (value != std::floor(value) || std::abs(value) > exact) return LabelKind::number;
    integer = static_cast<long long>(value);
  }
  label = std::to_string(integer);
  return LabelKind::integer;
}

bool all_integers(const std::vector<std::string>& labels, std::vector<long long>& values) {
  values.clear();
  for (const std::string& label : labels) {
    long long value = 0;
    if (!parse_integer(label, value) || std::to_string(value) != label) return false;
    values.push_back(value);
  }
  return true;
}

}  // namespace admmnet
