#include "runtime/rows_file.h"

#include <cmath>
#include <cstdio>

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

RowsFile::RowsFile(MPI_Comm comm, const std::string& path, const std::string& head,
                   const std::function<std::string()>& rows) {
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    write_text_atomically(path, head + "\n" + rows());
    file_ = LineWriter(path, LineWriter::Mode::append);
  });
}

}  // namespace admmnet
