#include "config/deck.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include <yaml-cpp/yaml.h>

#include "config/value.h"
#include "runtime/communicator.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

// A deck has some hundred lines. Aliases let a short text stand for any number of values, so what
// counts is what is there when they are in their places.
constexpr std::size_t largest_deck = 128 << 10;  // bytes, of the text and of all its values
constexpr std::size_t most_values = 10000;       // keys and elements of lists
constexpr std::size_t longest_key = 100;         // letters
constexpr int deepest_nesting = 8;               // also ends a YAML alias that contains itself

bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7f;
}

// One deck while it is read: where it is for messages, what it gave so far.
class DeckReader {
 public:
  explicit DeckReader(std::string name) : name_(std::move(name)) {}

  std::vector<std::string> read(const std::string& yaml) {
    if (yaml.size() > largest_deck)
      throw BadInput(name_ + ": larger than " + std::to_string(largest_deck >> 10) +
                     " KiB, so not a deck; -options_file takes a YAML file");
    refuse_binary(yaml);
    std::vector<YAML::Node> documents;
    try {
      documents = YAML::LoadAll(yaml);
    } catch (const YAML::Exception& error) {
      fail(error.mark, "not valid YAML (" + error.msg + ")",
           "check indentation, colons, quotes and brackets there");
    }
    if (documents.size() != 1 || !documents[0].IsMap()) {
      fail(documents.empty() ? YAML::Mark::null_mark() : documents.back().Mark(),
           "not one map of keys", "write keys as in 'net: {hidden: [100]}' or 'net_hidden: 100'");
    }
    add_map(documents[0], "", 1);
    return std::move(arguments_);
  }

 private:
  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what,
                         const std::string& remedy) const {
    const std::string line = mark.is_null() ? "" : ":" + std::to_string(mark.line + 1);
    throw BadInput(name_ + line + ": " + what + "; " + remedy);
  }

  void refuse_binary(const std::string& yaml) const {
    const auto bad = std::find_if(yaml.begin(), yaml.end(), [](unsigned char c) {
      return is_control(c) && c != '\n' && c != '\r' && c != '\t';
    });
    if (bad == yaml.end()) return;
    YAML::Mark mark;
    mark.line = static_cast<int>(std::count(yaml.begin(), bad, '\n'));
    fail(mark, "not a text file", "-options_file takes a deck in YAML");
  }

  /// Every key and every element of a list, wherever an alias has put it.
  void count(std::size_t bytes, const YAML::Mark& mark) {
    bytes_ += bytes;
    if (++values_ > most_values || bytes_ > largest_deck)
      fail(mark,
           "more than " + std::to_string(most_values) + " values or " +
               std::to_string(largest_deck >> 10) + " KiB of them, with all aliases in place",
           "a deck has some hundred keys");
  }

  void add_map(const YAML::Node& map, const std::string& prefix, int depth) {
    for (const auto& entry : map) {
      const std::string key = prefix + key_name(entry.first);
      count(key.size(), entry.first.Mark());
      const YAML::Node& value = entry.second;
      if (value.IsMap()) {
        if (depth == deepest_nesting) {
          fail(entry.first.Mark(), "-" + key + " is nested too deep",
               "a deck has groups and keys in them");
        }
        add_map(value, key + "_", depth + 1);
      } else {
        add_value(key, value, entry.first.Mark());
      }
    }
  }

  std::string key_name(const YAML::Node& key) const {
    std::string text = key.IsScalar() ? key.Scalar() : "";
    const bool is_name = !text.empty() && text.size() <= longest_key &&
                         std::isalpha(static_cast<unsigned char>(text[0])) &&
                         std::all_of(text.begin(), text.end(),
                                     [](unsigned char c) { return std::isalnum(c) || c == '_'; });
    if (!is_name) {
      fail(key.Mark(), "'" + text.substr(0, longest_key) + "' is not a key",
           "keys are made of letters, digits and '_', without a '-' in front");
    }
    return text;
  }

  void add_value(const std::string& key, const YAML::Node& value, const YAML::Mark& mark) {
    const auto [first, is_new] = lines_.emplace(key, mark.line + 1);
    if (!is_new) {
      fail(mark, "-" + key + " was already given in line " + std::to_string(first->second),
           "remove one of the two");
    }
    if (key == "options_file") {
      fail(mark, "a deck cannot include another one",
           "give several -options_file on the command line");
    }
    arguments_.push_back("-" + key);
    arguments_.push_back(value.IsSequence() ? joined(value, key, mark) : scalar(value, key, mark));
  }

  std::string scalar(const YAML::Node& value, const std::string& key, const YAML::Mark& mark) {
    if (!value.IsDefined() || value.IsNull()) return "";
    if (!value.IsScalar()) {
      fail(mark, "-" + key + " holds a list of lists or maps",
           "values are scalars, or lists of scalars");
    }
    const std::string& text = value.Scalar();
    count(text.size(), mark);
    if (std::any_of(text.begin(), text.end(), is_control)) {
      fail(mark, "the value of -" + key + " has a line break or another control character",
           "write it in one line");
    }
    if (is_key(text)) {
      fail(mark, "the value '" + text + "' of -" + key + " looks like a key",
           "it must not begin with '-' and a letter");
    }
    return text;
  }

  std::string joined(const YAML::Node& list, const std::string& key, const YAML::Mark& mark) {
    if (list.size() == 0) return "[]";
    std::string text;
    for (const YAML::Node& element : list)
      text += (text.empty() ? "" : ",") + scalar(element, key, mark);
    return text;
  }

  std::string name_;
  std::vector<std::string> arguments_;
  std::map<std::string, int> lines_;  // of every key so far
  std::size_t values_ = 0, bytes_ = 0;
};

// "-options_file FILE" taken out of the command line, its keys put first.
std::vector<std::string> merge_on_this_rank(const std::vector<std::string>& command_line) {
  std::vector<std::string> merged, rest;
  for (std::size_t i = 0; i < command_line.size(); ++i) {
    if (command_line[i] != "-options_file" && command_line[i] != "--options_file") {
      rest.push_back(command_line[i]);
      continue;
    }
    if (++i == command_line.size() || is_key(command_line[i]) || command_line[i].empty())
      throw BadInput("-options_file: the file is missing; write -options_file deck.yaml");
    const std::vector<std::string> deck = read_deck(command_line[i]);
    merged.insert(merged.end(), deck.begin(), deck.end());
  }
  merged.insert(merged.end(), rest.begin(), rest.end());
  return merged;
}

}  // namespace

std::vector<std::string> deck_arguments(const std::string& yaml, const std::string& name) {
  return DeckReader(name).read(yaml);
}

std::vector<std::string> read_deck(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    throw BadInput(file + ": a folder, not a deck; -options_file takes a YAML file");
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text(largest_deck + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    throw BadInput(file + ": cannot be read (" + std::strerror(errno) +
                   "); give an existing YAML file after -options_file");
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return deck_arguments(text, file);
}

std::vector<std::string> merge_deck(const std::vector<std::string>& command_line, MPI_Comm comm) {
  std::string joined;  // every argument followed by '\0', which no argument contains
  collectively(comm, [&] {
    if (rank_of(comm) != 0) return;
    for (const std::string& argument : merge_on_this_rank(command_line))
      joined.append(argument).push_back('\0');
  });
  joined = broadcast(joined, 0, comm);
  std::vector<std::string> arguments;
  for (std::size_t begin = 0; begin < joined.size(); begin += arguments.back().size() + 1)
    arguments.emplace_back(joined.c_str() + begin);
  return arguments;
}

}  // namespace admmnet
