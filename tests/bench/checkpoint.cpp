// Checkpoint write and read against plain MPI-IO of the same bytes, on the same disk, in the same
// run.
//
//   mpirun -n 2 bench_checkpoint [FOLDER [MIB [REPEATS]]]        default: . 512 5
//
// The state is two matrices of several thousand rows in blocks of 128, on the grids 1 x P and P
// x 1. Plain MPI-IO writes the same number of bytes, one contiguous slab a rank, with
// MPI_File_write_at_all, sync and close, and reads them the same way. The two take turns in being
// first. Writing includes forcing the file to the disk, on both sides. Reading is measured twice:
// cold, after the system was told to drop its copy of the file, and warm, from that copy in memory.
// A checkpoint is also read back and compared before it counts; that time is a column of its own.
//
// The ratios are those of the fastest repeats and those of the medians. In a virtual machine whose
// host takes free memory back, getting it again costs a cold read as much as the disk does, in
// about every second repeat and on either side: medians of cold reads then compare little else.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

#include "checkpoint/checkpoint_file.h"
#include "checkpoint/checkpoint_writer.h"
#include "runtime/communicator.h"
#include "runtime/failure.h"
#include "runtime/session.h"

namespace {

using namespace admmnet;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double fastest(const std::vector<double>& values) {
  return *std::min_element(values.begin(), values.end());
}

/// Seconds of `work` on the slowest rank.
template <class F>
double timed(MPI_Comm comm, F&& work) {
  MPI_Barrier(comm);
  const double start = MPI_Wtime();
  work();
  return max_over(comm, MPI_Wtime() - start);
}

/// Slabs of at most 64 MiB a call, as the checkpoint moves them.
template <class F>
void for_each_piece(std::vector<char>& slab, F&& f) {
  constexpr std::size_t kPiece = std::size_t{1} << 26;
  for (std::size_t first = 0; first < slab.size(); first += kPiece)
    f(first, static_cast<int>(std::min(kPiece, slab.size() - first)));
}

void plain_write(const std::string& path, std::vector<char>& slab, MPI_Comm comm) {
  MPI_File file;
  const auto begin = static_cast<MPI_Offset>(slab.size()) * rank_of(comm);
  ADMMNET_MPI(
      MPI_File_open(comm, path.c_str(), MPI_MODE_CREATE | MPI_MODE_WRONLY, MPI_INFO_NULL, &file));
  for_each_piece(slab, [&](std::size_t first, int bytes) {
    ADMMNET_MPI(MPI_File_write_at_all(file, begin + static_cast<MPI_Offset>(first),
                                      slab.data() + first, bytes, MPI_BYTE, MPI_STATUS_IGNORE));
  });
  MPI_File_sync(file);
  MPI_File_close(&file);
}

void plain_read(const std::string& path, std::vector<char>& slab, MPI_Comm comm) {
  MPI_File file;
  const auto begin = static_cast<MPI_Offset>(slab.size()) * rank_of(comm);
  ADMMNET_MPI(MPI_File_open(comm, path.c_str(), MPI_MODE_RDONLY, MPI_INFO_NULL, &file));
  for_each_piece(slab, [&](std::size_t first, int bytes) {
    ADMMNET_MPI(MPI_File_read_at_all(file, begin + static_cast<MPI_Offset>(first),
                                     slab.data() + first, bytes, MPI_BYTE, MPI_STATUS_IGNORE));
  });
  MPI_File_close(&file);
}

/// The file's copy in memory is dropped, which this rank can do alone for pages that are on the
/// disk.
void forget(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::close(descriptor);
}

/// Seconds of each repeat, of the checkpoint and of plain MPI-IO.
struct Times {
  std::vector<double> checkpoint, plain;
};

struct Measured {
  Times write, cold, warm;
  std::vector<double> verify;
};

Measured measure(const ProcessGrid& grid, const std::string& folder, Index mib, int repeats) {
  const MPI_Comm comm = grid.comm();
  const Index rows = 4096, cols = mib * 1048576 / 8 / 2 / rows;
  BlockCyclicMatrix A(grid, rows, cols, 128, 128), B(grid, rows, cols, 128, 128);
  A.fill([](Index i, Index j) { return static_cast<double>(i) + 1e-3 * static_cast<double>(j); });
  B.copy_from(A);
  CheckpointContents contents;
  contents.state.tensors = {{"A", rows, cols, {{&A, 0, cols, 0}}},
                            {"B", rows, cols, {{&B, 0, cols, 0}}}};
  const std::string path = folder + "/bench.ckpt.1.h5", plain = folder + "/bench.plain";
  std::vector<char> slab(static_cast<std::size_t>(16 * rows * cols / grid.size()), 'x');
  // Dropped just before it is read: the memory that becomes free is what the reading takes.
  const auto read = [&](Times& times, bool cold, bool plain_turn) {
    if (cold) forget(plain_turn ? plain : path);
    if (plain_turn)
      times.plain.push_back(timed(comm, [&] { plain_read(plain, slab, comm); }));
    else
      times.checkpoint.push_back(
          timed(comm, [&] { CheckpointFile::open(path, comm).load_state(contents.state); }));
  };
  Measured all;
  for (int run = 0; run <= repeats; ++run) {
    if (run == 1) all = {};  // the first warmed up
    const bool plain_first = run % 2 == 0;
    const auto write_plain = [&] {
      all.write.plain.push_back(timed(comm, [&] { plain_write(plain, slab, comm); }));
    };
    if (plain_first) write_plain();
    WriteStatus status;
    write_checkpoint(path, contents, comm, status);
    all.write.checkpoint.push_back(status.seconds - status.verify_seconds);
    all.verify.push_back(status.verify_seconds);
    if (!plain_first) write_plain();
    for (const bool cold : {true, false})
      for (const bool plain_turn : {plain_first, !plain_first})
        read(cold ? all.cold : all.warm, cold, plain_turn);
    MPI_Barrier(comm);
    if (grid.rank() == 0) {
      ::unlink(path.c_str());
      ::unlink(plain.c_str());
    }
    MPI_Barrier(comm);
  }
  return all;
}

void print(const ProcessGrid& grid, Index mib, const Measured& all) {
  if (grid.rank() != 0) return;
  std::printf("%2d x %-2d", grid.rows(), grid.cols());
  for (const Times* times : {&all.write, &all.cold, &all.warm}) {
    const double checkpoint = fastest(times->checkpoint), plain = fastest(times->plain);
    std::printf("  %7.0f %7.0f %6.2f   (%4.2f)", static_cast<double>(mib) / checkpoint,
                static_cast<double>(mib) / plain, plain / checkpoint,
                median(times->plain) / median(times->checkpoint));
  }
  std::printf("  %7.2f\n", median(all.verify));
}

ExitCode run(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : ".";
  const Index mib = argc > 2 ? std::atoll(argv[2]) : 512;
  const int repeats = argc > 3 ? std::atoi(argv[3]) : 5;
  if (mib < 1 || repeats < 1) throw BadInput("usage: bench_checkpoint [FOLDER [MIB [REPEATS]]]");
  const int ranks = size_of(MPI_COMM_WORLD);
  if (rank_of(MPI_COMM_WORLD) == 0)
    std::printf(
        "%lld MiB, MiB/s of the fastest of %d repeats, ratio of the fastest and of the medians; "
        "verification in seconds\n"
        "grid       write   plain  ratio (median)     cold   plain  ratio (median)     warm   "
        "plain  "
        "ratio (median)   verify\n",
        static_cast<long long>(mib), repeats);
  for (int rows = 1; rows <= ranks; rows += std::max(1, ranks - 1)) {
    const ProcessGrid grid(MPI_COMM_WORLD, rows, ranks / rows);
    print(grid, mib, measure(grid, folder, mib, repeats));
  }
  return ExitCode::finished;
}

}  // namespace

int main(int argc, char* argv[]) {
  Session session(&argc, &argv);
  return exit_code_on_every_rank(MPI_COMM_WORLD, [&] {
    session.start_libraries({"bench_checkpoint"});
    return run(argc, argv);
  });
}
