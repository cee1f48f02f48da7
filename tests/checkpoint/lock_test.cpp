// A run keeps others out of its name; what dead runs leave does not.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "checkpoint/run_lock.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/files.h"
#include "runtime/scratch_folder.h"
#include "support/mpi_check.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

constexpr LockTiming quick{0.05, 0.6};

/// A folder in which rank 0 may leave a lock before all try to take it.
struct Scene {
  ScratchFolder folder;
  std::string path = folder / "run.lock";
  bool root = rank_of(MPI_COMM_WORLD) == 0;

  void leave(const LockOwner& owner) const { leave_text(owner.text()); }
  void leave_text(const std::string& text) const {
    collectively(MPI_COMM_WORLD, [&] {
      if (root) std::ofstream(path) << text;
    });
  }
  /// What taking the lock says: whose it took over, or the error.
  std::string take() const {
    std::string said;
    try {
      const RunLock lock(folder.name(), "run", MPI_COMM_WORLD, quick);
      lock.require_held();
      said = "taken; " + lock.taken_over();
      MPI_Barrier(MPI_COMM_WORLD);
    } catch (const Error& error) {
      said = (error.code() == ExitCode::bad_input ? "bad input; " : "other; ") +
             std::string(error.what());
    }
    MPI_Barrier(MPI_COMM_WORLD);
    return said;
  }
};

/// A process of this host that has ended.
Index dead_process() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return child;
}

LockOwner elsewhere() {
  LockOwner owner = LockOwner::this_process();
  owner.host = "another-host";
  return owner;
}

}  // namespace

TEST_CASE("a lock is held for its lifetime and keeps others out") {
  const Scene scene;
  {
    const RunLock lock(scene.folder.name(), "run", MPI_COMM_WORLD, quick);
    CHECK(lock.taken_over().empty());
    REQUIRE_ALL(file_exists(scene.path));
    const std::string said = scene.take();
    CHECK_THAT(said, Catch::StartsWith("bad input; another run holds") &&
                         Catch::Contains("on host") && Catch::Contains("-run_name"));
    REQUIRE_ALL(file_exists(scene.path));
  }
  MPI_Barrier(MPI_COMM_WORLD);
  REQUIRE_ALL(!file_exists(scene.path));
  CHECK(scene.take() == "taken; ");
}

TEST_CASE("a living process of this host keeps others out, with its number and job") {
  const Scene scene;
  LockOwner owner = LockOwner::this_process();  // the same on all ranks, so far as rank 0 looks
  owner.job = "4711";
  scene.leave(owner);
  CHECK_THAT(scene.take(), Catch::StartsWith("bad input") && Catch::Contains("(job 4711)"));
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST_CASE("locks of the dead are taken over") {
  const Scene scene;
  LockOwner owner = LockOwner::this_process();

  owner.process = dead_process();
  scene.leave(owner);
  CHECK_THAT(scene.take(),
             Catch::StartsWith("taken; took over") && Catch::Contains("its process is gone"));

  owner = LockOwner::this_process();
  owner.started = "1";
  scene.leave(owner);
  CHECK_THAT(scene.take(),
             Catch::StartsWith("taken") && Catch::Contains("belongs to another process"));

  owner = LockOwner::this_process();
  owner.boot = "earlier";
  scene.leave(owner);
  CHECK_THAT(scene.take(), Catch::StartsWith("taken") && Catch::Contains("was restarted"));
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST_CASE("a requeued job takes its own lock over at once") {
  const Scene scene;
  LockOwner owner = elsewhere();
  owner.job = "4711";
  owner.restarts = "0";
  setenv("SLURM_JOB_ID", "4711", 1);
  setenv("SLURM_RESTART_COUNT", "1", 1);
  scene.leave(owner);
  const auto start = std::chrono::steady_clock::now();
  const std::string said = scene.take();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  unsetenv("SLURM_JOB_ID");
  unsetenv("SLURM_RESTART_COUNT");
  CHECK_THAT(said, Catch::StartsWith("taken") && Catch::Contains("the job was requeued"));
  CHECK(seconds.count() < quick.patience);
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST_CASE("of another host, signs of life decide") {
  const Scene scene;
  scene.leave(elsewhere());
  CHECK_THAT(scene.take(),
             Catch::StartsWith("taken") && Catch::Contains("no sign of life for 0.6 s"));
  scene.leave_text("half a lo");
  CHECK_THAT(scene.take(), Catch::StartsWith("taken") && Catch::Contains("of an unknown process"));

  scene.leave(elsewhere());
  std::atomic<bool> alive{scene.root};
  std::thread heart([&] {
    while (alive) {
      std::filesystem::last_write_time(scene.path, std::filesystem::file_time_type::clock::now());
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  const std::string said = scene.take();
  alive = false;
  heart.join();
  CHECK_THAT(said, Catch::StartsWith("bad input") && Catch::Contains("another-host"));
  REQUIRE_ALL(file_exists(scene.path));
}

TEST_CASE("a holder shows signs of life, and notices a loss") {
  const Scene scene;
  {
    const RunLock lock(scene.folder.name(), "run", MPI_COMM_WORLD, quick);
    const auto before = std::filesystem::last_write_time(scene.path);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    REQUIRE_ALL(std::filesystem::last_write_time(scene.path) > before);
    scene.leave(elsewhere());
    CHECK_THROWS_WITH(lock.require_held(),
                      Catch::Contains("lost its lock") && Catch::Contains("another-host"));
  }
  MPI_Barrier(MPI_COMM_WORLD);
  REQUIRE_ALL(file_exists(scene.path));  // the other run's now, not ours to remove
}

TEST_CASE("a lock that cannot be made is an I/O failure") {
  const Scene scene;
  CHECK_THROWS_WITH(RunLock(scene.folder / "missing", "run", MPI_COMM_WORLD),
                    Catch::Contains("cannot create the lock"));
  MPI_Barrier(MPI_COMM_WORLD);
}
