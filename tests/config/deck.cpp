#include "config/deck.h"

#include <filesystem>
#include <fstream>
#include <stdlib.h>

#include <catch2/catch.hpp>

#include "config/parse.h"
#include "runtime/communicator.h"
#include "runtime/error.h"
#include "support/mpi_check.h"

using namespace admmnet;
using Arguments = std::vector<std::string>;

namespace {

// A new folder that only rank 0 sees files in, removed at the end. Collective.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "admmnet_deck_XXXXXX").string();
    if (rank_of(MPI_COMM_WORLD) == 0 && mkdtemp(name.data()) == nullptr) name.clear();
    path_ = broadcast(name, 0, MPI_COMM_WORLD);
    REQUIRE_ALL(!path_.empty());
  }
  ~Folder() {
    MPI_Barrier(MPI_COMM_WORLD);
    std::error_code ignored;
    if (rank_of(MPI_COMM_WORLD) == 0) std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string deck(const std::string& name, const std::string& text) const {
    const std::string file = path_ + "/" + name;
    if (rank_of(MPI_COMM_WORLD) == 0) std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::string path_;
};

// The message with which all ranks refuse, the same on each and with exit code 2; empty when one of
// them does not. Collective.
std::string refusal(const Arguments& command_line) {
  std::string message;
  try {
    merge_deck(command_line, MPI_COMM_WORLD);
  } catch (const Error& error) {
    if (error.code() == ExitCode::bad_input) message = error.what();
  }
  const bool same = message == broadcast(message, 0, MPI_COMM_WORLD);
  return test::on_all_ranks(same) ? message : "";
}

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

std::string repeated_keys(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "k" + std::to_string(i) + ":\n";
  return text.substr(0, 127 << 10);
}

// Ten keys, each a map of ten aliases of the one before: 10^8 in all.
std::string bomb() {
  std::string text = "a: &a0 {z: 1}\n";
  for (int level = 1; level < 8; ++level) {
    text += "m" + std::to_string(level) + ": &a" + std::to_string(level) + " {";
    for (int i = 0; i < 10; ++i)
      text += "k" + std::to_string(i) + ": *a" + std::to_string(level - 1) + ", ";
    text += "}\n";
  }
  return text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a deck becomes keys and values on every rank") {
  const Folder folder;
  const std::string deck = folder.deck("a.yaml",
                                       "# a comment\n"
                                       "net: {hidden: [100, 200], activation: relu}\n"
                                       "admm:\n"
                                       "  gram: {every: 3, memory: .5}\n"
                                       "data_classes: []\n"
                                       "data: {dir: 'a b', train: , validation: -1}\n"
                                       "log_view:\n");
  const Arguments merged = merge_deck({"-options_file", deck}, MPI_COMM_WORLD);
  const Arguments expected{
      "-net_hidden",       "100,200", "-net_activation",  "relu", "-admm_gram_every", "3",
      "-admm_gram_memory", ".5",      "-data_classes",    "[]",   "-data_dir",        "a b",
      "-data_train",       "",        "-data_validation", "-1",   "-log_view",        ""};
  REQUIRE_ALL(merged == expected);
}

TEST_CASE("the command line wins wherever it stands; the later deck wins over the earlier") {
  const Folder folder;
  const std::string one = folder.deck("1.yaml", "init: {seed: 1}\ntrain: {iterations: 11}\n");
  const std::string two = folder.deck("2.yaml", "init: {seed: 2}\n");
  const auto seed = [](const Arguments& command_line) {
    return parse_options(merge_deck(command_line, MPI_COMM_WORLD)).init.seed;
  };
  REQUIRE_ALL(seed({"-options_file", one}) == 1);
  REQUIRE_ALL(seed({"-options_file", one, "-init_seed", "3"}) == 3);
  REQUIRE_ALL(seed({"-init_seed", "3", "-options_file", one}) == 3);
  REQUIRE_ALL(seed({"-options_file", one, "-options_file", two}) == 2);
  REQUIRE_ALL(seed({"--options_file", two, "-options_file", one}) == 1);
  const Arguments merged =
      merge_deck({"file", "-options_file", one, "-options_file", two}, MPI_COMM_WORLD);
  REQUIRE_ALL(parse_options(merged).train.iterations == 11);
  REQUIRE_ALL(merged.back() == "file");
}

TEST_CASE("anchors and aliases may be used") {
  const Arguments read =
      deck_arguments("admm: {beta: &b 2, gamma: *b}\nnet: {hidden: [&w 5, *w]}\n", "deck");
  REQUIRE_ALL((read == Arguments{"-admm_beta", "2", "-admm_gamma", "2", "-net_hidden", "5,5"}));
}

TEST_CASE("without a deck the command line of rank 0 is everyone's") {
  const std::string own = std::to_string(rank_of(MPI_COMM_WORLD));
  REQUIRE_ALL(
      (merge_deck({"-init_seed", own, ""}, MPI_COMM_WORLD) == Arguments{"-init_seed", "0", ""}));
  REQUIRE_ALL(merge_deck({}, MPI_COMM_WORLD).empty());
}

TEST_CASE("a deck that cannot be used is refused on every rank, with file, line and remedy") {
  const Folder folder;
  struct Case {
    std::string text, line, problem;
  };
  const std::vector<Case> cases{
      {"net:\n  hidden: [1, 2\n", ":", "not valid YAML"},
      {"a: 1\nb: c: d\n", ":2:", "not valid YAML"},
      {"a: 1\n\tb: 2\n", ":2:", "not valid YAML"},
      {std::string(100000, '['), ":", "not valid YAML"},
      {"", ":", "not one map of keys"},
      {"# nothing\n", ":", "not one map of keys"},
      {"-net_hidden 100\n", ":1:", "not one map of keys"},
      {"- a\n- b\n", ":1:", "not one map of keys"},
      {"a: 1\n---\nb: 2\n", ":", "not one map of keys"},
      {"net_hidden: 1\nnet_bias: 1\nnet_hidden: 2\n",
       ":3:", "-net_hidden was already given in line 1"},
      {"net: {hidden: 1}\nnet_hidden: 2\n", ":2:", "-net_hidden was already given in line 1"},
      {"net:\n  hidden: 1\n  hidden: 2\n", ":3:", "-net_hidden was already given in line 2"},
      {"a: 1\n-net_hidden: 5\n", ":2:", "'-net_hidden' is not a key"},
      {"net: {[1]: 5}\n", ":1:", "is not a key"},
      {"net:\n  hidden: [[1], 2]\n", ":2:", "list of lists"},
      {"a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}\n", ":1:", "nested too deep"},
      {"run:\n  name: -net_bias\n", ":2:", "looks like a key"},
      {"run: {name: \"a\\nb\"}\n", ":1:", "control character"},
      {"options_file: other.yaml\n", ":1:", "cannot include"},
      {std::string("a: 1\nb: \0\n", 10), ":2:", "not a text file"},
      {"\x89HDF\r\n\x1a\n", ":2:", "not a text file"},
      {std::string((128 << 10) + 1, '#'), ":", "larger than 128 KiB"},
      {"a: [" + repeated("1,", 60000) + "]\n", ":1:", "more than 10000 values"},
      {repeated_keys(20000), ":", "more than 10000 values"},
      {"a: &a [" + repeated("x", 1000) + "]\nb: [" + repeated("*a,", 9) + "]\n",
       ":2:", "list of lists"},
      {"a: &a " + repeated("x", 1000) + "\nb: [" + repeated("*a,", 9000) + "]\n",
       ":2:", "128 KiB of them"},
      {bomb(), ":", "more than 10000 values"},
      {std::string(101, 'k') + ": 1\n", ":1:", "is not a key"},
  };
  for (const Case& bad : cases) {
    const std::string file = folder.deck("bad.yaml", bad.text);
    const std::string message = refusal({"-options_file", file, "-init_seed", "1"});
    INFO(bad.text.substr(0, 60) << " -> " << message);
    REQUIRE_ALL(contains(message, file + bad.line));
    REQUIRE_ALL(contains(message, bad.problem));
    REQUIRE_ALL(message.find('\n') == std::string::npos);
  }
}

TEST_CASE("a deck that is not there is refused on every rank") {
  const Folder folder;
  const std::string missing = folder.path() + "/missing.yaml";
  REQUIRE_ALL(contains(refusal({"-options_file", missing}),
                       missing + ": cannot be read (No such file or directory)"));
  REQUIRE_ALL(contains(refusal({"-options_file", folder.path()}), "a folder, not a deck"));
  REQUIRE_ALL(contains(refusal({"-options_file"}), "the file is missing"));
  REQUIRE_ALL(contains(refusal({"-options_file", "-init_seed", "1"}), "the file is missing"));
}
