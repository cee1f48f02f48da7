// admmnet: gradient-free training of very wide neural networks by ADMM.
//
//   mpirun -n 4 admmnet train   -options_file input/fashion_mnist.yaml
//   mpirun -n 4 admmnet predict -run_model runs/NAME.ckpt.10.h5 -data_dir data
//   admmnet plan -options_file input/fashion_mnist.yaml -ranks 512
//   admmnet convert table.csv table.h5
//   admmnet inspect runs/
//   admmnet -help [KEY]
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

std::string usage() {
  std::string names, summaries;
  for (const CommandRow& row : commands) {
    names += (names.empty() ? "" : "|") + name_of(row.command);
    summaries += "       " + name_of(row.command) + ": " + row.summary + "\n";
  }
  return "usage: admmnet " + names + " [-options_file deck.yaml] [-key value ...]\n" + summaries +
         "       admmnet -help     all keys      admmnet -help KEY     one of them, or a group\n"
         "       admmnet -version\n";
}

/// For whoever calls the program for the first time.
std::string first_steps() {
  return "\nto begin, save this deck as my.yaml:\n\n"
         "  data: {format: idx, dir: data/mnist}   # tables: {format: csv, train: train.csv}\n"
         "  net: {hidden: [256, 256]}\n"
         "  run: {name: my, outdir: runs/my}\n\n"
         "and call\n\n"
         "  mpirun -n 4 admmnet train -options_file my.yaml\n"
         "  mpirun -n 4 admmnet predict -options_file my.yaml -run_model runs/my/my.ckpt.8.h5\n"
         "  admmnet plan -options_file my.yaml -ranks 512\n";
}

/// The answer to -help, which may have a key or a group behind it; empty when it was not asked.
std::string answer_to_help(const std::vector<std::string>& arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i] != "-help" && arguments[i] != "--help" && arguments[i] != "-h") continue;
    return i + 1 < arguments.size() ? help_on(arguments[i + 1]) : usage() + "\n" + help_text();
  }
  return "";
}

/// Answers -help and -version; true when that was all there is to do.
bool answer_question(const std::vector<std::string>& arguments, bool speaks) {
  const auto asked = [&](const char* name) {
    for (const std::string& argument : arguments)
      if (argument == name || argument == std::string("-") + name) return true;
    return false;
  };
  std::string answer = asked("-help-markdown") ? keys_as_markdown() : answer_to_help(arguments);
  if (answer.empty() && asked("-version"))
    answer = "admmnet " + build_info().version + " " + build_info().git + "\n";
  if (speaks) std::cout << answer;
  return !answer.empty();
}

ExitCode run(Session& session, const std::vector<std::string>& arguments) {
  const MPI_Comm world = MPI_COMM_WORLD;
  // 1. questions
  if (answer_question(arguments, rank_of(world) == 0)) return ExitCode::finished;
  if (arguments.size() < 2) throw BadInput("no command given\n" + usage() + first_steps());

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
  for (const CommandRow& row : commands)
    if (row.command == command) return row.run(with_known_format(options, command, world), world);
  throw InternalError("no row of the commands for " + name_of(command));
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
  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "train" || command == "convert") signals.emplace();
  if (const std::string reason = reserve_address_space(); !reason.empty()) {
    if (is_first_of_node()) std::cerr << "admmnet: error: " << reason << std::endl;
    std::_Exit(static_cast<int>(ExitCode::bad_input));  // OpenBLAS's threads, which never end
  }
  Session session(&argc, &argv);
  register_methods();
  const std::vector<std::string> arguments(argv, argv + argc);
  return exit_code_on_every_rank(MPI_COMM_WORLD, [&] { return run(session, arguments); });
}
