/// Fault injection: the program kills itself, or pretends a failure, at a named point.
///
/// Armed by one environment variable, for tests of what a restart makes of it:
///
///   ADMMNET_FAULT=<point>:<rank>[:<occurrence>]
///
/// At the occurrence-th time (default 1) that this rank of the run reaches the point, it sends
/// itself SIGKILL; at open_fails it does as if the file could not be opened. In the order of
/// writing:
///
///   after_open     the new file exists and is open, no tensor is in it
///   mid_data       after each panel of a tensor
///   before_index   all tensors are written
///   before_close   the index is written, not yet forced to the disk
///   before_verify  written and closed under its temporary name
///   before_rename  verified
///   after_rename   it has its name, NAME.latest still names the one before
///   before_delete  NAME.latest names it, surplus older ones still exist
///   open_fails     each time the rank opens a checkpoint, for writing its part or for reading
#pragma once

#include <string>

#include <mpi.h>

namespace admmnet {

enum class FaultPoint {
  after_open,
  mid_data,
  before_index,
  before_close,
  before_verify,
  before_rename,
  after_rename,
  before_delete,
  open_fails
};

/// What is armed, for the log: "before_rename on rank 0, occurrence 1"; empty when nothing is.
/// Throws BadInput when the variable cannot be understood. Not collective.
std::string armed_fault();

/// Where the point and occurrence are armed, kills that rank, and keeps the others from going on
/// before it is dead. Collective on comm.
void fault_point(FaultPoint point, MPI_Comm comm);

/// Throws IoFailure when open_fails is armed for this rank. Not collective.
void fault_on_open(const std::string& path, MPI_Comm comm);

}  // namespace admmnet
