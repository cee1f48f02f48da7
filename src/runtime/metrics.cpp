#include "runtime/metrics.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>

#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

struct Column {
  const char* name;
  double IterationRecord::*member;
};

/// The columns after the first, `iteration`.
constexpr Column columns[] = {
    {"objective", &IterationRecord::objective},
    {"primal_residual", &IterationRecord::primal_residual},
    {"train_loss", &IterationRecord::train_loss},
    {"train_accuracy", &IterationRecord::train_accuracy},
    {"validation_accuracy", &IterationRecord::validation_accuracy},
    {"seconds", &IterationRecord::seconds},
    {"elapsed", &IterationRecord::elapsed},
};

std::string head() {
  std::string text = "iteration";
  for (const Column& column : columns) text += std::string(",") + column.name;
  return text;
}

std::string row(const IterationRecord& record) {
  std::string text = std::to_string(record.iteration);
  for (const Column& column : columns) {
    const double value = record.*column.member;
    char cell[32] = "";
    if (!std::isnan(value)) std::snprintf(cell, sizeof cell, "%.17g", value);
    text += std::string(",") + cell;
  }
  return text;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  for (char letter : line) {
    if (letter == ',') {
      cells.emplace_back();
    } else if (letter != '\r') {
      cells.back() += letter;
    }
  }
  return cells;
}

/// The record of one line under this head; nothing when a cell is missing or is no number.
std::optional<IterationRecord> parse(const std::string& line,
                                     const std::vector<std::string>& names) {
  const std::vector<std::string> cells = cells_of(line);
  if (cells.size() != names.size()) return std::nullopt;
  IterationRecord record;
  char* end = nullptr;
  record.iteration = std::strtoll(cells[0].c_str(), &end, 10);
  if (cells[0].empty() || *end != '\0') return std::nullopt;
  for (std::size_t i = 1; i < cells.size(); ++i) {
    if (cells[i].empty()) continue;
    const double value = std::strtod(cells[i].c_str(), &end);
    if (*end != '\0') return std::nullopt;
    for (const Column& column : columns)
      if (names[i] == column.name) record.*column.member = value;
  }
  return record;
}

}  // namespace

std::vector<IterationRecord> read_metrics(const std::string& path) {
  constexpr std::size_t largest = std::size_t{1} << 30;  // some million iterations
  const std::string text = read_text(path, largest);
  std::istringstream lines(
      text.substr(0, text.rfind('\n') + 1));  // a last line without end is incomplete
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> names = cells_of(line);
  if (!text.empty() && names[0] != "iteration")
    throw IoFailure(path +
                    " is not a metrics file of this program: its first line does not begin with "
                    "\"iteration\"; move it away or choose another -run_name");
  std::map<Index, IterationRecord> rows;
  while (std::getline(lines, line))
    if (const auto record = parse(line, names)) rows[record->iteration] = *record;
  std::vector<IterationRecord> result;
  result.reserve(rows.size());
  for (const auto& entry : rows) result.push_back(entry.second);
  return result;
}

MetricsFile::MetricsFile(MPI_Comm comm, const std::string& path,
                         const std::vector<IterationRecord>& history) {
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    std::string text = head() + "\n";
    for (const IterationRecord& record : history) text += row(record) + "\n";
    write_text_atomically(path, text);
    file_ = LineWriter(path, LineWriter::Mode::append);
  });
}

MetricsFile MetricsFile::continued(MPI_Comm comm, const std::string& path, Index last) {
  std::vector<IterationRecord> kept;
  collectively(comm, [&] {
    if (rank_of(comm) != 0 || !file_exists(path)) return;
    for (const IterationRecord& record : read_metrics(path))
      if (record.iteration <= last) kept.push_back(record);
  });
  return {comm, path, kept};
}

void MetricsFile::add(const IterationRecord& record) {
  file_.write(row(record));
}

}  // namespace admmnet
