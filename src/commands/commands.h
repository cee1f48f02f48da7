/// The room commands/: what a user calls. Each command is a walk through numbered phases, each
/// phase one call into another room; nothing includes this room but main.cpp.
#pragma once

#include <array>

#include <mpi.h>

#include "config/parse.h"
#include "runtime/error.h"

namespace admmnet {

/// Each is collective on comm, throws Error, and returns the exit code when it did its work.
/// run_train obeys the signals that a SignalWatch (runtime/signals.h) of the caller counts.
ExitCode run_train(const Options& options, MPI_Comm comm);
ExitCode run_predict(const Options& options, MPI_Comm comm);
ExitCode run_inspect(const Options& options, MPI_Comm comm);
ExitCode run_plan(const Options& options, MPI_Comm comm);
/// Obeys signals as run_train.
ExitCode run_convert(const Options& options, MPI_Comm comm);

/// The options with the format of the files, found by a look at them, in the place of -data_format
/// auto. Throws BadInput when the keys do not go with it. Collective on comm.
Options with_known_format(Options options, Command command, MPI_Comm comm);

/// A row for each command: what it does, in a few words, and its function.
struct CommandRow {
  Command command;
  const char* summary;
  ExitCode (*run)(const Options& options, MPI_Comm comm);
};
constexpr std::array<CommandRow, EnumNames<Command>::all.size()> commands{
    {{Command::train, "train a network, or go on with it", run_train},
     {Command::predict, "apply a trained one to samples", run_predict},
     {Command::plan, "predict grid, memory and time of a training run", run_plan},
     {Command::convert, "make one HDF5 file of data: admmnet convert IN OUT", run_convert},
     {Command::inspect, "show what checkpoints hold", run_inspect}}};

}  // namespace admmnet
