#include "commands/plan.h"
#include "commands/commands.h"
namespace admmnet {
Plan make_plan(const Options& o, const Topology&, Index, Index, Index, int ranks, double){ Plan p; p.rows=o.grid.rows.value_or(1); p.cols=ranks/p.rows; p.unit_block=o.grid.block.value_or(64); p.text="stub"; return p;}
ExitCode run_plan(const Options&, MPI_Comm){return ExitCode::finished;}
}
