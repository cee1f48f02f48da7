// admmnet: gradient-free training of very wide neural networks by ADMM.
//
//   mpirun -n 4 admmnet train   -options_file input/fashion_mnist.yaml
//   mpirun -n 4 admmnet predict -run_model runs/NAME.ckpt.10.h5 -data_dir data
//   admmnet plan -options_file input/fashion_mnist.yaml -ranks 512
//   admmnet inspect runs/
//   admmnet -help
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "commands/commands.h"
#include "config/config.h"
#include "methods/method.h"
#include "runtime/address_space.h"
#include "runtime/build_info.h"
#include "runtime/communicator.h"
#include "runtime/failure.h"
#include "runtime/session.h"
#include "runtime/signals.h"

namespace {

using namespace admmnet;

const char* const kUsage =
    "usage: admmnet train|predict|plan|inspect [-options_file deck.yaml] [-key value ...]\n"
    "       admmnet -help     all keys      admmnet -version\n";

/// Answers -help and -version; true when that was all there is to do.
bool answer_question(const std::vector<std::string>& arguments, bool speaks) {
  const auto asked = [&](const char* name) {
    for (const std::string& argument : arguments)
      if (argument == name || argument == std::string("-") + name) return true;
    return false;
  };
  std::string answer;
  if (asked("-help-markdown"))
    answer = keys_as_markdown();
  else if (asked("-help") || asked("-h"))
    answer = kUsage + ("\n" + help_text());
  else if (asked("-version"))
    answer = "admmnet " + build_info().version + " " + build_info().git + "\n";
  if (speaks) std::cout << answer;
  return !answer.empty();
}

ExitCode run(Session& session, const std::vector<std::string>& arguments) {
  const MPI_Comm world = MPI_COMM_WORLD;
  // 1. questions
  if (answer_question(arguments, rank_of(world) == 0)) return ExitCode::finished;
  if (arguments.size() < 2) throw BadInput(std::string("no command given\n") + kUsage);

  // 2. deck and command line
  const Command command = parse_command(arguments[1]);
  const std::vector<std::string> merged =
      merge_deck({arguments.begin() + 2, arguments.end()}, world);
  const Options options = parse_options(merged, command, size_of(world));

  // 3. libraries
  std::vector<std::string> for_petsc = {arguments[0]};
  for_petsc.insert(for_petsc.end(), options.petsc.begin(), options.petsc.end());
  session.start_libraries(for_petsc);

  // 4. the command
  switch (command) {
    case Command::train:
      return run_train(options, world);
    case Command::predict:
      return run_predict(options, world);
    case Command::inspect:
      return run_inspect(options, world);
    case Command::plan:
      return run_plan(options, world);
    case Command::convert:
      break;
  }
  throw BadInput("the command convert does not exist yet\n" + std::string(kUsage));
}

/// By what the launcher says, while MPI cannot be asked.
bool is_first_of_node() {
  for (const char* name : {"OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"})
    if (const char* rank = std::getenv(name)) return std::string(rank) == "0";
  return true;
}

}  // namespace

int main(int argc, char* argv[]) {
  // From the very beginning to the very end, also on ranks that have no part in the run: starting
  // and leaving MPI takes time too.
  std::optional<SignalWatch> signals;
  if (argc > 1 && std::string(argv[1]) == "train") signals.emplace();
  if (const std::string reason = reserve_address_space(); !reason.empty()) {
    if (is_first_of_node()) std::cerr << "admmnet: error: " << reason << std::endl;
    std::_Exit(static_cast<int>(ExitCode::bad_input));  // OpenBLAS's threads, which never end
  }
  Session session(&argc, &argv);
  register_methods();
  const std::vector<std::string> arguments(argv, argv + argc);
  return exit_code_on_every_rank(MPI_COMM_WORLD, [&] { return run(session, arguments); });
}
