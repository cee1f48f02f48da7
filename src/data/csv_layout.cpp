#include "data/csv_layout.h"

#include <algorithm>
#include <cmath>

#include "data/csv_columns.h"
#include "data/csv_dialect.h"
#include "data/csv_text.h"
#include "runtime/error.h"
#include "runtime/nearest.h"

namespace admmnet {

namespace {

bool names_a_label(std::string name) {
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return name == "label" || name == "class" || name == "target" || name == "y";
}

/// Decides step by step what the columns are; each step builds on those before it.
class Judge {
 public:
  Judge(const std::string& path, CsvOpening opening, const DataOptions& options,
        const TrainedColumns* trained)
      : path_(path), opening_(std::move(opening)), options_(options), trained_(trained) {
    layout_.separator = opening_.separator;
    layout_.trailing = opening_.trailing;
  }

  CsvLayout judge() {
    if (opening_.rows.empty()) return layout_;
    if (layout_.separator != ',')
      note("fields are separated by " + name_of_separator(layout_.separator));
    if (layout_.trailing) note("the separator at the end of every line is left out");
    find_row_names();
    find_label_by_position();
    decide_header();
    find_labels_by_name();
    find_weight_by_name();
    if (layout_.header) read_names();
    settle_weight();
    place_features();
    if (layout_.header)
      compare_names();
    else if (trained_ != nullptr && !trained_->feature_names.empty())
      note("has no header; its columns are taken in the order of training");
    if (trained_ != nullptr && !trained_->labels_needed) layout_.weight_field = -1;  // to predict
    return std::move(layout_);
  }

 private:
  const CsvRow& first() const { return opening_.rows.front(); }
  Index count(const CsvRow& row) const { return static_cast<Index>(row.cells.size()); }
  const std::string& cell(const CsvRow& row, Index field) const {
    return row.cells[static_cast<std::size_t>(field)].text;
  }
  bool number(const std::string& text) const { return is_number(text, layout_.separator); }
  bool missing(const std::string& text) const { return is_missing(text); }
  void note(const std::string& text) { layout_.notes.push_back(path_ + ": " + text); }
  std::string place(Index field) const {
    return path_ + ", line " + std::to_string(first().line) + ", field " +
           std::to_string(field + 1) + ": ";
  }

  bool counts_from(Index field, Index start) const {
    for (std::size_t i = 1; i < opening_.rows.size(); ++i) {
      const CsvRow& row = opening_.rows[i];
      if (field >= count(row) ||
          cell(row, field) != std::to_string(start + static_cast<Index>(i) - 1))
        return false;
    }
    return opening_.rows.size() > 1;
  }
  bool counts(Index field) const { return counts_from(field, 0) || counts_from(field, 1); }

  /// A first column without a name, as pandas and R write the names of the rows.
  void find_row_names() {
    layout_.fields = count(first());
    if (options_.header == Header::no || opening_.rows.size() < 2) return;
    const Index fields = count(opening_.rows[1]);
    const bool shorter = count(first()) + 1 == fields &&
                         std::none_of(first().cells.begin(), first().cells.end(),
                                      [&](const CsvCell& c) { return number(c.text); }) &&
                         (counts(0) || !number(cell(opening_.rows[1], 0)));
    const bool by_first =
        options_.label_column == LabelColumn::first ||
        (options_.label_column == LabelColumn::number && options_.label_column.column == 1);
    const bool unnamed = layout_.fields > 1 && fields == layout_.fields &&
                         (cell(first(), 0).empty() || cell(first(), 0) == "Unnamed: 0") &&
                         !(by_first && !counts(0));
    if (!shorter && !unnamed) return;
    layout_.index_field = 0;
    layout_.header = true;
    header_shift_ = shorter ? 1 : 0;
    layout_.fields = fields;
    note("column 1 has no name: it is taken as the numbers or names of the rows and left out");
  }

  void find_label_by_position() {
    const LabelColumn& wanted = options_.label_column;
    const Index first_field = layout_.index_field + 1, targets = options_.targets;
    if (wanted == LabelColumn::first) take_targets(first_field, targets);
    if (wanted == LabelColumn::last) take_targets(layout_.fields - targets, targets);
    if (wanted == LabelColumn::number) take_column(wanted.column);
    for (const LabelColumn& column : wanted.columns)
      if (column == LabelColumn::number) take_column(column.column);
    const LabelColumn& weight = options_.weight_column;
    if (weight == LabelColumn::number)
      layout_.weight_field = checked_field("-data_weight_column ", weight.column);
  }

  void take_target(Index field) {
    if (layout_.target_fields.empty()) layout_.label_field = field;
    layout_.target_fields.push_back(field);
    if (field == layout_.index_field) layout_.index_field = -1;
  }

  void take_targets(Index first, Index count) {
    if (count >= layout_.fields - layout_.index_field - 1 && count > 1)
      throw BadInput("-data_targets " + std::to_string(count) + ": " + path_ + " has only " +
                     std::to_string(layout_.fields) +
                     " columns, and one of them must be a feature");
    for (Index field = first; field < first + count; ++field) take_target(field);
  }

  /// From a column counted from 1.
  Index checked_field(const char* key, Index column) const {
    if (column > layout_.fields)
      throw BadInput(key + std::to_string(column) + ": " + path_ + " has only " +
                     std::to_string(layout_.fields) + " columns");
    return column - 1;
  }

  void take_column(Index column) { take_target(checked_field("-data_label_column ", column)); }

  bool is_target(Index field) const {
    return std::find(layout_.target_fields.begin(), layout_.target_fields.end(), field) !=
           layout_.target_fields.end();
  }
  bool is_feature(Index field) const {
    return !is_target(field) && field != layout_.index_field && field != layout_.weight_field;
  }

  void decide_header() {
    if (layout_.index_field >= 0 || header_shift_ > 0) return;
    if (options_.header != Header::automatic) {
      layout_.header = options_.header == Header::yes;
      return;
    }
    const bool counting = counts_the_columns();
    layout_.header = counting || holds_no_number() || has_the_wanted_name();
    if (layout_.header)
      note(std::string("the first line is taken as a header") +
           (counting ? " (0, 1, 2, ...); -data_header no makes it a sample" : ""));
  }

  bool has_the_wanted_name() const {
    std::vector<std::string> wanted = wanted_names();
    if (options_.weight_column == LabelColumn::name)
      wanted.push_back(options_.weight_column.name_of_column);
    return std::any_of(first().cells.begin(), first().cells.end(), [&](const CsvCell& c) {
      return std::find(wanted.begin(), wanted.end(), c.text) != wanted.end();
    });
  }

  /// Of the columns that -data_label_column names.
  std::vector<std::string> wanted_names() const {
    const LabelColumn& wanted = options_.label_column;
    std::vector<std::string> names;
    if (wanted == LabelColumn::name) names.push_back(wanted.name_of_column);
    for (const LabelColumn& column : wanted.columns)
      if (column == LabelColumn::name) names.push_back(column.name_of_column);
    return names;
  }

  void find_labels_by_name() {
    for (const std::string& name : wanted_names())
      take_target(field_of_name("-data_label_column " + name + ": ", name));
    std::vector<Index> fields = layout_.target_fields;
    std::sort(fields.begin(), fields.end());
    const auto twice = std::adjacent_find(fields.begin(), fields.end());
    if (twice != fields.end())
      throw BadInput("-data_label_column: names column " + std::to_string(*twice + 1) + " of " +
                     path_ + " twice; name it once");
    if (fields.empty()) return;
    layout_.label_field = fields.front();
    layout_.target_fields = std::move(fields);  // in the order of the file
  }

  /// 0, 1, 2, ...: what pandas writes for columns without names. The label's may have one.
  bool counts_the_columns() const {
    Index features = 0;
    for (Index field = 0; field < count(first()); ++field) {
      if (field == layout_.label_field) continue;
      const Index expected = label_is_text() ? features : field;
      if (cell(first(), field) != std::to_string(expected)) return false;
      ++features;
    }
    if (layout_.label_field < 0) return features > 1;
    const std::string& label = cell(first(), layout_.label_field);
    if (!label_is_text()) return features > 0 && label == std::to_string(layout_.label_field);
    return features > 1 && (names_a_label(label) || other_labels_are_numbers());
  }

  bool label_is_text() const {
    return layout_.label_field >= 0 && !number(cell(first(), layout_.label_field));
  }

  bool other_labels_are_numbers() const {
    for (std::size_t i = 1; i < opening_.rows.size(); ++i) {
      const CsvRow& row = opening_.rows[i];
      if (layout_.label_field >= count(row) || !number(cell(row, layout_.label_field)))
        return false;
    }
    return opening_.rows.size() > 1;
  }

  /// No feature is a number and one is a word. Such a line with a number as its label is neither
  /// header nor sample.
  bool holds_no_number() const {
    Index word = -1;
    for (Index field = 0; field < count(first()); ++field) {
      if (!is_feature(field) || missing(cell(first(), field))) continue;
      if (number(cell(first(), field))) return false;
      if (word < 0) word = field;
    }
    if (word < 0) return false;
    if (layout_.label_field >= 0 && number(cell(first(), layout_.label_field)))
      throw BadInput(place(word) + quoted(cell(first(), word)) +
                     " is not a number, though the label is one; if this line holds names, say "
                     "-data_header yes");
    return true;
  }

  Index field_of_name(const std::string& key, const std::string& name) const {
    if (!layout_.header)
      throw BadInput(key + path_ + " has no header" +
                     (options_.header == Header::no ? "" : "; if it has, say -data_header yes") +
                     "; give the number of the column, from 1");
    std::vector<std::string> names;
    Index found = 0, field = -1;
    for (const CsvCell& c : first().cells) {
      names.push_back(c.text);
      if (c.text != name) continue;
      field = static_cast<Index>(names.size()) - 1 + header_shift_;
      ++found;
    }
    if (found == 1) return field;
    if (found > 1)
      throw BadInput(key + std::to_string(found) + " columns of " + path_ +
                     " have this name; give the number of the column, from 1");
    const std::string nearest = nearest_word(name, names);
    throw BadInput(key + path_ + " has no such column; " +
                   (nearest.empty() ? "it has " + listed(names) : "did you mean " + nearest + "?"));
  }

  /// A file for test or prediction may lack the column.
  void find_weight_by_name() {
    if (!(options_.weight_column == LabelColumn::name)) return;
    const std::string& name = options_.weight_column.name_of_column;
    const auto has_name = [&](const CsvCell& c) { return c.text == name; };
    if (trained_ == nullptr ||
        (layout_.header && std::any_of(first().cells.begin(), first().cells.end(), has_name)))
      layout_.weight_field = field_of_name("-data_weight_column " + name + ": ", name);
  }

  /// The column is nothing else, unless the number that it has in training is that of a feature.
  void settle_weight() {
    if (layout_.weight_field == layout_.index_field) layout_.index_field = -1;
    const bool known = layout_.header && trained_ != nullptr && !trained_->feature_names.empty();
    if (known && layout_.weight_field >= 0) {
      const std::string& name = names_[static_cast<std::size_t>(layout_.weight_field)];
      if (not_among(trained_->feature_names, {name}).empty()) layout_.weight_field = -1;
    }
    if (layout_.weight_field >= 0 && is_target(layout_.weight_field))
      throw BadInput("-data_weight_column: column " + std::to_string(layout_.weight_field + 1) +
                     " of " + path_ +
                     " is that of the labels, too; say with -data_label_column where these stand");
    const bool wanted = !(options_.weight_column == LabelColumn::none);
    if (wanted && layout_.weight_field < 0 && trained_ != nullptr && trained_->labels_needed)
      note("has no column of weights: its samples count alike");
  }

  /// Names of all columns, and with them the label of a file for test or prediction.
  void read_names() {
    names_.assign(static_cast<std::size_t>(header_shift_), "");
    for (const CsvCell& c : first().cells) {
      if (!is_utf8(c.text))
        throw BadInput(place(static_cast<Index>(names_.size())) + "the name " + quoted(c.text) +
                       " is not in UTF-8; write the file anew (iconv -f ISO-8859-1 -t UTF-8)");
      names_.push_back(shortened_name(c.text));
    }
    const bool by_place =
        options_.label_column == LabelColumn::first || options_.label_column == LabelColumn::last;
    if (trained_ != nullptr && !trained_->feature_names.empty() && by_place)
      find_label_by_elimination();
    for (Index field = 0; field < static_cast<Index>(names_.size()); ++field) {
      const std::string& name = names_[static_cast<std::size_t>(field)];
      if (is_feature(field) && names_a_label(name) && trained_ == nullptr)
        note("column " + std::to_string(field + 1) + ", '" + name +
             "', is read as a feature; if it is the label, say -data_label_column " + name);
    }
  }

  /// The label is the one column that training does not know; without such there is none.
  void find_label_by_elimination() {
    std::vector<Index> extra = not_among(trained_->feature_names, names_);
    for (const Index other : {layout_.index_field, layout_.weight_field})
      extra.erase(std::remove(extra.begin(), extra.end(), other), extra.end());
    const auto columns = static_cast<Index>(names_.size()) - layout_.index_field - 1 -
                         (layout_.weight_field >= 0 ? 1 : 0);
    const auto features = static_cast<Index>(trained_->feature_names.size());
    if (extra.empty() && columns == features) {
      if (trained_->labels_needed)
        throw BadInput(path_ + ": has no labels: all its columns are features of training");
      layout_.label_field = -1;
      layout_.target_fields.clear();
      note("has no label column: all its columns are features of training");
    } else if (extra.size() == 1 && extra != layout_.target_fields) {
      layout_.label_field = extra[0];
      layout_.target_fields = extra;
      note("the label is column " + std::to_string(extra[0] + 1) + ", '" +
           names_[static_cast<std::size_t>(extra[0])] + "', which is no feature of training");
    }
  }

  void place_features() {
    layout_.feature_of.assign(static_cast<std::size_t>(layout_.fields), -1);
    for (Index field = 0; field < layout_.fields; ++field)
      if (is_feature(field))
        layout_.feature_of[static_cast<std::size_t>(field)] = layout_.features++;
    if (layout_.features > 0) return;
    throw BadInput(path_ + ", line " + std::to_string(first().line) + ": has " +
                   std::to_string(layout_.fields) + " field, expected " +
                   (layout_.label_field < 0 ? "" : "a label and ") +
                   "at least one value, separated by commas, semicolons or tabs");
  }

  void compare_names() {
    for (Index field = 0; field < layout_.fields; ++field)
      if (is_feature(field))
        layout_.feature_names.push_back(names_[static_cast<std::size_t>(field)]);
    for (const Index field : layout_.target_fields)
      layout_.target_names.push_back(names_[static_cast<std::size_t>(field)]);
    if (trained_ == nullptr || trained_->feature_names.empty()) return;
    if (layout_.feature_names == trained_->feature_names) return;
    const std::vector<Index> places =
        places_among(trained_->feature_names, layout_.feature_names, path_);
    for (Index& place : layout_.feature_of)
      if (place >= 0) place = places[static_cast<std::size_t>(place)];
    layout_.feature_names = trained_->feature_names;
    note("the columns stand in another order than in training; they are put in that of training");
  }

  const std::string& path_;
  CsvOpening opening_;
  const DataOptions& options_;
  const TrainedColumns* trained_;
  CsvLayout layout_;
  Index header_shift_ = 0;          ///< fields in front of the header's first name
  std::vector<std::string> names_;  ///< of all columns
};

}  // namespace

CsvLayout lay_out(CsvRecords& records, const DataOptions& options, const TrainedColumns* trained) {
  CsvOpening opening = examine_opening(records);
  records.set_separator(opening.separator);
  return Judge(records.path(), std::move(opening), options, trained).judge();
}

}  // namespace admmnet
