/// What one iteration costs in each phase: time, messages and bytes, without what the same phases
/// do before the first iteration and after the last.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

#include "runtime/communication_counter.h"
#include "runtime/timers.h"

namespace admmnet {

/// Of one iteration, average over the ranks. Phases do not overlap within an iteration.
struct PhaseMean {
  std::string name;
  double calls;     ///< the largest of any rank
  double seconds;   ///< of a rank
  double messages;  ///< sent by a rank; 0 where nobody counts
  double bytes;     ///< sent by a rank; 0 where nobody counts
};

/// Looks at timers and message counter when it is made and when it is asked.
class PhaseMeter {
 public:
  /// Collective on comm. The timers must outlive the object.
  PhaseMeter(const Timers& timers, MPI_Comm comm);

  /// The phases that were called since, divided by so many iterations, parts
  /// counted (at least a tiny one), and last "outside the
  /// phases". The same on all ranks. Its own messages do not count. Collective on comm.
  std::vector<PhaseMean> means(double iterations) const;

 private:
  const Timers& timers_;
  MPI_Comm comm_;
  std::vector<PhaseTimes> times_;
  std::vector<PhaseCommunication> sent_;
};

}  // namespace admmnet
