#include "runtime/progress_file.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "runtime/communicator.h"

namespace admmnet {

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

ProgressFile::ProgressFile(MPI_Comm comm, const std::string& path, const Score& score,
                           double position, bool on)
    : on_(on) {
  bool there = false;
  collectively(comm, [&] { there = rank_of(comm) == 0 && file_exists(path); });
  if (!on && max_over(comm, there ? 1.0 : 0.0) <= 0.0) return;
  const std::string head = std::string("pass,seconds,validation_") + score.name + ",train_loss";
  file_ = RowsFile(comm, path, head, [&] { return rows_up_to(position, path, head); });
}

void ProgressFile::add(const ProgressRecord& record) {
  if (on_) file_.add({record.pass, record.seconds, record.validation_score, record.train_loss});
}

}  // namespace admmnet
