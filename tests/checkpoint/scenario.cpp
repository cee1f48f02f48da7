// A program to be killed: writes checkpoints as a run does, or goes on from what such a run has
// left.
//   checkpoint_scenario write DIR FIRST LAST   exit code 0, or 3 when a checkpoint failed
//   checkpoint_scenario resume DIR             prints what it takes, checks the state, writes the
//   next
#include <csignal>
#include <cstdio>
#include <string>

#include <mpi.h>
#include <petscsys.h>

#include "checkpoint/faults.h"
#include "checkpoint/sample_run.h"
#include "checkpoint/store.h"
#include "runtime/error.h"

using namespace admmnet;
using namespace admmnet::test;

namespace {

class Scenario {
 public:
  explicit Scenario(const std::string& dir)
      : lock_(dir, "run", MPI_COMM_WORLD),
        store_(dir, "run", MPI_COMM_WORLD, &lock_),
        grid_(MPI_COMM_WORLD, size_of(MPI_COMM_WORLD), 1),
        state_(grid_, 2) {
    say(lock_.taken_over());
    say("armed: " + armed_fault());
  }

  bool write(Index iteration) {
    state_.fill(iteration);
    CheckpointContents contents = sample_contents(iteration);
    contents.state = state_.view();
    const WriteStatus status = store_.write(contents, 1);
    say(status.ok ? "wrote " + status.path : "FAILED: " + status.message);
    return status.ok;
  }

  bool resume() {
    for (const std::string& path : store_.remove_leftovers()) say("removed " + path);
    const auto choice = store_.newest_valid();
    for (const std::string& reason : choice.refused) say("refused: " + reason);
    say(choice.remark);
    if (!choice.file) {
      say("takes nothing");
      return false;
    }
    const Index iteration = choice.file->contents().iteration;
    choice.file->load_state(state_.view());
    int good = state_.holds(iteration) &&
               same_contents(choice.file->contents(), sample_contents(iteration));
    MPI_Allreduce(MPI_IN_PLACE, &good, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    say("takes " + std::to_string(iteration) + (good ? ", state as it was" : ", WRONG STATE"));
    return good && write(iteration + 1) &&
           store_.newest_valid().file->contents().iteration == iteration + 1;
  }

 private:
  void say(const std::string& text) const {
    if (grid_.rank() != 0 || text.empty()) return;
    std::printf("%s\n", text.c_str());
    std::fflush(stdout);
  }

  RunLock lock_;
  CheckpointStore store_;
  ProcessGrid grid_;
  SampleState state_;
};

bool play(int argc, char* argv[]) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if (mode == "resume") return Scenario(argv[2]).resume();
  if (mode != "write" || argc != 5) throw BadInput("see the top of scenario.cpp");
  Scenario scenario(argv[2]);
  bool all = true;
  for (Index iteration = std::stoll(argv[3]); iteration <= std::stoll(argv[4]); ++iteration)
    all = scenario.write(iteration) && all;
  return all;
}

}  // namespace

int main(int argc, char* argv[]) {
  std::signal(SIGXFSZ, SIG_IGN);
  MPI_Init(&argc, &argv);
  int no_arguments = 1;
  PetscInitialize(&no_arguments, &argv, nullptr, nullptr);
  int code = 0;
  try {
    code = play(argc, argv) ? 0 : 3;
  } catch (const Error& error) {
    std::printf("error: %s\n", error.what());
    code = static_cast<int>(error.code());
  }
  PetscFinalize();
  MPI_Finalize();
  return code;
}
