/// Tables as they are found: what stands in the file -> what is read, or the message.
///
/// Each row gives the text of a file and, where they matter, keys. What is read is written as
/// "[names] values>label | values>label": NaN for a missing value, ">-" for a sample that is left
/// out, ">" for one without a label. A row whose outcome begins with ! is refused, with a message
/// that holds every one of the parts behind it.
#pragma once

#include <string>
#include <vector>

#include "data/csv.h"

namespace admmnet::test {

struct Row {
  const char* what;
  std::string text;
  std::vector<std::string> keys;       ///< of the command line
  std::string outcome;                 ///< or "!"
  std::vector<std::string> said = {};  ///< parts of the message, or of the notes
};

/// Runs the row. `trained`: as for scan_csv.
void check(const Row& row, const TrainedColumns* trained = nullptr);

inline const std::vector<std::string> none = {};

inline std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace admmnet::test
