#include "runtime/rows_file.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "runtime/communicator.h"

namespace admmnet {

std::string csv_row(const std::vector<double>& values) {
  std::string text;
  for (const double& value : values) {
    char cell[32] = "";
    if (!std::isnan(value)) std::snprintf(cell, sizeof cell, "%.17g", value);
    text += (&value == values.data() ? "" : ",") + std::string(cell);
  }
  return text;
}

/// Lines of the file that are whole and not beyond the position.
static std::string rows_up_to(double position, const std::string& path, const std::string& head) {
  constexpr std::size_t largest = std::size_t{1} << 30;
  if (position <= 0.0 || !file_exists(path)) return "";
  std::string text = read_text(path, largest);
  text.resize(text.rfind('\n') + 1);  // a killed run may have left a part of a line
  std::istringstream lines(text);
  std::string line, kept;
  if (!std::getline(lines, line) || line != head) return "";
  while (std::getline(lines, line)) {
    char* end = nullptr;
    const double pass = std::strtod(line.c_str(), &end);
    const bool whole =
        end != line.c_str() && *end == ',' &&
        std::count(line.begin(), line.end(), ',') == std::count(head.begin(), head.end(), ',');
    if (whole && std::islessequal(pass, position)) kept += line + "\n";
  }
  return kept;
}

RowsFile RowsFile::continued(MPI_Comm comm, const std::string& path, const std::string& head,
                             double position, bool on) {
  bool there = false;
  collectively(comm, [&] { there = rank_of(comm) == 0 && file_exists(path); });
  if (!on && max_over(comm, there ? 1.0 : 0.0) <= 0.0) return {};
  RowsFile file(comm, path, head, [&] { return rows_up_to(position, path, head); });
  return on ? std::move(file) : RowsFile();
}

RowsFile::RowsFile(MPI_Comm comm, const std::string& path, const std::string& head,
                   const std::function<std::string()>& rows) {
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    write_text_atomically(path, head + "\n" + rows());
    file_ = LineWriter(path, LineWriter::Mode::append);
  });
}

}  // namespace admmnet
