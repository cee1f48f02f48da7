#include "data/csv_dialect.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "data/csv_text.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr std::size_t kRows = 32;                      ///< looked at
constexpr std::size_t kCells = 1U << 20;               ///< and no more than about so many cells
constexpr char kCandidates[] = {'\t', ';', '|', ','};  ///< the first one of equals is taken

/// Calls f(cutter) for each of the first records, cut with this separator. When the text does not
/// hold two of them and the file goes on: the line with which the next one begins; else 0.
template <class F>
Index for_each_row(const CsvRecords& records, char separator, F&& f) {
  RecordCutter cutter(records.path(), separator, records.head_line());
  std::string_view text = records.head();
  std::size_t rows = 0, cells = 0;
  while (rows < kRows && (cells < kCells || rows < 2)) {
    std::size_t used = 0;
    const auto outcome = cutter.cut(text, records.head_is_all(), used);
    if (outcome == RecordCutter::Outcome::end) break;
    if (outcome == RecordCutter::Outcome::more) return rows >= 2 ? 0 : cutter.next_line();
    text.remove_prefix(used);
    f(cutter);
    ++rows;
    cells += cutter.fields().size();
  }
  return 0;
}

/// How well a separator goes with the first records.
struct Trial {
  double regularity = 0.0;  ///< share of the records that have the commonest number of fields
  double numbers = 0.0;     ///< share of numbers and missing values among their fields
  std::size_t fields = 0;   ///< the commonest number

  double worth() const { return fields < 2 ? -1.0 : regularity * numbers; }
};

Trial try_separator(const CsvRecords& records, char separator) {
  std::map<std::size_t, std::size_t> sizes;
  std::size_t rows = 0, fields = 0, numbers = 0, first_fields = 0, first_numbers = 0;
  try {
    for_each_row(records, separator, [&](const RecordCutter& cutter) {
      ++sizes[cutter.fields().size()];
      fields += cutter.fields().size();
      for (const CsvField& field : cutter.fields())
        if (is_number(field.text, separator) || is_missing(field.text)) ++numbers;
      if (rows++ > 0) return;
      first_fields = fields;
      first_numbers = numbers;
    });
  } catch (const BadInput&) {
    // With this separator the quotes do not fit; the reading proper says so if it is the right one.
  }
  if (rows == 0) return {};
  const auto commonest = std::max_element(sizes.begin(), sizes.end(),
                                          [](auto& a, auto& b) { return a.second < b.second; });
  if (rows > 1) {  // the first record may be a header
    fields -= first_fields;
    numbers -= first_numbers;
  }
  return {static_cast<double>(commonest->second) / static_cast<double>(rows),
          static_cast<double>(numbers) / static_cast<double>(fields), commonest->first};
}

char choose_separator(const CsvRecords& records) {
  if (records.named_separator() != 0) return records.named_separator();
  char best = ',';
  Trial best_trial;
  for (const char candidate : kCandidates) {
    const Trial trial = try_separator(records, candidate);
    const bool more_fields =
        trial.worth() == 0.0 && best_trial.worth() == 0.0 && trial.fields > best_trial.fields;
    if (trial.worth() <= best_trial.worth() && !more_fields) continue;
    best = candidate;
    best_trial = trial;
  }
  return best;
}

/// True when every record ends with an empty field, but perhaps the header.
bool ends_with_separators(const std::vector<CsvRow>& rows) {
  if (rows.size() < 2) return false;
  const auto open = [](const CsvRow& row) {
    return row.cells.size() > 1 && row.cells.back().text.empty() && !row.cells.back().quoted;
  };
  const std::size_t size = rows[1].cells.size();
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (!open(rows[i]) || rows[i].cells.size() != size) return false;
  return (open(rows[0]) && rows[0].cells.size() == size) || rows[0].cells.size() + 1 == size;
}

}  // namespace

bool is_number(std::string_view field, char separator) {
  double value = 0.0;
  const std::size_t comma = field.find(',');
  if (comma == std::string_view::npos) return parse_number(field, value) && !std::isnan(value);
  // With tabs as well: such a file is refused later, but with a message that says what it holds.
  if (separator == ',' || field.size() > 64) return false;
  std::string with_point(field);
  with_point[comma] = '.';
  return parse_number(with_point, value) && !std::isnan(value);
}

std::string name_of_separator(char separator) {
  switch (separator) {
    case ',':
      return "commas";
    case ';':
      return "semicolons";
    case '\t':
      return "tabs";
    case '|':
      return "bars";
    default:
      return std::string("'") + separator + "'";
  }
}

CsvOpening examine_opening(CsvRecords& records) {
  CsvOpening opening;
  for (;;) {
    opening.separator = choose_separator(records);
    opening.rows.clear();
    const Index cut_off = for_each_row(records, opening.separator, [&](const RecordCutter& cutter) {
      CsvRow row{cutter.line(), {}};
      row.cells.reserve(cutter.fields().size());
      for (const CsvField& field : cutter.fields())
        row.cells.push_back({std::string(field.text), field.quoted});
      opening.rows.push_back(std::move(row));
    });
    if (cut_off == 0) break;
    records.lengthen_head(cut_off);
  }
  opening.trailing = ends_with_separators(opening.rows);
  if (opening.trailing) {
    const std::size_t size = opening.rows[1].cells.size();
    for (CsvRow& row : opening.rows)
      if (row.cells.size() == size) row.cells.pop_back();
  }
  return opening;
}

}  // namespace admmnet
