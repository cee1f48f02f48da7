#include "checkpoint/inspect.h"

#include "commands/commands.h"
#include "runtime/log.h"

namespace admmnet {

ExitCode run_inspect(const Options& options, MPI_Comm comm) {
  if (options.positional.size() != 1)
    throw BadInput("admmnet inspect takes one checkpoint or folder: admmnet inspect PATH [-json]");
  const Inspection inspection = inspect(options.positional.front(), comm);
  Log(comm).line(options.inspect.json ? inspection.json : inspection.text);
  return inspection.valid ? ExitCode::finished : ExitCode::io_failure;
}

}  // namespace admmnet
