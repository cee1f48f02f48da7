/// Combinations of values that cannot work, found without looking at data.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/options.h"
#include "config/parse.h"

namespace admmnet {

/// Collects what is wrong.
class Checks {
 public:
  /// A check that looks at a key of `bad_keys`, whose value could not be read, is left out.
  explicit Checks(const std::set<std::string>& bad_keys) : bad_keys_(bad_keys) {}

  /// `keys` are all that the condition depends on; the problem is reported under the first one.
  void refuse(bool condition, std::initializer_list<const char*> keys, const std::string& problem);

  std::vector<std::string> take() { return std::move(problems_); }

 private:
  const std::set<std::string>& bad_keys_;
  std::vector<std::string> problems_;
};

/// A line "-key: ..." for every contradiction in `options`, every key missing for `command`, and a
/// grid that does not fit `ranks` (0: unknown). bad_keys: see Checks. For parse.cpp.
std::vector<std::string> contradictions(const Options& options, std::optional<Command> command,
                                        int ranks, const std::set<std::string>& bad_keys);

}  // namespace admmnet
