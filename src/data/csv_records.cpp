#include "data/csv_records.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "data/csv_text.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

/// True when the zero bytes lie as those of Latin letters in UTF-16 do.
bool looks_like_utf16(std::string_view head) {
  std::array<std::size_t, 2> zeros{};
  const std::size_t size = std::min<std::size_t>(head.size(), 4096) / 2 * 2;
  for (std::size_t i = 0; i < size; ++i) zeros[i % 2] += head[i] == '\0' ? 1 : 0;
  const std::size_t many = size / 4;
  return size >= 8 && std::max(zeros[0], zeros[1]) >= many &&
         std::min(zeros[0], zeros[1]) < many / 4;
}

struct Kind {
  std::string_view start;
  const char* what;
};

/// What is often given instead of a table.
constexpr std::array<Kind, 8> kKinds{
    {{"PK\x03\x04", "a ZIP archive (workbooks of Excel are such); unpack it, or save it as CSV"},
     {"\x28\xB5\x2F\xFD", "packed with zstd; unpack it, or pack it with gzip"},
     {"\xFD"
      "7zXZ",
      "packed with xz; unpack it, or pack it with gzip"},
     {"BZh", "packed with bzip2; unpack it, or pack it with gzip"},
     {"\x89HDF", "an HDF5 file; write it as CSV"},
     {"PAR1", "a Parquet file; write it as CSV"},
     {"<", "a web page or XML, not a table; fetch the file itself"},
     {"version https://git-lfs", "a pointer of Git LFS; fetch the file itself (git lfs pull)"}}};

/// Throws BadInput for what is no table.
void check_text(const std::string& path, std::string_view head) {
  const bool bom16 = begins_with(head, "\xFF\xFE") || begins_with(head, "\xFE\xFF");
  if (bom16 || looks_like_utf16(head))
    throw BadInput(path + ": is text in UTF-16; write it anew in UTF-8 " +
                   "(iconv -f UTF-16 -t UTF-8 FILE > NEW)");
  for (const Kind& kind : kKinds)
    if (begins_with(head, kind.start)) throw BadInput(path + ": is " + kind.what);
  if (std::memchr(head.data(), '\0', head.size()) != nullptr)
    throw BadInput(path + ": is no text: it holds bytes of zero; is this a CSV file?");
}

[[noreturn]] void throw_old_mac(const std::string& place) {
  throw BadInput(place + "ends with a carriage return alone, as on old Macs; write the file anew " +
                 "(tr '\\r' '\\n' < FILE > NEW, or dos2unix -c mac FILE)");
}

}  // namespace

// ---- RecordCutter ----

std::string RecordCutter::place(Index line) const {
  return path_ + ", line " + std::to_string(line) + ": ";
}

void RecordCutter::add(std::string_view text, bool was_quoted, Index line) {
  if (fields_.size() == kMostFields)
    throw BadInput(place(line) + "has more than " + std::to_string(kMostFields) +
                   " fields; is this a table with a sample in each line?");
  fields_.push_back({trimmed(text), was_quoted, line});
}

bool RecordCutter::is_empty_record() const {
  return std::all_of(fields_.begin(), fields_.end(),
                     [](const CsvField& field) { return field.text.empty() && !field.quoted; });
}

RecordCutter::Outcome RecordCutter::cut(std::string_view text, bool last, std::size_t& used) {
  used = 0;
  for (;;) {
    const std::string_view rest = text.substr(used);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos && !last) return Outcome::more;
    if (rest.empty()) return Outcome::end;
    const std::string_view line = rest.substr(0, end);
    const std::string_view content = trimmed(line);
    std::size_t length = end == std::string_view::npos ? rest.size() : end + 1;
    const bool comment = !content.empty() && content[0] == '#' &&
                         !is_spreadsheet_error(content.substr(0, content.find(separator_)));
    if (content.empty() || comment) {
      if (comment && ++comments_ == 1) first_comment_ = next_line_;
      ++next_line_;
      used += length;
      continue;
    }
    fields_.clear();
    record_line_ = next_line_;
    if (line.find('"') == std::string_view::npos) {
      cut_plain(line);
      ++next_line_;
    } else if (!cut_quoted(rest, last, length)) {
      return Outcome::more;
    }
    used += length;
    if (!is_empty_record()) return Outcome::record;
    ++empty_records_;
  }
}

void RecordCutter::cut_plain(std::string_view line) {
  line = line.substr(0, line.find_last_not_of('\r') + 1);
  if (line.find('\r') != std::string_view::npos) throw_old_mac(place(next_line_));
  for (;;) {
    const std::size_t end = line.find(separator_);
    add(line.substr(0, end), false, next_line_);
    if (end == std::string_view::npos) return;
    line.remove_prefix(end + 1);
  }
}

/// False: more text is needed. Otherwise `used` is the length of the record.
bool RecordCutter::cut_quoted(std::string_view text, bool last, std::size_t& used) {
  unescaped_.clear();
  Index line = next_line_;
  for (std::size_t at = 0;;) {
    std::size_t begin = at;
    while (begin < text.size() && text[begin] != separator_ &&
           (text[begin] == ' ' || text[begin] == '\t'))
      ++begin;
    if (begin < text.size() && text[begin] == '"') {
      at = begin + 1;
      if (!cut_quoted_field(text, last, at, line)) return false;
    } else {
      const char stops[] = {separator_, '\n', '\0'};
      const std::size_t end = std::min(text.find_first_of(stops, at, 2), text.size());
      if (end == text.size() && !last) return false;
      std::string_view field = text.substr(at, end - at);
      const bool ends_line = end == text.size() || text[end] == '\n';
      if (ends_line) field = field.substr(0, field.find_last_not_of('\r') + 1);
      if (field.find('\r') != std::string_view::npos) throw_old_mac(place(line));
      add(field, false, line);
      at = end;
    }
    if (at == text.size() || text[at] == '\n') {
      used = std::min(at + 1, text.size());
      next_line_ = line + 1;
      return true;
    }
    ++at;  // the separator
  }
}

/// From behind the opening quote to the separator or line end behind the closing one.
bool RecordCutter::cut_quoted_field(std::string_view text, bool last, std::size_t& at,
                                    Index& line) {
  const Index first_line = line;
  const std::size_t begin = at;
  std::string* copy = nullptr;
  std::size_t piece = begin;
  for (;;) {
    const std::size_t quote = text.find('"', at);
    const bool closed = quote != std::string_view::npos && (quote + 1 < text.size() || last);
    if (!closed && !last) return false;
    if (!closed)
      throw BadInput(place(first_line) + "field " + std::to_string(fields_.size() + 1) +
                     " opens a quote that is never closed");
    at = quote + 1;
    if (at == text.size() || text[at] != '"') break;
    if (copy == nullptr) copy = &unescaped_.emplace_back();
    copy->append(text.substr(piece, at - piece));
    piece = ++at;
  }
  std::string_view field = text.substr(piece, at - 1 - piece);
  line += std::count(text.begin() + static_cast<std::ptrdiff_t>(begin),
                     text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  if (copy != nullptr) {
    copy->append(field);
    field = *copy;
  }
  add(field, true, first_line);
  while (at < text.size() && text[at] != separator_ &&
         (text[at] == ' ' || text[at] == '\t' || text[at] == '\r'))
    ++at;
  if (at == text.size()) return last;
  if (text[at] != separator_ && text[at] != '\n')
    throw BadInput(place(line) + "field " + std::to_string(fields_.size()) +
                   " goes on behind its closing quote; a quote within quotes is written twice");
  return true;
}

// ---- CsvRecords ----

CsvRecords::CsvRecords(const std::string& path) : file_(path), buffer_(kChunk), cutter_(path, ',') {
  refill(1);
  check_text(path, head());
  skip_prefix();
  const std::string_view text = head();
  if (text.find('\n') == std::string_view::npos &&
      trimmed(text).find('\r') != std::string_view::npos)
    throw_old_mac(path + ": each line ");
}

/// A byte-order mark, and the line in which spreadsheets name the separator.
void CsvRecords::skip_prefix() {
  if (begins_with(head(), "\xEF\xBB\xBF")) begin_ += 3;
  const std::string_view line = head().substr(0, head().find('\n'));
  std::string_view text = trimmed(line);
  if (line.size() == head().size()) return;
  if (!line.empty() && line.back() == '\t') text = {text.data(), text.size() + 1};  // sep=<tab>
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  if (text.size() != 5 || !begins_with(text, "sep=")) return;
  named_separator_ = text[4];
  begin_ += line.size() + 1;
  head_line_ = 2;
}

void CsvRecords::set_separator(char separator) {
  cutter_ = RecordCutter(path(), separator, head_line_);
}

/// `line`: where the record begins that is to be completed.
void CsvRecords::refill(Index line) {
  if (end_ - begin_ >= kLongestRecord)
    throw BadInput(
        path() + ", line " + std::to_string(line) + ": is longer than " +
        std::to_string(kLongestRecord >> 20) +
        " MiB; is this a text file with a sample in each line, and is each quote closed?");
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  end_ -= begin_;
  begin_ = 0;
  if (end_ == buffer_.size()) buffer_.resize(std::min(2 * buffer_.size(), kLongestRecord));
  const std::size_t got = file_.read(buffer_.data() + end_, buffer_.size() - end_);
  at_end_ = got < buffer_.size() - end_;
  end_ += got;
}

bool CsvRecords::next() {
  for (;;) {
    std::size_t used = 0;
    const RecordCutter::Outcome outcome = cutter_.cut(head(), at_end_, used);
    begin_ += used;
    if (outcome != RecordCutter::Outcome::more) return outcome == RecordCutter::Outcome::record;
    refill(cutter_.next_line());
  }
}

}  // namespace admmnet
