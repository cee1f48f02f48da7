/// The table of keys: the only place where a key's name, range, unit and meaning are written.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/options.h"

namespace admmnet {

/// How used_yaml writes a value, and how the command line reads one.
enum class ValueStyle { plain, flag, text, list };

/// One key of the deck. The default is what `write` gives for a fresh Options.
struct Key {
  std::string name;     ///< group_field: "train_iterations"
  std::string alias;    ///< a second name for the command line, or empty
  std::string unit;     ///< of the number, or empty
  std::string allowed;  ///< type and range in words: "integer >= 1"
  std::string doc;      ///< one line
  ValueStyle style = ValueStyle::plain;
  /// The key has a meaning only where each of these other keys has one of the values.
  struct Condition {
    std::string key;
    std::vector<std::string> values;
  };
  std::vector<Condition> conditions;
  bool fixed = false;       ///< a run that goes on from a checkpoint cannot change it
  bool of_machine = false;  ///< what auto stands for depends on the machine and the ranks
  std::string empty_word;   ///< list: the word for a list of nothing
  /// What a checkpoint's deck that lacks the key means: the program had no such key then. Empty:
  /// the default.
  std::string before;
  /// Sets the field from text; false when the text is not allowed.
  std::function<bool(const std::string& text, Options&)> read;
  /// The field as text that `read` accepts.
  std::function<std::string(const Options&)> write;

  std::string group() const { return name.substr(0, name.find('_')); }
  std::string field() const { return name.substr(name.find('_') + 1); }
};

/// Keys whose names begin with `name` and '_', and what they are about.
struct KeyGroup {
  std::string name, title;
};

const std::vector<KeyGroup>& key_groups();

class Checks;  // config/check.h

/// The keys that a training method brings along, all in one group. They have a meaning with
/// -train_method <method> only, and the schema adds this condition.
struct MethodKeys {
  std::string method;   ///< its name, for -train_method
  std::string summary;  ///< a few words, for -help
  KeyGroup group;
  std::vector<Key> keys;
  /// Whether it takes hidden z steps, which not every activation has (proximal/activation.h).
  bool trains_hidden_layers = true;
  /// Whether it is what -data_task regression takes where no method is named.
  bool usual_for_regression = false;
  /// Rewrites given values (by name of the key, as text) that an older version took into those of
  /// today, and adds what it did to the notes. May be empty.
  std::function<void(std::map<std::string, std::string>& given, std::vector<std::string>& notes)>
      modernise;
  /// Finds combinations that cannot work (config/check.h). May be empty.
  std::function<void(const Options&, Checks&)> check;
};

/// Adds a method's keys to the schema. Before the first look at the schema.
void add_method_keys(MethodKeys keys);
const std::vector<MethodKeys>& method_keys();
/// The names of the methods that do not train hidden layers, for remedies: "one, another".
std::string methods_of_fixed_layers();

/// All keys, group by group in the order of key_groups(). Filled at the first call.
const std::vector<Key>& schema();

/// Whether the key has a meaning with these options.
bool belongs(const Key& key, const Options& options);

/// Whether a key may differ between a checkpoint and the run that continues it: not where it
/// belongs to data, network, seed, or what the method says is fixed.
bool may_change(const Key& key);

/// The key of this name or alias (without '-'); nullptr when there is none.
const Key* find_key(const std::string& name);

/// The name of the key that was probably meant by the unknown `name`: the same field in another or
/// no group, or few letters away; empty when there is none.
std::string nearest_key(const std::string& name);

}  // namespace admmnet
