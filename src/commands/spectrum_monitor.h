/// -train_monitor_spectrum: a table in the log now and then, and NAME.spectrum.csv.
#pragma once

#include <string>
#include <vector>

#include <mpi.h>

#include "network/layer_spectra.h"
#include "runtime/log.h"
#include "runtime/rows_file.h"

namespace admmnet {

class SpectrumMonitor {
 public:
  /// Looks are due every so many passes; 0: never. The file has a row a look: the pass, and of each
  /// matrix of layer_spectra largest and smallest singular value, condition and rank; rows up to
  /// `position`, in passes, are kept. Throws IoFailure on every rank. Collective on comm.
  SpectrumMonitor(MPI_Comm comm, const std::string& path, Index every, const Network& network,
                  const SampleSet& train, double position);

  bool due(Index pass) const { return every_ > 0 && pass % every_ == 0; }
  /// After the pass. A note names activations whose Gram matrix is worse conditioned than
  /// kLargestGramCondition.
  void add(Index pass, const std::vector<MatrixSpectrum>& spectra, Log& log);

 private:
  Index every_;
  RowsFile file_;
};

}  // namespace admmnet
