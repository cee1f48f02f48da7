#include "config/parse.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "config/check.h"
#include "config/names.h"
#include "config/schema.h"
#include "config/value.h"
#include "runtime/error.h"
#include "runtime/nearest.h"

namespace admmnet {

namespace {

// PETSc's and SLEPc's options: names, and beginnings of names (those that end in '_'). From the
// manual pages of PetscInitialize, PetscOptions and SlepcInitialize and of the classes that we use.
// -options_file is not among them: decks are merged before, so that our checks see their keys.
constexpr std::array<std::string_view, 54> petsc_names{"mat_",
                                                       "ksp_",
                                                       "pc_",
                                                       "sub_",
                                                       "eps_",
                                                       "svd_",
                                                       "st_",
                                                       "bv_",
                                                       "ds_",
                                                       "fn_",
                                                       "rg_",
                                                       "vec_",
                                                       "is_",
                                                       "sf_",
                                                       "matload_",
                                                       "matptap_",
                                                       "matmatmult_",
                                                       "mattransposematmult_",
                                                       "matconvert_",
                                                       "log_",
                                                       "info",
                                                       "info_",
                                                       "history",
                                                       "malloc",
                                                       "malloc_",
                                                       "memory_view",
                                                       "options_view",
                                                       "options_left",
                                                       "options_monitor",
                                                       "options_suppress_deprecated_warnings",
                                                       "skip_petscrc",
                                                       "on_error_",
                                                       "error_output_",
                                                       "start_in_debugger",
                                                       "stop_for_debugger",
                                                       "debugger_",
                                                       "debug_terminal",
                                                       "fp_trap",
                                                       "no_signal_handler",
                                                       "check_pointer_intensity",
                                                       "checkstack",
                                                       "checkfunctionlist",
                                                       "objects_dump",
                                                       "get_total_flops",
                                                       "citations",
                                                       "version",
                                                       "help",
                                                       "viewer_",
                                                       "mpi_",
                                                       "use_gpu_aware_mpi",
                                                       "device_",
                                                       "random_",
                                                       "build_twosided",
                                                       "nox"};

bool is_petsc_name(const std::string& name) {
  return std::any_of(petsc_names.begin(), petsc_names.end(), [&](std::string_view known) {
    return known.back() == '_' ? name.compare(0, known.size(), known) == 0 : name == known;
  });
}

// The arguments sorted by what they are; the last value of a key is kept.
struct Sorted {
  std::map<std::string, std::string> values;               // of keys of the schema
  std::map<std::string, std::string> aliases;              // by key, where its value is by an alias
  std::vector<std::pair<std::string, std::string>> petsc;  // "-key", value
  std::vector<std::string> positional;
  std::set<std::string> bad_keys;  // keys with a problem
  std::vector<std::string> problems;
};

std::string unknown_key(const std::string& token, const std::string& name) {
  const auto equals = token.find('=');
  if (equals != std::string::npos)
    return token + ": write " + token.substr(0, equals) + " " + token.substr(equals + 1);
  const std::string nearest = nearest_key(name);
  return token + ": unknown key; " +
         (nearest.empty() ? "admmnet -help lists all keys" : "did you mean -" + nearest + "?");
}

void keep_petsc(const std::string& name, const std::string& value, Sorted& sorted) {
  auto& petsc = sorted.petsc;
  petsc.erase(std::remove_if(petsc.begin(), petsc.end(),
                             [&](const auto& known) { return known.first == "-" + name; }),
              petsc.end());
  petsc.emplace_back("-" + name, value);
}

Sorted sort_arguments(const std::vector<std::string>& arguments, bool takes_files) {
  Sorted sorted;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& token = arguments[i];
    if (!is_key(token)) {
      sorted.positional.push_back(token);
      continue;
    }
    const std::string name = token.substr(token[1] == '-' ? 2 : 1);
    const Key* key = find_key(name);
    const bool is_flag = key != nullptr && key->style == ValueStyle::flag;
    bool has_value = i + 1 < arguments.size() && !is_key(arguments[i + 1]);
    // "inspect -json FILE": what cannot be a flag's value is an argument where arguments are taken.
    if (has_value && is_flag && takes_files)
      has_value = is_bool_word(arguments[i + 1]) || arguments[i + 1].empty();
    const std::string value = has_value ? arguments[++i] : "";
    if (key != nullptr && !has_value && !is_flag) {
      sorted.problems.push_back(token + ": value missing; allowed: " + key->allowed);
      sorted.bad_keys.insert(key->name);
    } else if (key != nullptr) {
      sorted.values[key->name] = is_flag && value.empty() ? "true" : value;
      sorted.aliases.erase(key->name);
      if (name != key->name) sorted.aliases[key->name] = name;
    } else if (is_petsc_name(name)) {
      keep_petsc(name, value, sorted);
    } else if (sorted.bad_keys.insert(name).second) {
      sorted.problems.push_back(unknown_key(token, name));
    }
  }
  return sorted;
}

/// What regression takes where nothing is said. It is known here when the task is given, or a loss
/// that is of real targets alone.
void take_usual_of_regression(std::map<std::string, std::string>& values) {
  const auto task = values.find("data_task"), loss = values.find("net_loss");
  const bool open = task == values.end() || task->second == "auto";
  const LossFunctions* row = loss == values.end() ? nullptr : loss_table().find(loss->second);
  const std::string regression = name_of(Task::regression);
  if (open && row != nullptr && !row->takes_classes()) values["data_task"] = regression;
  const auto known = values.find("data_task");
  if (known == values.end() || known->second != regression) return;
  for (const MethodKeys& method : method_keys())
    if (method.usual_for_regression) values.emplace("train_method", method.method);
  values.emplace("net_activation", name_of(ActivationKind::tanh));  // what is smooth fits smoothly
}

/// "-admm_sweep blocks or full"
std::string in_words(const Key::Condition& condition) {
  std::string values;
  for (const std::string& value : condition.values)
    values += (values.empty() ? "" : " or ") + value;
  return "-" + condition.key + " " + values;
}

/// Refuses given keys that have no meaning in this run. Those that stand at their defaults, as in
/// the used decks of older versions, are passed over with one note.
void refuse_foreign_keys(Options& options, Sorted& sorted) {
  std::string passed_over;
  for (const Key& key : schema()) {
    if (sorted.values.count(key.name) == 0 || sorted.bad_keys.count(key.name) > 0) continue;
    for (const Key::Condition& condition : key.conditions) {
      const Key* other = find_key(condition.key);
      const std::string value = other->write(options);
      const auto& fitting = condition.values;
      if (sorted.bad_keys.count(other->name) > 0 ||
          std::find(fitting.begin(), fitting.end(), value) != fitting.end())
        continue;
      if (key.write(options) == key.write(Options{}))
        passed_over += (passed_over.empty() ? "-" : ", -") + key.name;
      else
        sorted.problems.push_back("-" + key.name + ": belongs to " + in_words(condition) +
                                  ", and this run has -" + other->name + " " + value +
                                  "; leave it out, or set " + in_words(condition));
      break;
    }
  }
  if (!passed_over.empty())
    options.notes.push_back("keys that have no meaning in this run stand at their defaults: " +
                            passed_over);
}

constexpr std::size_t most_problems = 30;  // that are told

[[noreturn]] void refuse(const std::vector<std::string>& problems) {
  std::string message = std::to_string(problems.size()) +
                        (problems.size() == 1 ? " problem" : " problems") +
                        " in the deck or on the command line:";
  for (std::size_t i = 0; i < std::min(problems.size(), most_problems); ++i)
    message += "\n  " + problems[i];
  if (problems.size() > most_problems) message += "\n  ...";
  throw BadInput(message);
}

}  // namespace

Command parse_command(const std::string& name) {
  Command command{};
  if (from_name(name, command)) return command;
  std::vector<std::string> names;
  names.reserve(EnumNames<Command>::all.size());
  for (const auto& [enumerator, text] : EnumNames<Command>::all) names.emplace_back(text);
  const std::string nearest = nearest_word(name, names);
  throw BadInput("'" + name + "' is not a command; " +
                 (nearest.empty() ? "it is one of " + list_of_names<Command>()
                                  : "did you mean " + nearest + "?"));
}

Options parse_options(const std::vector<std::string>& arguments, std::optional<Command> command,
                      int ranks) {
  const bool takes_files = !command || *command == Command::inspect || *command == Command::convert;
  Sorted sorted = sort_arguments(arguments, takes_files);
  Options options;
  options.given = arguments;
  if (command == Command::convert) options.data.format = "auto";  // unless it is given
  const std::vector<Key>& keys = schema();
  for (const MethodKeys& method : method_keys())
    if (method.modernise) method.modernise(sorted.values, options.notes);
  take_usual_of_regression(sorted.values);
  for (const Key& key : keys) {
    const auto given = sorted.values.find(key.name);
    if (given == sorted.values.end() || key.read(given->second, options)) continue;
    const auto alias = sorted.aliases.find(key.name);
    sorted.problems.push_back("-" + (alias == sorted.aliases.end() ? key.name : alias->second) +
                              ": '" + given->second + "' is not allowed; allowed: " + key.allowed);
    sorted.bad_keys.insert(key.name);
  }
  refuse_foreign_keys(options, sorted);
  options.positional = sorted.positional;
  if (!takes_files) {
    for (const std::string& argument : options.positional)
      sorted.problems.push_back("'" + argument + "': unexpected argument; keys begin with '-', " +
                                "lists are written 1,2,3, decks are read with -options_file");
  }
  for (const auto& [key, value] : sorted.petsc) {
    options.petsc.push_back(key);
    if (!value.empty()) options.petsc.push_back(value);
  }
  for (std::string& problem : contradictions(options, command, ranks, sorted.bad_keys))
    sorted.problems.push_back(std::move(problem));
  if (!sorted.problems.empty()) refuse(sorted.problems);
  return options;
}

Options as_regression(const Options& options, Command command, int ranks) {
  if (options.data.task == Task::regression) return options;
  std::vector<std::string> given = options.given;
  given.insert(given.end(),
               {"-data_task", name_of(Task::regression), "-data_format", options.data.format});
  try {
    Options result = parse_options(given, command, ranks);
    result.notes.insert(result.notes.begin(), options.notes.begin(), options.notes.end());
    return result;
  } catch (const BadInput& error) {
    throw BadInput(std::string("labels are real targets, so that -data_task is regression; ") +
                   error.what());
  }
}

}  // namespace admmnet
