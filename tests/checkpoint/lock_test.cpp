// A run keeps others out of its name; what dead runs leave does not.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "checkpoint/run_lock.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "runtime/files.h"
#include "runtime/scratch_folder.h"
#include "support/mpi_check.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

constexpr LockTiming quick{0.05, 0.4, 0.1};

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

/// Shows signs of life for whoever holds the lock.
class Pulse {
 public:
  explicit Pulse(const Scene& scene) : alive_(scene.root) {
    heart_ = std::thread([this, path = scene.path] {
      while (alive_) {
        std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now());
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      }
    });
  }
  ~Pulse() {
    alive_ = false;
    heart_.join();
  }

 private:
  std::atomic<bool> alive_;
  std::thread heart_;
};

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

  MPI_Barrier(MPI_COMM_WORLD);
}

TEST_CASE("a process number of another boot or another PID namespace says nothing") {
  const Scene scene;
  const Index dead = dead_process();
  for (std::string LockOwner::*part : {&LockOwner::boot, &LockOwner::pid_namespace}) {
    LockOwner owner = LockOwner::this_process();
    owner.*part = "another";
    owner.process = dead;
    scene.leave(owner);
    {
      const Pulse alive(scene);
      CHECK_THAT(scene.take(), Catch::StartsWith("bad input; another run holds"));
    }
    CHECK_THAT(scene.take(), Catch::StartsWith("taken") && Catch::Contains("no sign of life"));
  }
}

TEST_CASE("a lock of an earlier version is known, and signs of life decide") {
  const Scene scene;
  nlohmann::json fields = nlohmann::json::parse(LockOwner::this_process().text());
  for (const char* later : {"format", "pid_namespace", "launcher"}) fields.erase(later);
  scene.leave_text(fields.dump());
  CHECK_THAT(scene.take(), Catch::StartsWith("taken") && Catch::Contains("no sign of life"));
}

TEST_CASE("damaged locks do not block a name for ever") {
  const Scene scene;
  LockOwner owner = LockOwner::this_process();
  for (const Index process : {Index{-1}, Index{0}, Index{1} << 40}) {
    owner.process = process;
    scene.leave(owner);
    CHECK_THAT(scene.take(), Catch::StartsWith("taken") && Catch::Contains("an unknown process"));
  }
  const std::string whole = LockOwner::this_process().text();
  scene.leave_text(whole.substr(0, whole.size() / 2));
  CHECK_THAT(scene.take(), Catch::StartsWith("taken") && Catch::Contains("an unknown process"));
}

TEST_CASE("what is not our lock is left as it is") {
  const Scene scene;
  const std::string poetry = "# This file is automatically @generated by Poetry\n";
  for (const std::string& text :
       {poetry, std::string(), std::string("{}"), std::string(100000, '{'), std::string("[1]"),
        std::string("{\"host\": \"a\"}"), std::string(1 << 20, 'x')}) {
    scene.leave_text(text);
    CHECK_THAT(scene.take(), Catch::StartsWith("bad input; " + scene.path) &&
                                 Catch::Contains("not a lock of this program"));
    if (scene.root) CHECK(read_text(scene.path, 2 << 20) == text);
  }
  const std::string target = scene.folder / "target";
  const auto make = [&](const char* kind) {
    if (!scene.root) return;
    std::filesystem::remove(scene.path);
    if (kind == std::string("link")) std::filesystem::create_symlink(target, scene.path);
    if (kind == std::string("link to a device"))
      std::filesystem::create_symlink("/dev/zero", scene.path);
    if (kind == std::string("pipe")) mkfifo(scene.path.c_str(), 0600);
    if (kind == std::string("folder")) std::filesystem::create_directory(scene.path);
  };
  for (const char* kind : {"link", "link to a device", "pipe", "folder"}) {
    for (const bool with_target : {false, true}) {
      collectively(MPI_COMM_WORLD, [&] {
        if (scene.root && with_target) std::ofstream(target) << "kept";
        make(kind);
      });
      INFO(kind);
      CHECK_THAT(scene.take(), Catch::StartsWith("bad input; " + scene.path) &&
                                   Catch::Contains("not a lock of this program"));
      if (scene.root && with_target) CHECK(read_text(target) == "kept");
    }
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST_CASE("an orphan that ends soon is waited for") {
  const Scene scene;
  // A grandchild whose parent has ended: rank 0 collects it as its own, so that it can go.
  pid_t orphan = 0;
  LockOwner owner = LockOwner::this_process();
  if (scene.root) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    int channel[2];
    if (pipe(channel) != 0) throw std::runtime_error("no pipe");
    const pid_t launcher = fork();
    if (launcher == 0) {
      const pid_t child = fork();
      if (child == 0) {
        usleep(300000);  // longer than quick.leave
        _exit(0);
      }
      _exit(write(channel[1], &child, sizeof child) == sizeof child ? 0 : 1);
    }
    if (read(channel[0], &orphan, sizeof orphan) != sizeof orphan) orphan = 0;
    close(channel[0]);
    close(channel[1]);
    waitpid(launcher, nullptr, 0);
    owner.process = orphan;
    owner.launcher = launcher;
    owner.started = LockOwner::started_of(orphan);
  }
  scene.leave(owner);
  const auto start = std::chrono::steady_clock::now();
  const std::string said = scene.take();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  CHECK_THAT(said, Catch::StartsWith("taken") && Catch::Contains("its process is gone"));
  CHECK(seconds.count() > quick.leave);
  if (scene.root) {
    waitpid(orphan, nullptr, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 0);
  }
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
             Catch::StartsWith("taken") && Catch::Contains("no sign of life for 0.4 s"));
  scene.leave(elsewhere());
  const Pulse alive(scene);
  const std::string said = scene.take();
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
