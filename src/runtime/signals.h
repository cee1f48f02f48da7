/// Signals as counters that the stop logic looks at when it suits the program.
#pragma once

namespace admmnet {

/// How many signals this process has got since its SignalWatch was made.
struct SignalCounts {
  int checkpoint;  ///< SIGUSR1: checkpoint and go on
  int stop;        ///< SIGUSR2: checkpoint and stop
  int terminate;   ///< SIGTERM, SIGINT: the first: checkpoint and stop; the second: stop now,
                   ///< without
};

/// While it lives SIGUSR1, SIGUSR2, SIGTERM and SIGINT, which counts as another SIGTERM, are only
/// counted; afterwards they do what they did before. One at a time, made before threads are and
/// before MPI starts, which takes long on a cluster. SIGTERMs within a second count as one: a batch
/// system and a launcher often deliver the same request twice, and that must not cost the
/// checkpoint. The third SIGTERM ends the process the system's way.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
};

SignalCounts signal_counts();

}  // namespace admmnet
