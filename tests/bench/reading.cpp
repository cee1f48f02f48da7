// How fast samples are read from HDF5, beside plain MPI-IO of the same bytes of the same file, and
// converted, beside `cat` of the same input into a file. All in one run, taking turns.
//
//   mpirun -n 2 bench_reading [-bench_folder .] [-bench_mib 512] [-bench_repeats 5]
//
// Reading: every rank its range of samples, in batches of 8 MiB as the loader asks for them; warm
// (from the system's copy in memory) and cold (after the system was told to drop it). Rates are
// those of the fastest repeats.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>
#include <vector>

#include "data/contents.h"
#include "data/conversion.h"
#include "data/dataset.h"
#include "data/formats.h"
#include "data/hdf5_writer.h"
#include "data/source.h"
#include "driver.h"
#include "runtime/error.h"

namespace {

using namespace admmnet;
using namespace admmnet::bench;

constexpr Index kFeatures = 784;
constexpr Index kBatch = (Index{8} << 20) / (8 * kFeatures);  // samples

struct Slab {
  Index first, count;
};

Slab slab_of(Index samples, MPI_Comm comm) {
  const Index width = (samples + size_of(comm) - 1) / size_of(comm);
  const Index first = std::min(samples, rank_of(comm) * width);
  return {first, std::min(width, samples - first)};
}

void make_file(const std::string& path, Index samples) {
  Hdf5Writer writer(path);
  writer.begin_dense(samples, kFeatures, ValueType::real);
  std::vector<double> batch(static_cast<std::size_t>(kBatch * kFeatures));
  for (Index first = 0; first < samples; first += kBatch) {
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i] = static_cast<double>(i % 1009) / 8.0;
    writer.add_dense(std::min(kBatch, samples - first),
                     reinterpret_cast<const unsigned char*>(batch.data()));
  }
  std::vector<int> labels(static_cast<std::size_t>(samples));
  for (std::size_t s = 0; s < labels.size(); ++s) labels[s] = static_cast<int>(s % 10);
  writer.write_labels(labels, {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
  writer.publish();
}

/// A table of the same shape as the images of MNIST: bytes, most of them 0.
void make_table(const std::string& path, Index mib) {
  std::ofstream file(path);
  for (Index line = 0; static_cast<Index>(file.tellp()) < mib << 20; ++line) {
    std::string text;
    for (Index f = 0; f < kFeatures; ++f)
      text += (f * 7 + line) % 5 == 0 ? std::to_string((f * f + line) % 256) + "," : "0,";
    file << text << line % 10 << '\n';
  }
}

void forget(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::close(descriptor);
}

void read_by_format(SampleSource& source, const Slab& slab, std::vector<unsigned char>& batch) {
  for (Index done = 0; done < slab.count; done += kBatch)
    source.read(slab.first + done, std::min(kBatch, slab.count - done), batch.data());
}

void read_plain(const std::string& path, const Slab& slab, std::vector<unsigned char>& batch,
                MPI_Comm comm) {
  constexpr Index record = 8 * kFeatures;
  MPI_File file;
  MPI_File_open(comm, path.c_str(), MPI_MODE_RDONLY, MPI_INFO_NULL, &file);
  const Index most = (slab.count + kBatch - 1) / kBatch;
  for (Index round = 0; round < most; ++round) {
    const Index first = slab.first + round * kBatch;
    const Index count = std::min(kBatch, slab.first + slab.count - first);
    MPI_File_read_at(file, first * record, batch.data(), static_cast<int>(count * record), MPI_BYTE,
                     MPI_STATUS_IGNORE);
  }
  MPI_File_close(&file);
}

double fastest(const std::vector<double>& values) {
  return *std::min_element(values.begin(), values.end());
}

void bench_reading(const std::string& folder, Index mib, Index repeats, MPI_Comm comm) {
  const std::string path = folder + "/bench_reading.h5";
  const Index samples = (mib << 20) / (8 * kFeatures);
  collectively(comm, [&] {
    if (rank_of(comm) == 0) make_file(path, samples);
  });
  DataOptions options;
  options.format = "hdf5";
  options.train = path;
  const DataShape shape = probe(options, comm);
  const auto source = format_of(options).open(options, shape, shape.train_file);
  const Slab slab = slab_of(samples, comm);
  std::vector<unsigned char> batch(static_cast<std::size_t>(kBatch * kFeatures * 8));
  for (const bool cold : {false, true}) {
    std::vector<double> ours, plain;
    for (Index turn = 0; turn < 2 * (repeats + 1); ++turn) {
      if (cold) {
        MPI_Barrier(comm);
        if (rank_of(comm) == 0) forget(path);
      }
      const bool is_plain = turn % 2 == 0;
      const double seconds = seconds_of(comm, [&] {
        if (is_plain)
          read_plain(path, slab, batch, comm);
        else
          read_by_format(*source, slab, batch);
      });
      if (turn > 1) (is_plain ? plain : ours).push_back(seconds);
    }
    const double size = static_cast<double>(mib);
    say(comm, "read, %s: hdf5 %.0f MiB/s, plain MPI-IO %.0f MiB/s, ratio %.2f\n",
        cold ? "cold" : "warm", size / fastest(ours), size / fastest(plain),
        fastest(plain) / fastest(ours));
  }
}

void bench_conversion(const std::string& folder, const std::string& format,
                      const std::string& input, Index repeats) {
  const std::string output = folder + "/bench_converted.h5", copy = folder + "/bench_copy";
  DataOptions options;
  options.format = format;
  options.train = input;
  std::vector<double> ours, plain;
  for (Index turn = 0; turn < repeats; ++turn) {
    plain.push_back(seconds_of(MPI_COMM_SELF, [&] {
      if (std::system(("cat '" + input + "' > '" + copy + "' && sync '" + copy + "'").c_str()) != 0)
        throw IoFailure("cat " + input + " has failed");
    }));
    ours.push_back(seconds_of(MPI_COMM_SELF, [&] {
      convert_samples(
          options, SamplePart::train, output, [](Index, Index) {}, [] { return false; });
    }));
    ::unlink(output.c_str());
    ::unlink(copy.c_str());
  }
  std::ifstream file(input, std::ios::ate);
  const double size = static_cast<double>(file.tellg()) / 1048576.0;
  say(MPI_COMM_SELF, "convert %s: %.0f MiB/s, cat %.0f MiB/s, ratio %.2f\n", format.c_str(),
      size / fastest(ours), size / fastest(plain), fastest(plain) / fastest(ours));
}

void body(const Arguments& arguments) {
  const MPI_Comm comm = MPI_COMM_WORLD;
  const std::string folder = arguments.text("folder", ".");
  const Index mib = arguments.number("mib", 512), repeats = arguments.number("repeats", 5);
  bench_reading(folder, mib, repeats, comm);
  if (rank_of(comm) == 0) {
    const std::string table = folder + "/bench_table.csv";
    make_table(table, mib / 4);
    bench_conversion(folder, "csv", table, repeats);
    bench_conversion(folder, "hdf5", folder + "/bench_reading.h5", repeats);
    ::unlink(table.c_str());
    ::unlink((folder + "/bench_reading.h5").c_str());
  }
  MPI_Barrier(comm);
}

}  // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv,
                       "mpirun -n 2 bench_reading [-bench_folder .] [-bench_mib 512] "
                       "[-bench_repeats 5]\n",
                       {"folder", "mib", "repeats"}, body);
}
