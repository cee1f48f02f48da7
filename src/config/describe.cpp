#include "config/describe.h"

#include <algorithm>
#include <sstream>

#include "config/schema.h"
#include "config/value.h"

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
  std::size_t name_width = 0, default_width = 0;
  for (const Key& key : schema()) {
    name_width = std::max(name_width, names_of(key).size() + 4);
    default_width = std::max(default_width, default_of(key).size() + 2);
  }
  std::string help = "  " + padded("key", name_width - 2) + padded("default", default_width) +
                     "meaning (allowed values)\n";
  for (const KeyGroup& group : key_groups()) {
    help += "\n" + group.name + "_: " + group.title + "\n";
    for (const Key& key : schema()) {
      if (key.group() != group.name) continue;
      help +=
          wrapped(padded("  " + names_of(key), name_width) + padded(default_of(key), default_width),
                  meaning_of(key) + " (" + values_of(key) + ")", name_width + default_width);
    }
  }
  return help;
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
