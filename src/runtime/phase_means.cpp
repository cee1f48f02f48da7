#include "runtime/phase_means.h"

#include <algorithm>

namespace admmnet {

template <class Phase>
static Phase find(const std::vector<Phase>& phases, const std::string& name) {
  const auto found = std::find_if(phases.begin(), phases.end(),
                                  [&](const Phase& phase) { return phase.name == name; });
  return found == phases.end() ? Phase{} : *found;
}

// The messages of Timers::summary are kept out: it comes before this look at the counts, and after
// the next one.
PhaseMeter::PhaseMeter(const Timers& timers, MPI_Comm comm)
    : timers_(timers),
      comm_(comm),
      times_(timers.summary(comm)),
      sent_(communication_summary(comm)) {}

std::vector<PhaseMean> PhaseMeter::means(double iterations) const {
  const std::vector<PhaseCommunication> sent = communication_summary(comm_);
  const std::vector<PhaseTimes> times = timers_.summary(comm_);
  const double done = iterations > 0.0 ? iterations : 1.0;
  const auto since = [&](const std::string& name) {
    const PhaseTimes now = find(times, name), then = find(times_, name);
    const PhaseCommunication sent_now = find(sent, name), sent_then = find(sent_, name);
    return PhaseMean{name, static_cast<double>(now.calls - then.calls) / done,
                     (now.average - then.average) / done,
                     (sent_now.messages.average - sent_then.messages.average) / done,
                     (sent_now.bytes.average - sent_then.bytes.average) / done};
  };
  std::vector<PhaseMean> result;
  PhaseMean outside = since("outside the phases");
  outside.seconds = since("total").seconds;
  for (const PhaseTimes& phase : times) {
    const PhaseMean mean = since(phase.name);
    if (phase.name == "total" || mean.calls == 0.0) continue;
    outside.seconds -= mean.seconds;
    result.push_back(mean);
  }
  result.push_back(outside);
  return result;
}

}  // namespace admmnet
