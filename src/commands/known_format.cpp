#include "commands/commands.h"
#include "config/check.h"
#include "data/recognise.h"
#include "runtime/communicator.h"

namespace admmnet {

namespace {

/// The data that decide: what is converted, predicted for, or trained on.
std::string file_that_decides(const Options& options, Command command) {
  const DataOptions& data = options.data;
  if (command == Command::convert)
    return options.positional.size() == 2 ? options.positional.front() : "";  // convert says so
  if (command == Command::predict && data.test_last == 0) return data.test;
  return data.train.empty() ? data.dir : data.train;
}

}  // namespace

Options with_known_format(Options options, Command command, MPI_Comm comm) {
  const std::string file = file_that_decides(options, command);
  if (options.data.format != automatic_format || file.empty()) return options;
  collectively(comm, [&] {
    if (rank_of(comm) == 0) options.data.format = recognised_format(file);
  });
  options.data.format = broadcast(options.data.format, 0, comm);
  const std::vector<std::string> problems = contradictions(options, command, size_of(comm), {});
  if (!problems.empty())
    throw BadInput(file + " is of the format " + options.data.format + ": " + problems.front());
  if (command != Command::convert)
    options.notes.push_back("-data_format auto: " + options.data.format);
  return options;
}

}  // namespace admmnet
