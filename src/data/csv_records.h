/// The records of a table of text: lines, comments and quoted fields as RFC 4180 has them.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "data/input_file.h"
#include "runtime/types.h"

namespace admmnet {

/// Beyond this a line is no sample: a file without line ends, or a quote that is never closed. With
/// numbers of full precision it holds 2.7 million of them.
constexpr std::size_t kLongestRecord = std::size_t{64} << 20;
constexpr std::size_t kMostFields = std::size_t{1} << 22;

struct CsvField {
  std::string_view text;  ///< without quotes, and without blanks around it
  bool quoted;
  Index line;  ///< where it begins, from 1
};

/// Cuts text into records. A record ends with its line, unless within quotes; "" within quotes is a
/// quote. Blank lines, lines of nothing but separators, and lines that begin with # (but not with a
/// spreadsheet's #N/A and its like) are skipped. Rank-local.
class RecordCutter {
 public:
  RecordCutter(std::string path, char separator, Index first_line = 1)
      : path_(std::move(path)), separator_(separator), next_line_(first_line) {}

  enum class Outcome { record, more, end };
  /// Cuts the next record from the beginning of `text`; `used` is what it and all that was skipped
  /// before it take. more: the text ends within a line and is not the `last` of the file; call
  /// again with more behind text[used]. Throws BadInput, naming the line, for a quote that is not
  /// closed or in the midst of a field, lone carriage returns, and too many fields.
  Outcome cut(std::string_view text, bool last, std::size_t& used);

  /// The last record; valid while the text is.
  const std::vector<CsvField>& fields() const { return fields_; }
  Index line() const { return record_line_; }  ///< where it begins
  Index next_line() const { return next_line_; }

  Index comments() const { return comments_; }
  Index first_comment() const { return first_comment_; }  ///< its line
  Index empty_records() const { return empty_records_; }  ///< of nothing but separators

 private:
  bool cut_quoted(std::string_view text, bool last, std::size_t& used);
  bool cut_quoted_field(std::string_view text, bool last, std::size_t& at, Index& line);
  void cut_plain(std::string_view line);
  void add(std::string_view text, bool was_quoted, Index line);
  bool is_empty_record() const;
  std::string place(Index line) const;

  std::string path_;
  char separator_;
  std::vector<CsvField> fields_;
  std::deque<std::string> unescaped_;  ///< fields that held ""
  Index record_line_ = 0, next_line_;
  Index comments_ = 0, first_comment_ = 0, empty_records_ = 0;
};

/// The records of a file, read in pieces of bounded size. Rank-local. Throws BadInput for what is
/// no table of UTF-8 text: UTF-16, line ends of old Macs, web pages, archives, binary files.
class CsvRecords {
 public:
  explicit CsvRecords(const std::string& path);

  const std::string& path() const { return file_.path(); }

  /// The beginning of the file, from the first record on: what the form of the file is judged by.
  std::string_view head() const { return {buffer_.data() + begin_, end_ - begin_}; }
  bool head_is_all() const { return at_end_; }
  Index head_line() const { return head_line_; }    ///< the line that it begins with
  void lengthen_head(Index line) { refill(line); }  ///< `line`: with which the last record begins
  /// The separator that a first line of spreadsheets names ("sep=;"); 0: none.
  char named_separator() const { return named_separator_; }

  /// Before the first next().
  void set_separator(char separator);
  bool next();  ///< false at the end of the file
  const std::vector<CsvField>& fields() const { return cutter_.fields(); }
  Index line() const { return cutter_.line(); }
  const RecordCutter& cutter() const { return cutter_; }

 private:
  void refill(Index line);
  void skip_prefix();
  InputFile file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool at_end_ = false;
  Index head_line_ = 1;
  char named_separator_ = 0;
  RecordCutter cutter_;
};

}  // namespace admmnet
