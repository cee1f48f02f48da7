/// From arguments to checked Options.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/names.h"
#include "config/options.h"

namespace admmnet {

enum class Command { train, predict, plan, convert, inspect };

template <>
struct EnumNames<Command> {
  static constexpr std::array<std::pair<Command, const char*>, 5> all{
      {{Command::train, "train"},
       {Command::predict, "predict"},
       {Command::plan, "plan"},
       {Command::convert, "convert"},
       {Command::inspect, "inspect"}}};
};

/// The command of this name; throws BadInput that offers the nearest name.
Command parse_command(const std::string& name);

/// Reads "-key value" pairs (the last of several counts; a flag may stand without a value),
/// arguments that are no keys, and PETSc's own options, and checks everything that can be checked
/// without data: unknown keys, types, ranges, combinations and, with a `command`, the keys that it
/// needs. `ranks` > 0 is the number of ranks that the process grid must fit. Throws one BadInput
/// that lists every problem on a line of its own. Pure: no PETSc, no MPI, no files.
Options parse_options(const std::vector<std::string>& arguments,
                      std::optional<Command> command = std::nullopt, int ranks = 0);

/// The options as they are read where -data_task is regression, which the data have shown: with its
/// defaults, and the format of the files that was found. Throws as parse_options.
Options as_regression(const Options& options, Command command, int ranks);

}  // namespace admmnet
