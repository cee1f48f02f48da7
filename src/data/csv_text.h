/// Fields of a table as text: which are numbers, which say that a value is missing, which label
/// they are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace admmnet {

/// Without blanks, tabs and line ends at both ends.
std::string_view trimmed(std::string_view text);

/// Reads a decimal number (also "inf" and "nan"); what is too large or too small for a double
/// becomes an infinity or zero.
bool parse_number(std::string_view field, double& value);

/// A value that is not there: empty, "?", ".", and what pandas, R and spreadsheets write for it.
bool is_missing(std::string_view field);
/// The same for labels, among which "none" and "null" are names of classes.
bool is_missing_label(std::string_view field);

/// What Excel writes for a failed formula, such as "#DIV/0!"; it begins like a comment.
bool is_spreadsheet_error(std::string_view field);

bool is_utf8(std::string_view text);

/// As it may stand in a message: between quotes, short and printable.
std::string quoted(std::string_view field);

enum class LabelKind { integer, number, text };

/// The label that a field stands for: integers in one spelling ("1.0", "+1" and "1" are "1"),
/// everything else as it is.
LabelKind read_label(std::string_view field, std::string& label);

/// True when every label is an integer in that spelling; `values` are then their values.
bool all_integers(const std::vector<std::string>& labels, std::vector<long long>& values);

}  // namespace admmnet
