#include "config/describe.h"

#include <algorithm>
#include <sstream>

#include "config/schema.h"
#include "config/value.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr std::size_t page_width = 100;

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

/// Numbers as they are; words between quotes, since YAML has its own idea of yes, ~ and a: b.
std::string yaml_element(const std::string& text) {
  double ignored = 0.0;
  return Codec<double>::read(text, {}, ignored) ? text : quoted(text);
}

std::string yaml_value(const Key& key, const Options& options) {
  std::string text = key.write(options);
  if (key.style == ValueStyle::text) return quoted(text);
  if (key.style != ValueStyle::list || text == key.empty_word) return text;
  std::string list;
  for (const std::string& part : split_list(text))
    list += (list.empty() ? "" : ", ") + yaml_element(part);
  return "[" + list + "]";
}

std::string default_of(const Key& key) {
  const std::string text = key.write(Options{});
  return text.empty() ? "-" : text;
}

// "integer >= 0, in samples"
std::string values_of(const Key& key) {
  return key.unit.empty() ? key.allowed : key.allowed + ", in " + key.unit;
}

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 1, ' ');
}

// Words of `text` in lines of at most page_width letters, all but the first one indented.
std::string wrapped(const std::string& first_line, const std::string& text, std::size_t indent) {
  std::string result = first_line, word;
  std::size_t column = first_line.size();
  for (std::istringstream words(text); words >> word;) {
    const bool at_margin = column <= indent;
    if (!at_margin && column + 1 + word.size() > page_width) {
      result += "\n" + std::string(indent, ' ') + word;
      column = indent + word.size();
    } else {
      result += (at_margin ? "" : " ") + word;
      column += (at_margin ? 0 : 1) + word.size();
    }
  }
  return result + "\n";
}

/// The meaning, behind the conditions other than the method: "admm_sweep blocks: ...".
std::string meaning_of(const Key& key) {
  std::string conditions;
  for (const Key::Condition& condition : key.conditions) {
    if (condition.key == "train_method") continue;
    for (std::size_t i = 0; i < condition.values.size(); ++i)
      conditions += (i > 0 ? ", " : "") + condition.values[i];
    conditions += ": ";
  }
  return conditions + key.doc;
}

std::string names_of(const Key& key) {
  return "-" + key.name + (key.alias.empty() ? "" : ", -" + key.alias);
}

struct HelpColumns {
  HelpColumns() {
    for (const Key& key : schema()) {
      name = std::max(name, names_of(key).size() + 4);
      value = std::max(value, default_of(key).size() + 2);
    }
  }
  std::size_t name = 0, value = 0;
};

std::string help_on_group(const KeyGroup& group, const HelpColumns& columns) {
  std::string help = group.name + "_: " + group.title + "\n";
  for (const Key& key : schema())
    if (key.group() == group.name)
      help += wrapped(
          padded("  " + names_of(key), columns.name) + padded(default_of(key), columns.value),
          meaning_of(key) + " (" + values_of(key) + ")", columns.name + columns.value);
  return help;
}

/// "-admm_sweep blocks or full": where the key has a meaning.
std::string condition_text(const Key::Condition& condition) {
  std::string text = "-" + condition.key + " ";
  for (std::size_t i = 0; i < condition.values.size(); ++i)
    text += (i > 0 ? " or " : "") + condition.values[i];
  return text;
}

std::string help_on_key(const Key& key) {
  constexpr std::size_t indent = 11;
  const auto line = [&](const char* what, const std::string& text) {
    return text.empty() ? "" : wrapped(padded(what, indent), text, indent);
  };
  std::string group, conditions;
  for (const KeyGroup& one : key_groups())
    if (one.name == key.group()) group = one.name + ", " + one.title;
  for (const Key::Condition& condition : key.conditions)
    conditions += (conditions.empty() ? "" : ", and ") + condition_text(condition);
  return names_of(key) + "\n" + line("  meaning", key.doc) + line("  allowed", values_of(key)) +
         line("  default", default_of(key)) +
         line("  only", conditions.empty() ? "" : "with " + conditions) + line("  group", group) +
         line("  deck", key.group() + ": {" + key.field() + ": VALUE}") +
         line("  restart",
              may_change(key) ? "" : "a run that goes on from a checkpoint cannot change it");
}

std::string markdown_cell(std::string text) {
  for (std::size_t bar = text.find('|'); bar != std::string::npos; bar = text.find('|', bar + 2))
    text.insert(bar, "\\");
  return text;
}

}  // namespace

std::vector<OptionValue> values(const Options& options) {
  std::vector<OptionValue> result;
  for (const Key& key : schema()) result.push_back({key.name, key.write(options)});
  return result;
}

std::vector<OptionDifference> differences(const Options& before, const Options& after) {
  std::vector<OptionDifference> result;
  for (const Key& key : schema()) {
    if (!belongs(key, before) || !belongs(key, after)) continue;
    const std::string old_text = key.write(before), new_text = key.write(after);
    if (old_text != new_text) result.push_back({key.name, old_text, new_text});
  }
  return result;
}

std::string used_yaml(const Options& options, const std::string& heading,
                      const std::map<std::string, std::string>& remarks) {
  std::string yaml, line;
  for (std::istringstream lines(heading); std::getline(lines, line);) yaml += "# " + line + "\n";
  for (const KeyGroup& group : key_groups()) {
    std::string values;
    for (const Key& key : schema()) {
      if (key.group() != group.name || !belongs(key, options)) continue;
      const auto remark = remarks.find(key.name);
      values += "  " + key.field() + ": " + yaml_value(key, options) +
                (remark == remarks.end() ? "" : "  # " + remark->second) + "\n";
    }
    if (!values.empty()) yaml += group.name + ":\n" + values;
  }
  for (std::size_t i = 0; i < options.petsc.size(); ++i) {
    const bool has_value = i + 1 < options.petsc.size() && !is_key(options.petsc[i + 1]);
    yaml += options.petsc[i].substr(1) + ": ";
    yaml += quoted(has_value ? options.petsc[++i] : "") + "\n";
  }
  return yaml;
}

std::string help_text() {
  const HelpColumns columns;
  std::string help = "  " + padded("key", columns.name - 2) + padded("default", columns.value) +
                     "meaning (allowed values)\n";
  for (const KeyGroup& group : key_groups()) help += "\n" + help_on_group(group, columns);
  return help;
}

std::string help_on(const std::string& name) {
  const std::string plain = name.substr(std::min(name.find_first_not_of('-'), name.size()));
  if (const Key* key = find_key(plain)) return help_on_key(*key);
  for (const KeyGroup& group : key_groups())
    if (group.name == plain) return help_on_group(group, {});
  const std::string nearest = nearest_key(plain);
  throw BadInput("-help " + name + ": no key and no group of keys has this name" +
                 (nearest.empty() ? "; -help alone lists all" : "; did you mean " + nearest + "?"));
}

std::string keys_as_markdown() {
  std::string table = "| key | default | allowed | meaning |\n|---|---|---|---|\n";
  for (const KeyGroup& group : key_groups()) {
    table += "| **" + group.name + "** | | | *" + markdown_cell(group.title) + "* |\n";
    for (const Key& key : schema()) {
      if (key.group() != group.name) continue;
      table += "| `" + names_of(key) + "` | " + default_of(key) + " | " +
               markdown_cell(values_of(key)) + " | " + markdown_cell(meaning_of(key)) + " |\n";
    }
  }
  return table;
}

}  // namespace admmnet
