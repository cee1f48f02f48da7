// The checkpoints of a run: order, rotation, pointer, leftovers, and failures that leave the old
// ones.
#include "checkpoint/store.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sys/resource.h>
#include <sys/stat.h>

#include "checkpoint/inspect.h"
#include "checkpoint/sample_run.h"
#include "runtime/error.h"
#include "runtime/files.h"
#include "runtime/scratch_folder.h"
#include "support/mpi_check.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

/// A run that writes checkpoints into a scratch folder, on a grid of one row.
struct Run {
  ScratchFolder folder;
  ProcessGrid grid{MPI_COMM_WORLD, 1, size_of(MPI_COMM_WORLD)};
  CheckpointStore store{folder.name(), "run", MPI_COMM_WORLD};
  SampleState state{grid, 2};

  WriteStatus write(Position position, Index keep = 2) {
    state.fill(position.iteration);
    CheckpointContents contents = sample_contents(position.iteration, position.steps);
    contents.state = state.view();
    return store.write(contents, keep);
  }
  WriteStatus write(Index iteration, Index keep = 2) { return write(Position{iteration}, keep); }
  std::vector<Index> iterations() const {
    std::vector<Index> result;
    for (const auto& candidate : store.candidates()) result.push_back(candidate.position.iteration);
    return result;
  }
  Index newest() const {
    const auto choice = store.newest_valid();
    return choice.file ? choice.file->contents().iteration : -1;
  }
  /// Rank 0 writes a file; all wait.
  void put(const std::string& name, const std::string& text) const {
    collectively(MPI_COMM_WORLD, [&] {
      if (grid.rank() == 0) std::ofstream(folder / name, std::ios::binary) << text;
    });
  }
  bool has(const std::string& name) const { return file_exists(folder / name); }
  void wait() const { MPI_Barrier(MPI_COMM_WORLD); }
};

using Iterations = std::vector<Index>;

}  // namespace

TEST_CASE("the newest few are kept, ordered by number") {
  Run run;
  CHECK(run.newest() == -1);
  for (Index iteration : {8, 9, 10, 11}) CHECK(run.write(iteration, 3).message.empty());
  CHECK(run.iterations() == Iterations{11, 10, 9});
  CHECK(run.newest() == 11);
  CHECK(run.write(12, 0).ok);  // the one just written is never removed
  CHECK(run.iterations() == Iterations{12});
  run.put("run.ckpt.13.h5.tmp", "");
  run.put("run.ckpt.x.h5", "");
  run.put("run.ckpt.-1.h5", "");
  run.put("run.ckpt.013.h5", "");
  run.put("run.ckpt.13.0.h5", "");
  run.put("run.ckpt.13.-1.h5", "");
  run.put("run.ckpt.13.1.1.h5", "");
  run.put("run.ckpt.13..h5", "");
  run.put("other.ckpt.14.h5", "");
  run.put("run.ckpt.99999999999999999999.h5", "");
  CHECK(run.iterations() == Iterations{12});
  run.wait();
}

TEST_CASE("in the middle of a pass: ordered by iteration and steps") {
  Run run;
  const auto names = [&run] {
    std::vector<std::string> result;
    for (const auto& candidate : run.store.candidates())
      result.push_back(std::filesystem::path(candidate.path).filename());
    return result;
  };
  using Names = std::vector<std::string>;
  for (const Position& position : {Position{1}, {1, 9}, {1, 10}, {2}})
    CHECK(run.write(position, 3).message.empty());
  CHECK(names() == Names{"run.ckpt.2.h5", "run.ckpt.1.10.h5", "run.ckpt.1.9.h5"});
  CHECK(run.write(Position{2, 17}, 2).ok);
  CHECK(names() == Names{"run.ckpt.2.17.h5", "run.ckpt.2.h5"});
  CHECK(read_text(run.folder / "run.latest") == "run.ckpt.2.17.h5\n");
  const auto choice = run.store.newest_valid();
  REQUIRE(choice.file);
  CHECK(same_contents(choice.file->contents(), sample_contents(2, 17)));
  CHECK(choice.remark.empty());

  // Not of the position that its name says.
  collectively(MPI_COMM_WORLD, [&] {
    if (run.grid.rank() != 0) return;
    std::filesystem::copy_file(run.store.path_of({2, 17}), run.store.path_of({2, 18}));
    std::filesystem::copy_file(run.store.path_of({2, 17}), run.store.path_of({3}));
  });
  const auto refused = run.store.newest_valid().refused;
  REQUIRE(refused.size() == 2);
  for (const std::string& reason : refused)
    CHECK_THAT(reason, Catch::Contains("it is of iteration 2, 17 of 22 steps of the next pass"));
  CHECK(run.store.set_aside_newer({2, 17}).size() == 2);
  CHECK(run.has("run.ckpt.2.18.h5.superseded"));
  run.put("run.ckpt.2.18.h5.tmp", "half a file");
  CHECK(run.store.remove_leftovers() == Names{run.folder / "run.ckpt.2.18.h5.tmp"});

  run.put("run.latest", "run.ckpt.2.h5\n");
  CHECK(run.store.settle({2, 17}, 1).empty());
  CHECK(read_text(run.folder / "run.latest") == "run.ckpt.2.17.h5\n");
  CHECK(names() == Names{"run.ckpt.2.17.h5"});
  CHECK(run.store.set_aside_newer({2}).size() == 1);
  CHECK(names().empty());
  run.wait();
}

TEST_CASE("steps that are not some of a pass are a defect of the program") {
  Run run;
  CheckpointContents contents = sample_contents(1, 5);
  contents.steps_of_pass = 5;
  CHECK_THROWS_WITH(run.store.write(contents, 1), Catch::Contains("no place in a pass"));
  contents.steps = -1;
  CHECK_THROWS_WITH(run.store.write(contents, 1), Catch::Contains("no place in a pass"));
  CHECK(run.iterations().empty());
  run.wait();
}

TEST_CASE("an iteration written again replaces its file") {
  Run run;
  CHECK(run.write(5).ok);
  CheckpointContents contents = sample_contents(5);
  contents.stop_reason = "second";
  contents.state = run.state.view();
  CHECK(run.store.write(contents, 2).ok);
  CHECK(run.iterations() == Iterations{5});
  CHECK(run.store.newest_valid().file->contents().stop_reason == "second");
  run.wait();
}

TEST_CASE("the pointer is a hint: a newer valid file wins") {
  Run run;
  CHECK(run.write(1).ok);
  CHECK(run.write(2).ok);
  CHECK(read_text(run.folder / "run.latest") == "run.ckpt.2.h5\n");
  CHECK(run.store.newest_valid().remark.empty());
  run.put("run.latest", "run.ckpt.1.h5\n");
  CHECK(run.newest() == 2);
  CHECK_THAT(run.store.newest_valid().remark,
             Catch::Contains("names run.ckpt.1.h5, the newest valid one is run.ckpt.2.h5"));
  run.wait();
}

TEST_CASE("a pointer that is none is no obstacle, and is not followed") {
  Run run;
  CHECK(run.write(1).ok);
  const std::string pointer = run.folder / "run.latest";
  const auto replace = [&](const std::function<void()>& with) {
    collectively(MPI_COMM_WORLD, [&] {
      if (run.grid.rank() != 0) return;
      std::filesystem::remove_all(pointer);
      with();
    });
  };
  const auto link_to = [&](const char* target) {
    replace([&] { std::filesystem::create_symlink(target, pointer); });
  };
  const auto remark = [&] { return run.store.newest_valid().remark; };
  link_to("/dev/zero");
  CHECK_THAT(remark(), Catch::StartsWith("not used: ") && Catch::Contains("it is a link"));
  replace([&] { mkfifo(pointer.c_str(), 0600); });
  CHECK_THAT(remark(), Catch::Contains("it is a pipe"));
  replace([&] { std::ofstream(pointer) << std::string(largest_text + 1, 'x'); });
  CHECK_THAT(remark(), Catch::Contains("has more than 1048576 bytes"));
  replace([&] { std::ofstream(pointer) << "\x1b[2J"; });
  CHECK_THAT(remark(), Catch::Contains("names no checkpoint of this run"));
  replace([&] { std::filesystem::create_directory(pointer); });
  CHECK_THAT(remark(), Catch::Contains("it is a folder"));
  CHECK(run.newest() == 1);
  CHECK_THAT(run.write(2).message, Catch::Contains("run.ckpt.2.h5 is written, but cannot rename"));
  CHECK(run.newest() == 2);
  run.put("kept", "as it was");
  link_to("kept");
  CHECK(run.write(3).message.empty());
  CHECK(read_text(pointer) == "run.ckpt.3.h5\n");
  CHECK(read_text(run.folder / "kept") == "as it was");
  run.wait();
}

TEST_CASE("damaged ones are refused with the reason, the next older is taken") {
  Run run;
  for (Index iteration : {1, 2, 3}) CHECK(run.write(iteration, 3).ok);
  run.put("run.ckpt.3.h5", "garbage");
  run.wait();
  collectively(MPI_COMM_WORLD, [&] {
    if (run.grid.rank() == 0)
      std::filesystem::copy_file(run.store.path_of({1}), run.store.path_of({7}));
  });
  const auto choice = run.store.newest_valid();
  REQUIRE(choice.file);
  CHECK(choice.file->contents().iteration == 2);
  REQUIRE(choice.refused.size() == 2);
  CHECK_THAT(choice.refused[0],
             Catch::Contains("run.ckpt.7.h5") && Catch::Contains("is of iteration 1"));
  CHECK_THAT(choice.refused[1],
             Catch::Contains("run.ckpt.3.h5") && Catch::Contains("not an HDF5 file"));

  // A refused newer file does not use up a place among those kept.
  CHECK(run.write(4, 2).ok);
  CHECK(run.iterations() == Iterations{7, 4, 3});
  run.wait();
}

TEST_CASE("what a killed run has left undone is made up for, and nothing else") {
  Run run;
  for (Index iteration : {1, 2, 3}) CHECK(run.write(iteration, 3).ok);
  run.put("run.latest", "run.ckpt.2.h5\n");  // killed after_rename
  CHECK(run.store.settle({3}, 2).empty());
  CHECK(read_text(run.folder / "run.latest") == "run.ckpt.3.h5\n");
  CHECK(run.iterations() == Iterations{3, 2});
  run.wait();
  const auto before = std::filesystem::last_write_time(run.folder / "run.latest");
  CHECK(run.store.settle({3}, 2).empty());
  CHECK(std::filesystem::last_write_time(run.folder / "run.latest") == before);
  CHECK_THAT(CheckpointStore(run.folder / "missing", "run", MPI_COMM_WORLD).settle({3}, 2),
             Catch::Contains("tidying up after the checkpoint"));
  run.wait();
}

TEST_CASE("leftovers are removed, newer ones set aside") {
  Run run;
  for (Index iteration : {1, 2, 3}) CHECK(run.write(iteration, 3).ok);
  run.put("run.ckpt.4.h5.tmp", "half a file");
  run.put("run.latest.0123456789ab.tmp", "half a");
  run.put("run.latest.tmp", "not ours");
  std::vector<std::string> removed = run.store.remove_leftovers();
  std::sort(removed.begin(), removed.end());
  CHECK(removed == std::vector<std::string>{run.folder / "run.ckpt.4.h5.tmp",
                                            run.folder / "run.latest.0123456789ab.tmp"});
  CHECK_FALSE(run.has("run.ckpt.4.h5.tmp"));
  CHECK_FALSE(run.has("run.latest.0123456789ab.tmp"));
  CHECK(run.has("run.latest.tmp"));
  CHECK(run.store.set_aside_newer({1}).size() == 2);
  CHECK(run.iterations() == Iterations{1});
  CHECK(run.has("run.ckpt.3.h5.superseded"));
  CHECK(run.store.set_aside_newer(before_all).size() == 1);
  CHECK(run.newest() == -1);
  run.wait();
}

TEST_CASE("a full disk on any rank: a status with the reason on every rank, the old ones stay") {
  std::signal(SIGXFSZ, SIG_IGN);
  Run run;
  CHECK(run.write(1).ok);
  rlimit unlimited{};
  getrlimit(RLIMIT_FSIZE, &unlimited);
  for (int rank = 0; rank < run.grid.size(); ++rank)
    for (rlim_t limit : {0, 100, 5000}) {
      rlimit small = unlimited;
      small.rlim_cur = limit;
      if (run.grid.rank() == rank) setrlimit(RLIMIT_FSIZE, &small);
      const WriteStatus status = run.write(2);
      setrlimit(RLIMIT_FSIZE, &unlimited);
      INFO("limit " << limit << " on rank " << rank << ": " << status.message);
      REQUIRE_ALL(!status.ok);
      CHECK_THAT(status.message, Catch::Contains("run.ckpt.2.h5 could not be written") &&
                                     Catch::Contains("File too large"));
      CHECK_FALSE(run.has("run.ckpt.2.h5.tmp"));
      CHECK(run.newest() == 1);
    }
  CHECK(run.write(2).ok);
  CHECK(run.newest() == 2);
  run.wait();
}

TEST_CASE("a folder that cannot be written: reported, not thrown") {
  // Not by permissions, which do not bind root: the "folder" is a file, or is not there.
  Run run;
  run.put("file", "");
  for (const char* dir : {"file", "missing"}) {
    const CheckpointStore store(run.folder / dir, "run", MPI_COMM_WORLD);
    run.state.fill(1);
    CheckpointContents contents = sample_contents(1);
    contents.state = run.state.view();
    const WriteStatus status = store.write(contents, 2);
    CHECK_FALSE(status.ok);
    CHECK_THAT(status.message, Catch::Contains(dir));
    CHECK_THROWS_WITH(store.candidates(), Catch::Contains("cannot list the folder"));
  }
  run.wait();
}

TEST_CASE("no lock, no checkpoint") {
  Run run;
  const RunLock lock(run.folder.name(), "run", MPI_COMM_WORLD);
  const CheckpointStore guarded(run.folder.name(), "run", MPI_COMM_WORLD, &lock);
  CheckpointContents contents = sample_contents(1);
  contents.state = run.state.view();
  CHECK(guarded.write(contents, 1).ok);
  run.put("run.lock", "{}");
  contents.iteration = 2;
  const WriteStatus status = guarded.write(contents, 1);
  CHECK_FALSE(status.ok);
  CHECK_THAT(status.message, Catch::Contains("lost its lock"));
  CHECK(run.newest() == 1);
  run.wait();
}

TEST_CASE("inspect says what is in a file and what a run would take") {
  Run run;
  CHECK(run.write(2).ok);
  CHECK(run.write(3).ok);
  const Inspection file = inspect(run.store.path_of({3}), MPI_COMM_WORLD);
  CHECK(file.valid);
  for (const char* part : {"yes, all checksums hold", "13 - 7 - 3", "leaky_relu",
                           "finished (iterations", "/state/layer_1/W", "(13, 7)",
                           "accuracy 0.666667", "admmnet 1.2.3", "net: {hidden: [7]}", "sample"})
    CHECK_THAT(file.text, Catch::Contains(part));
  CHECK_THAT(file.json, Catch::Contains("\"valid\": true") && Catch::Contains("\"iteration\": 3"));
  const int ranks = size_of(MPI_COMM_WORLD);
  CHECK_THAT(file.text, Catch::Contains(" on " + std::to_string(ranks) +
                                        (ranks == 1 ? " rank, grid" : " ranks, grid")));

  CHECK(run.write(Position{3, 17}).ok);
  const Inspection midway = inspect(run.store.path_of({3, 17}), MPI_COMM_WORLD);
  CHECK(midway.valid);
  CHECK_THAT(midway.text, Catch::Contains("iteration:    3, 17 of 22 steps of the next pass\n"));
  CHECK_THAT(midway.json, Catch::Contains("\"steps\": 17"));
  const Inspection run_midway = inspect(run.folder.name(), MPI_COMM_WORLD);
  CHECK_THAT(run_midway.text, Catch::Contains("run.ckpt.3.17.h5, the newest valid") &&
                                  Catch::Contains("older:      " + run.store.path_of({3})));
  CHECK_THAT(run_midway.json, Catch::Contains("\"steps\": 17"));
  CHECK(run.store.set_aside_newer({3}).size() == 1);
  CHECK(run.write(2).ok);

  run.put("run.ckpt.3.h5", "");
  const Inspection damaged = inspect(run.store.path_of({3}), MPI_COMM_WORLD);
  CHECK_FALSE(damaged.valid);
  CHECK_THAT(damaged.text, Catch::Contains("it is empty"));
  CHECK_THAT(damaged.json, Catch::Contains("\"valid\": false"));

  const Inspection folder = inspect(run.folder.name(), MPI_COMM_WORLD);
  CHECK(folder.valid);
  CHECK_THAT(folder.text,
             Catch::Contains("run.ckpt.2.h5, the newest valid") && Catch::Contains("it is empty"));
  CHECK_THAT(folder.json, Catch::Contains("\"iteration\": 2"));
  CHECK_THROWS_AS(inspect(run.folder / "nothing", MPI_COMM_WORLD), BadInput);
  run.wait();
}
