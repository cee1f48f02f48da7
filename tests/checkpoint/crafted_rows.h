/// Tables of crafted files: what is done to a good one, and what the message must name.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "checkpoint/crafted.h"
#include "checkpoint/hostile_files.h"
#include "checkpoint/inspect.h"
#include "support/mpi_check.h"

namespace admmnet::test {

using Change = std::function<void(hid_t)>;

struct Row {
  const char* what;
  Change change;
  std::vector<const char*> said;
};

/// A change of attributes and its checksum.
inline Change sealed(const Change& change) {
  return [change](hid_t f) {
    change(f);
    reseal(f);
  };
}

inline void check_rows(const std::vector<Row>& rows, Index steps = 0) {
  const CraftingTable table(steps);
  for (const Row& row : rows) {
    const Verdict verdict = table.reading_changed(row.change);
    INFO(row.what << ": " << verdict.message);
    CHECK(verdict.refused);
    CHECK_THAT(verdict.message, Catch::Contains("is not a usable checkpoint"));
    for (const char* part : row.said) CHECK_THAT(verdict.message, Catch::Contains(part));
    CHECK_THAT(inspect(table.bad(), MPI_COMM_SELF).text, Catch::Contains("valid:        no"));
  }
}

}  // namespace admmnet::test
