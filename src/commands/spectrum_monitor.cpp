#include "commands/spectrum_monitor.h"

#include <cmath>

#include "commands/formatted.h"

namespace admmnet {
namespace {

std::string head_of(const Network& network, bool sparse) {
  std::string head = "pass";
  const auto add = [&](const std::string& name) {
    for (const char* quantity : {"_largest", "_smallest", "_condition", "_rank"})
      head += "," + name + quantity;
  };
  for (int l = 1; l <= network.layers(); ++l) {
    if (l > 1 || !sparse) add("a_" + std::to_string(l - 1));
    add("W_" + std::to_string(l));
  }
  return head;
}

/// Of activations, named as in MatrixSpectrum, whose Gram matrix is badly conditioned.
std::string badly_conditioned(const std::vector<MatrixSpectrum>& spectra) {
  std::string names;
  for (const MatrixSpectrum& s : spectra)
    if (s.name[0] == 'a' && !(s.condition() * s.condition() <= kLargestGramCondition))
      names += (names.empty() ? "" : ", ") + s.name;
  return names;
}

}  // namespace

SpectrumMonitor::SpectrumMonitor(MPI_Comm comm, const std::string& path, Index every,
                                 const Network& network, const SampleSet& train, double position)
    : every_(every),
      file_(RowsFile::continued(comm, path,
                                head_of(network, train.panels.front().sparse.has_value()), position,
                                every > 0)) {}

void SpectrumMonitor::add(Index pass, const std::vector<MatrixSpectrum>& spectra, Log& log) {
  std::vector<double> row{static_cast<double>(pass)};
  log.line(formatted("  spectra after pass %lld", static_cast<long long>(pass)) +
           ": singular values of inputs a (with the ones) and weights W (with the biases)");
  log.line("  matrix        rows       cols      largest     smallest    condition       rank");
  for (const MatrixSpectrum& s : spectra) {
    log.line(formatted("  %-8s %9lld  %9lld  %11.4e  %11.4e  %11.4e  %9lld", s.name.c_str(),
                       static_cast<long long>(s.rows), static_cast<long long>(s.cols), s.largest,
                       s.smallest, s.condition(), static_cast<long long>(s.rank)));
    row.insert(row.end(), {s.largest, s.smallest, s.condition(), static_cast<double>(s.rank)});
  }
  file_.add(row);
  const std::string names = badly_conditioned(spectra);
  if (!names.empty())
    log.line("note: the Gram matrix of " + names +
             formatted(" has a condition number above 1/sqrt(eps) = %.2g", kLargestGramCondition) +
             ": where no ridge is added, solves with it keep fewer than half of the digits");
}

}  // namespace admmnet
