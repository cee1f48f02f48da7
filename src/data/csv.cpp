#include "data/csv.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "data/csv_dialect.h"
#include "data/csv_records.h"
#include "data/csv_text.h"
#include "data/dataset.h"
#include "data/target_values.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

/// The samples of a file one by one.
class CsvReader {
 public:
  CsvReader(CsvRecords& records, const CsvLayout& layout, Missing missing)
      : records_(records), layout_(layout), missing_(missing) {
    values_.resize(static_cast<std::size_t>(layout.features));
  }

  /// False at the end of the file.
  bool next() {
    if (!records_.next()) return false;
    if (!started_) {
      started_ = true;
      first_line_ = records_.line();
      if (layout_.header) {
        if (!records_.next()) return false;
      }
    }
    parse();
    return true;
  }

  const std::vector<double>& values() const { return values_; }
  /// In the order of the layout's target_fields; null where there is no column.
  const std::vector<const CsvField*>& targets() const { return targets_; }
  bool left_out() const { return left_out_; }  ///< a value is missing, and so the sample goes
  double weight() const { return weight_; }    ///< where the layout has its column

  std::string place(const CsvField& field) const {
    const Index number = &field - records_.fields().data() + 1;
    return records_.path() + ", line " + std::to_string(field.line) + ", field " +
           std::to_string(number) + ": ";
  }

  /// A number of the kind "1,5", where such are read, as `room`; else the field as it is.
  std::string_view with_decimal_point(std::string_view field, std::string& room) const {
    const std::size_t comma = field.find(',');
    if (comma == std::string_view::npos || !is_number(field, layout_.separator)) return field;
    room = field;
    room[comma] = '.';
    return room;
  }

  void add_notes(std::vector<std::string>& notes) const {
    const RecordCutter& cutter = records_.cutter();
    const auto note = [&](Index count, const char* one, const char* many, Index line) {
      if (count > 0)
        notes.push_back(records_.path() + ": " + std::to_string(count) + (count == 1 ? one : many) +
                        " (the first in line " + std::to_string(line) + ")");
    };
    if (comma_line_ > 0) notes.push_back(records_.path() + ": numbers have decimal commas");
    if (cutter.comments() > 0)
      note(cutter.comments(), " line that begins with # is left out",
           " lines that begin with # are left out", cutter.first_comment());
    if (cutter.empty_records() > 0)
      notes.push_back(records_.path() + ": " + std::to_string(cutter.empty_records()) +
                      " line(s) of nothing but separators are left out");
    note(samples_left_out_, " sample with a missing value is left out",
         " samples with missing values are left out", first_missing_);
    note(values_filled_, " missing value is filled in with the mean of its feature",
         " missing values are filled in with the mean of their feature", first_missing_);
  }

 private:
  void parse() {
    const std::vector<CsvField>& fields = records_.fields();
    check_length(fields);
    left_out_ = false;
    Index filled = 0;
    for (Index i = 0; i < layout_.fields; ++i) {
      const CsvField& field = fields[static_cast<std::size_t>(i)];
      const Index feature = layout_.feature_of[static_cast<std::size_t>(i)];
      if (feature >= 0) {
        const bool missing = read_value(field, values_[static_cast<std::size_t>(feature)]);
        if (missing) ++filled;
      } else if (i == layout_.index_field) {
        check_index(field);
      }
    }
    if (layout_.weight_field >= 0)
      read_weight(fields[static_cast<std::size_t>(layout_.weight_field)]);
    targets_.clear();
    for (const Index i : layout_.target_fields)
      read_label_field(fields[static_cast<std::size_t>(i)]);
    if (filled > 0 && missing_ == Missing::drop) left_out_ = true;
    if (left_out_) {
      ++samples_left_out_;
    } else {
      values_filled_ += filled;
    }
    if ((left_out_ || filled > 0) && first_missing_ == 0) first_missing_ = records_.line();
  }

  void check_length(const std::vector<CsvField>& fields) const {
    const auto size = static_cast<Index>(fields.size());
    if (size == layout_.fields) return;
    const std::string line = records_.path() + ", line " + std::to_string(records_.line()) + ": ";
    if (layout_.trailing && size == layout_.fields + 1) {
      if (fields.back().text.empty()) return;
      throw BadInput(place(fields.back()) + quoted(fields.back().text) +
                     " stands behind the separator with which the other lines end");
    }
    throw BadInput(line + "has " + std::to_string(size) + " fields, but line " +
                   std::to_string(first_line_) + " has " + std::to_string(layout_.fields) +
                   "; a field that holds separators has to stand between quotes");
  }

  /// True when the value is missing; it is then NaN.
  bool read_value(const CsvField& field, double& value) {
    if (read_number(field, value) && std::isfinite(value)) return false;
    if (is_missing(field.text)) {
      if (missing_ == Missing::refuse)
        throw BadInput(place(field) +
                       (field.text.empty() ? "is empty" : quoted(field.text) + " is no value") +
                       "; -data_missing drop leaves such samples out, -data_missing mean fills in "
                       "the mean of the feature");
      value = std::numeric_limits<double>::quiet_NaN();
      return true;
    }
    if (std::isinf(value) && parse_number(field.text, value))
      throw BadInput(place(field) + quoted(field.text) +
                     " is not a finite number; replace it or leave the sample out");
    throw_not_a_number(field);
  }

  [[noreturn]] void throw_not_a_number(const CsvField& field) const {
    const bool comma = field.text.find(',') != std::string_view::npos &&
                       is_number(field.text, ';') && !allows_decimal_comma(layout_.separator);
    std::string remedy =
        "; features are decimal numbers, the column of the labels is that of -data_label_column";
    if (comma)
      remedy = "; decimal commas are read only where semicolons separate the fields: write points";
    else if (!layout_.header && records_.line() == first_line_)
      remedy += "; if this line holds names, say -data_header yes";
    throw BadInput(place(field) + quoted(field.text) + " is not a number" + remedy);
  }

  bool read_number(const CsvField& field, double& value) {
    value = 0.0;
    if (!allows_decimal_comma(layout_.separator)) return parse_number(field.text, value);
    const std::size_t comma = field.text.find(',');
    if (comma == std::string_view::npos) {
      if (point_line_ == 0 && field.text.find('.') != std::string_view::npos)
        point_line_ = field.line;
    } else {
      number_ = std::string(field.text);
      number_[comma] = '.';
      if (!parse_number(number_, value)) return false;
      if (comma_line_ == 0) comma_line_ = field.line;
    }
    if (comma_line_ > 0 && point_line_ > 0)
      throw BadInput(records_.path() + ": line " + std::to_string(comma_line_) +
                     " has a decimal comma, line " + std::to_string(point_line_) +
                     " a decimal point; write all numbers in one way");
    return comma != std::string_view::npos || parse_number(field.text, value);
  }

  void read_label_field(const CsvField& field) {
    const bool missing = field.quoted ? field.text.empty() : is_missing_label(field.text);
    if (!missing) {
      targets_.push_back(&field);
      return;
    }
    if (missing_ != Missing::drop)
      throw BadInput(place(field) + "the label is missing" +
                     (field.text.empty() ? "" : " (" + quoted(field.text) + ")") +
                     "; -data_missing drop leaves such samples out; see also -data_label_column");
    left_out_ = true;
  }

  void read_weight(const CsvField& field) {
    if (read_number(field, weight_) && std::isfinite(weight_) && weight_ >= 0.0) return;
    if (!is_missing(field.text))
      throw BadInput(place(field) + "the weight " + quoted(field.text) +
                     " is not a finite number >= 0; correct it (with 0 the sample does not count), "
                     "or name another column with -data_weight_column");
    if (missing_ != Missing::drop)
      throw BadInput(place(field) +
                     "the weight is missing; -data_missing drop leaves such samples out; see also "
                     "-data_weight_column");
    left_out_ = true;
  }

  /// Whoever forgets a name must not lose a feature.
  void check_index(const CsvField& field) const {
    double value = 0.0;
    if (parse_number(field.text, value) && value != std::floor(value))
      throw BadInput(place(field) + quoted(field.text) +
                     " is no number of a row, but column 1 has no name; give it one in the header");
  }

  CsvRecords& records_;
  const CsvLayout& layout_;
  Missing missing_;
  std::vector<double> values_;
  std::vector<const CsvField*> targets_;
  std::string number_;
  double weight_ = 1.0;
  bool started_ = false, left_out_ = false;
  Index first_line_ = 0, comma_line_ = 0, point_line_ = 0;
  Index samples_left_out_ = 0, values_filled_ = 0, first_missing_ = 0;
};

class CsvSamples : public SampleSource {
 public:
  CsvSamples(const std::string& path, const CsvLayout& layout, Missing missing)
      : path_(path), layout_(layout), records_(path), reader_(records_, layout_, missing) {
    records_.set_separator(layout.separator);
  }

  ValueType value_type() const override { return ValueType::real; }
  bool random_access() const override { return false; }

  void read(Index first, Index count, unsigned char* records) override {
    for (Index i = 0; i < count; ++i) {
      if (!reader_.next())
        throw BadInput(path_ + ": its sample " + std::to_string(first + i + 1) +
                       " is no longer what it was when the program began; leave the file alone");
      const std::size_t bytes = reader_.values().size() * sizeof(double);
      std::memcpy(records + static_cast<std::size_t>(i) * bytes, reader_.values().data(), bytes);
    }
  }

  void expect_end() override {
    if (reader_.next())
      throw BadInput(path_ + ": has grown since the program began; leave the file alone");
  }

 private:
  std::string path_;
  CsvLayout layout_;
  CsvRecords records_;
  CsvReader reader_;
};

}  // namespace

Contents scan_csv(const std::string& path, const DataOptions& options,
                  const TrainedColumns* trained, CsvLayout& layout) {
  CsvRecords records(path);
  Contents contents;
  contents.path = path;
  layout = lay_out(records, options, trained);
  CsvReader reader(records, layout, options.missing);
  const auto count = static_cast<Index>(std::max<std::size_t>(layout.target_fields.size(), 1));
  TargetCollector targets(options.task, count,
                          "say with -data_label_column which column holds the labels", contents);
  std::string with_point;
  while (layout.fields > 0 && reader.next()) {
    ++contents.samples;
    if (layout.weight_field >= 0) contents.weights.push_back(reader.weight());
    if (reader.left_out()) targets.add_left_out();
    if (!reader.left_out() && reader.targets().empty()) targets.add_unlabelled();
    for (const CsvField* target : reader.targets())
      if (!reader.left_out())
        targets.add(reader.with_decimal_point(target->text, with_point),
                    [&] { return reader.place(*target); });
  }
  if (contents.samples == 0)
    throw BadInput(path + ": holds no samples; one line of numbers is one sample");
  targets.finish(!layout.header && options.header == Header::automatic);
  contents.features = layout.features;
  contents.labelled = layout.label_field >= 0;
  contents.feature_names = layout.feature_names;
  contents.target_names = layout.target_names;
  contents.notes = layout.notes;
  reader.add_notes(contents.notes);
  return contents;
}

std::unique_ptr<SampleSource> open_csv(const std::string& path, const CsvLayout& layout,
                                       Missing missing) {
  return std::make_unique<CsvSamples>(path, layout, missing);
}

Index csv_line_of_sample(const std::string& path, const CsvLayout& layout, Missing missing,
                         Index sample) {
  CsvRecords records(path);
  records.set_separator(layout.separator);
  CsvReader reader(records, layout, missing);
  for (Index s = 0; s <= sample && reader.next(); ++s) {
  }
  return records.line();
}

}  // namespace admmnet
