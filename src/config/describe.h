/// Options written down: for the user's eyes, for a deck, for comparison.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/options.h"

namespace admmnet {

/// One key and its value as the command line takes it.
struct OptionValue {
  std::string key, text;
  bool operator==(const OptionValue& other) const { return key == other.key && text == other.text; }
};

/// A key whose value differs between two Options.
struct OptionDifference {
  std::string key, before, after;
};

/// Every key of the schema with its value, in the schema's order. Equal lists mean equal options.
std::vector<OptionValue> values(const Options& options);

/// The keys in which `after` differs from `before`, in the schema's order. Keys that have no
/// meaning in one of the two are left out.
std::vector<OptionDifference> differences(const Options& before, const Options& after);

/// A deck with the value of every key that has a meaning, and the options for PETSc: deck_arguments
/// and parse_options give the same options back (positional arguments are left out). Lines of
/// `heading` come first, as comments; `remarks`, by key, stand as comments behind their values.
std::string used_yaml(const Options& options, const std::string& heading = "",
                      const std::map<std::string, std::string>& remarks = {});

/// All keys with default, meaning, range and unit, in groups, in 100 columns.
std::string help_text();

/// What there is to say of one key (with or without '-'), or the keys of a group ("admm"). Throws
/// BadInput, with the nearest name, when there is neither.
std::string help_on(const std::string& name);

/// All keys as a Markdown table.
std::string keys_as_markdown();

}  // namespace admmnet
