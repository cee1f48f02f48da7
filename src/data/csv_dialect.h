/// The separator of a table, and its first records, which all else is judged by.
#pragma once

#include <string>
#include <vector>

#include "data/csv_records.h"

namespace admmnet {

struct CsvCell {
  std::string text;
  bool quoted;
};

struct CsvRow {
  Index line;
  std::vector<CsvCell> cells;
};

/// The first records of a file.
struct CsvOpening {
  char separator = ',';
  bool trailing = false;     ///< every line ends with a separator; those cells are left out of rows
  std::vector<CsvRow> rows;  ///< empty: there is no record
};

/// Tries comma, semicolon, tab and bar on the first lines: the one that cuts them into the most
/// regular records of numbers is the separator. Rank-local; lengthens the head of the file until it
/// holds two records.
CsvOpening examine_opening(CsvRecords& records);

/// A number, also one with a decimal comma where the separator allows it; no infinity or NaN.
bool is_number(std::string_view field, char separator);

std::string name_of_separator(char separator);

}  // namespace admmnet
