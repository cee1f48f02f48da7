#include "data/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>

#include "data/input_file.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;
/// A line beyond this is no line of numbers: most likely a binary file was named.
constexpr std::size_t kLongestLine = std::size_t{1} << 30;

/// The lines of a file, without their ends.
class LineReader {
 public:
  explicit LineReader(const std::string& path) : file_(path), chunk_(kChunk) {}

  const std::string& path() const { return file_.path(); }
  Index number() const { return number_; }  ///< of the last line, from 1

  bool next(std::string& line) {
    line.clear();
    bool any = false;
    while (begin_ < end_ || refill()) {
      any = true;
      const char* from = chunk_.data() + begin_;
      const auto* stop = static_cast<const char*>(std::memchr(from, '\n', end_ - begin_));
      const std::size_t length =
          stop != nullptr ? static_cast<std::size_t>(stop - from) : end_ - begin_;
      line.append(from, length);
      begin_ += length + (stop != nullptr ? 1 : 0);
      if (line.size() > kLongestLine)
        throw BadInput(path() + ", line " + std::to_string(number_ + 1) +
                       ": is longer than 1 GiB; is this a text file?");
      if (stop != nullptr) break;
    }
    if (any) ++number_;
    return any;
  }

 private:
  bool refill() {
    begin_ = 0;
    end_ = file_.read(chunk_.data(), chunk_.size());
    return end_ > 0;
  }
  InputFile file_;
  std::vector<char> chunk_;
  std::size_t begin_ = 0, end_ = 0;
  Index number_ = 0;
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
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

/// A field as it may stand in a message: short and printable.
std::string quoted(std::string_view field) {
  constexpr std::size_t longest = 24;
  std::string text(field.substr(0, longest));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 32 || c > 126; }, '?');
  return "'" + text + (field.size() > longest ? "...'" : "'");
}

/// Samples of a CSV file one by one.
class CsvReader {
 public:
  CsvReader(const std::string& path, LabelColumn label_column)
      : lines_(path), label_column_(label_column) {}

  /// Values of the next sample without its label; false at the end of the file.
  bool next(std::vector<double>& values, int& label) {
    if (!next_line()) return false;
    if (!started_) {
      started_ = true;
      fields_expected_ = count_fields();
      first_line_ = lines_.number();
      header_ = looks_like_header();
      if (header_ && !next_line()) return false;
    }
    parse(values, label);
    return true;
  }

  bool header() const { return header_; }
  Index line() const { return lines_.number(); }

 private:
  bool next_line() {
    while (lines_.next(line_)) {
      if (lines_.number() == 1 && line_.compare(0, 3, "\xEF\xBB\xBF") == 0) line_.erase(0, 3);
      if (!trimmed(line_).empty()) return true;
    }
    return false;
  }

  Index count_fields() const { return 1 + std::count(line_.begin(), line_.end(), ','); }

  template <class F>
  void for_each_field(F&& f) const {
    std::string_view rest = line_;
    for (Index field = 1;; ++field) {
      const std::size_t comma = rest.find(',');
      f(field, trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) return;
      rest.remove_prefix(comma + 1);
    }
  }

  bool looks_like_header() const {
    bool found = false;
    for_each_field([&](Index, std::string_view field) {
      double ignored = 0.0;
      found = found || (!field.empty() && !parse_number(field, ignored));
    });
    return found;
  }

  std::string place(Index field) const {
    return lines_.path() + ", line " + std::to_string(lines_.number()) + ", field " +
           std::to_string(field) + ": ";
  }

  double finite_number(Index field, std::string_view text) const {
    double value = 0.0;
    if (text.empty()) throw BadInput(place(field) + "is empty; fill in the missing value");
    if (!parse_number(text, value))
      throw BadInput(place(field) + quoted(text) + " is not a number; " +
                     "fields are decimal numbers separated by commas");
    if (!std::isfinite(value))
      throw BadInput(place(field) + quoted(text) +
                     " is not a finite number; replace it or leave the sample out");
    return value;
  }

  int integer_label(Index field, std::string_view text) const {
    const double value = finite_number(field, text);
    if (value != std::floor(value) || std::abs(value) > std::numeric_limits<int>::max())
      throw BadInput(place(field) + "the label " + quoted(text) +
                     " is not an integer; check -data_label_column and number the classes");
    return static_cast<int>(value);
  }

  void parse(std::vector<double>& values, int& label) const {
    const Index fields = count_fields();
    if (fields != fields_expected_)
      throw BadInput(lines_.path() + ", line " + std::to_string(lines_.number()) + ": has " +
                     std::to_string(fields) + " fields, but line " + std::to_string(first_line_) +
                     " has " + std::to_string(fields_expected_));
    if (fields < (label_column_ == LabelColumn::none ? 1 : 2))
      throw BadInput(lines_.path() + ", line " + std::to_string(lines_.number()) +
                     ": has 1 field, expected a label and at least one value, separated by commas");
    const Index label_field = label_column_ == LabelColumn::first  ? 1
                              : label_column_ == LabelColumn::last ? fields
                                                                   : 0;
    values.clear();
    for_each_field([&](Index field, std::string_view text) {
      if (field == label_field) {
        label = integer_label(field, text);
      } else {
        values.push_back(finite_number(field, text));
      }
    });
  }

  LineReader lines_;
  LabelColumn label_column_;
  std::string line_;
  Index fields_expected_ = 0, first_line_ = 0;
  bool started_ = false, header_ = false;
};

class CsvSamples : public SampleSource {
 public:
  CsvSamples(const std::string& path, LabelColumn label_column, Index features)
      : path_(path), features_(static_cast<std::size_t>(features)), reader_(path, label_column) {}

  ValueType value_type() const override { return ValueType::real; }
  bool random_access() const override { return false; }

  void read(Index first, Index count, unsigned char* records) override {
    for (Index i = 0; i < count; ++i) {
      if (!reader_.next(values_, label_) || values_.size() != features_)
        throw BadInput(path_ + ": its sample " + std::to_string(first + i + 1) +
                       " is no longer what it was when the program began; leave the file alone");
      const std::size_t bytes = features_ * sizeof(double);
      std::memcpy(records + static_cast<std::size_t>(i) * bytes, values_.data(), bytes);
    }
  }

  void expect_end() override {
    if (reader_.next(values_, label_))
      throw BadInput(path_ + ": has grown since the program began; leave the file alone");
  }

 private:
  std::string path_;
  std::size_t features_;
  CsvReader reader_;
  std::vector<double> values_;
  int label_ = 0;
};

}  // namespace

CsvShape scan_csv(const std::string& path, LabelColumn label_column) {
  CsvReader reader(path, label_column);
  CsvShape shape;
  std::vector<double> values;
  int label = 0;
  while (reader.next(values, label)) {
    ++shape.samples;
    if (label_column != LabelColumn::none) shape.labels.push_back(label);
  }
  if (shape.samples == 0)
    throw BadInput(path + ": holds no samples; one line of numbers is one sample");
  shape.features = static_cast<Index>(values.size());
  shape.header = reader.header();
  return shape;
}

std::unique_ptr<SampleSource> open_csv(const std::string& path, LabelColumn label_column,
                                       Index features) {
  return std::make_unique<CsvSamples>(path, label_column, features);
}

Index csv_line_of_sample(const std::string& path, LabelColumn label_column, Index sample) {
  CsvReader reader(path, label_column);
  std::vector<double> values;
  int label = 0;
  for (Index s = 0; s <= sample; ++s)
    if (!reader.next(values, label)) break;
  return reader.line();
}

}  // namespace admmnet
