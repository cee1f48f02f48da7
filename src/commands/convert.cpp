#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "commands/commands.h"
#include "data/conversion.h"
#include "runtime/clock.h"
#include "runtime/communicator.h"
#include "runtime/files.h"
#include "runtime/log.h"
#include "runtime/signals.h"

namespace admmnet {

namespace {

/// -data_train (or -data_test, or -data_dir) is the file that the command names.
DataOptions reading(const Options& options) {
  DataOptions data = options.data;
  const std::string& input = options.positional.front();
  (options.convert.part == SamplePart::train ? data.train : data.test) = input;
  if (data.dir.empty()) data.dir = input;
  return data;
}

void check_arguments(const Options& options) {
  if (options.positional.size() != 2)
    throw BadInput(
        "admmnet convert takes an input and an output: admmnet convert IN OUT.h5 [-data_format "
        "csv]; IN is a file, several HDF5 or npz files with commas between them, or a folder of "
        "IDX files");
  const std::string& output = options.positional.back();
  if (file_exists(output) && !options.run.overwrite)
    throw BadInput(output + ": is there already; give another name, or add -run_overwrite true");
}

/// A name whose ending is that of another format.
bool misleads(const std::string& output) {
  const std::string ending = std::filesystem::path(output).extension();
  return !ending.empty() && ending != ".h5" && ending != ".hdf5" && ending != ".hdf";
}

std::string progress_text(Index done, Index samples, double seconds) {
  const double part = static_cast<double>(done) / static_cast<double>(samples);
  const double rate = static_cast<double>(done) / std::max(seconds, 1e-9);
  const auto left = static_cast<long>(std::lround(seconds * (1.0 - part) / part));
  char text[160];
  std::snprintf(text, sizeof text, "%.1f %% of %lld samples, %.0f samples/s, ETA %ld:%02ld:%02ld",
                100.0 * part, static_cast<long long>(samples), rate, left / 3600, left / 60 % 60,
                left % 60);
  return text;
}

}  // namespace

ExitCode run_convert(const Options& options, MPI_Comm comm) {
  // 1. what is to be done
  check_arguments(options);
  const std::string &input = options.positional.front(), &output = options.positional.back();
  Log log(comm);
  log.line(input + " (" + options.data.format + ") -> " + output);
  if (misleads(output))
    log.warning(output + " will be an HDF5 file, whatever its name says; end the name in .h5");

  // 2. one rank reads and writes; the others wait for its news
  Conversion done;
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    double start = 0.0;
    done = convert_samples(
        reading(options), options.convert.part, output,
        [&](Index written, Index samples) {
          if (written == 0)
            start = seconds_since_start();
          else
            log.progress(progress_text(written, samples, seconds_since_start() - start));
        },
        [] { return signal_counts().terminate > 0 || signal_counts().stop > 0; });
  });
  int finished = done.finished ? 1 : 0;
  ADMMNET_MPI(MPI_Bcast(&finished, 1, MPI_INT, 0, comm));

  // 3. what has become of it
  if (finished == 0) {
    log.line("interrupted by a signal: " + output + " was not written, and nothing is left");
    return ExitCode::stopped;
  }
  log.value("samples", done.samples);
  log.value("features", done.features);
  if (done.targets > 0)
    log.value("real targets", done.targets);
  else
    log.value("classes", done.classes);
  if (done.left_out > 0) log.value("samples left out", done.left_out);
  log.value("layout", std::string(done.sparse ? "sparse (CSR)" : "dense"));
  log.value("seconds", seconds_since_start());
  return ExitCode::finished;
}

}  // namespace admmnet
