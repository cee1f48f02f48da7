#include "checkpoint/attribute_rules.h"

#include <cstring>
#include <vector>

#include "runtime/element_hash.h"
#include "runtime/error.h"

namespace admmnet {

using nlohmann::json;

namespace {

constexpr AttributeKind text = AttributeKind::text, integer = AttributeKind::integer,
                        pair = AttributeKind::pair, real = AttributeKind::real;
constexpr Index name_length = 256;

constexpr AttributeRule rules[] = {{"/", "format", text, name_length, 0},
                                   {"/", "format_version", pair, 0, 0},
                                   {"/", "program", text, name_length, 0},
                                   {"/", "created_utc", text, name_length, 0},
                                   {"/", "ranks", integer, 0, 0},
                                   {"/", "grid", pair, 0, 0},
                                   {"/", "block", pair, 0, 0},
                                   {"/", "iteration", integer, 0, 0},
                                   {"/", "steps", integer, 0, optional_attribute},
                                   {"/", "steps_of_pass", integer, 0, optional_attribute},
                                   {"/", "finished", integer, 0, 0},
                                   {"/", "stop_reason", text, name_length, 0},
                                   {"/", "deck", text, longest_text, 0},
                                   {"/", "complete", integer, 0, 0},
                                   {"/network", "inputs", integer, 0, 0},
                                   {"/network", "outputs", integer, 0, 0},
                                   {"/network", "activation", text, name_length, 0},
                                   {"/network", "slope", real, 0, 0},
                                   {"/network", "loss", text, name_length, 0},
                                   {"/network", "bias", integer, 0, 0},
                                   {"/network", "scaling", text, name_length, 0},
                                   {"/network", "features", integer, 0, optional_attribute},
                                   {"/network", "rest_of_trace", real, 0, optional_attribute},
                                   {"/network", "label_smoothing", real, 0, optional_attribute},
                                   {"/network", "temperature", real, 0, optional_attribute}};
constexpr AttributeRule note = {"/notes", "", text, longest_text, 0};

template <class T>
void append(const T& number, std::string& bytes) {
  static_assert(sizeof(T) == 8, "every number has eight bytes");
  char raw[8];
  std::memcpy(raw, &number, 8);
  bytes.append(raw, 8);
}

void append_value(const json& value, std::string& bytes) {
  if (value.is_string()) {
    bytes += value.get<std::string>();
  } else if (value.is_array()) {
    for (const json& item : value) append(item.get<Index>(), bytes);
  } else if (value.is_number_float()) {
    append(value.get<double>(), bytes);
  } else {
    append(value.get<Index>(), bytes);
  }
}

}  // namespace

const AttributeRule* find_rule(const std::string& group, const std::string& name) {
  if (group == note.group) return &note;
  for (const AttributeRule& rule : rules)
    if (group == rule.group && name == rule.name) return &rule;
  return nullptr;
}

std::string expected_form(const AttributeRule& rule) {
  switch (rule.kind) {
    case AttributeKind::text:
      return "a text of at most " + std::to_string(rule.longest) + " bytes";
    case AttributeKind::integer:
      return "one integer of 8 bytes";
    case AttributeKind::pair:
      return "a list of 2 integers of 8 bytes";
    case AttributeKind::real:
      return "one real number of 8 bytes";
  }
  return "?";
}

void require_all_attributes(const json& attributes, Index minor) {
  for (const AttributeRule& rule : rules) {
    const auto group = attributes.find(rule.group);
    if (minor >= rule.since_minor && (group == attributes.end() || !group->contains(rule.name)))
      throw IoFailure("the attribute '" + std::string(rule.name) + "' of " + rule.group +
                      " is missing");
  }
}

std::uint64_t attributes_checksum(const json& attributes) {
  std::string bytes;
  for (const auto& [group, list] : attributes.items())
    for (const auto& [name, value] : list.items()) {
      if (value.is_null() || (group == "/" && name == "complete")) continue;
      bytes += group + '\0' + name + '\0';
      append_value(value, bytes);
      bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
    }
  return checksum(0, bytes.data(), static_cast<Index>(bytes.size() / 8));
}

}  // namespace admmnet
