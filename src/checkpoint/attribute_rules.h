/// The attributes of a checkpoint: which there are, of what kind, how long, and their checksum.
/// Free of HDF5; hdf5_attributes.h reads by these rules.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include <nlohmann/json.hpp>

#include "runtime/types.h"

namespace admmnet {

/// An integer has eight bytes, a real number too; `pair` is a list of two integers.
enum class AttributeKind { text, integer, pair, real };

struct AttributeRule {
  const char* group;
  const char* name;
  AttributeKind kind;
  Index longest;    ///< bytes of a text
  int since_minor;  ///< files from this minor version on must have it
};
constexpr int optional_attribute = std::numeric_limits<int>::max();  ///< since_minor: no file must

// Bounds on what a file can make a reader hold: text of one attribute, of all of them together, and
// the number of attributes of one group.
constexpr Index longest_text = Index{1} << 20;
constexpr Index most_text = Index{1} << 25;
constexpr Index most_attributes = 1000;

/// The rule of an attribute; nullptr when this version knows none of that name. Each attribute of
/// /notes is a text.
const AttributeRule* find_rule(const std::string& group, const std::string& name);

/// "a text of at most 1048576 bytes", "one integer of 8 bytes", ...
std::string expected_form(const AttributeRule& rule);

/// Throws IoFailure naming an attribute of `attributes` (see Catalogue) that files of this minor
/// version have and that is missing.
void require_all_attributes(const nlohmann::json& attributes, Index minor);

/// Checksum (element_hash.h) over all attributes of the groups but `complete` and those of a kind
/// that this version does not know (null), sorted by group and name: group, a zero byte, name, a
/// zero byte, value (a text's bytes, eight bytes little-endian a number), and zero bytes up to a
/// multiple of eight. It stands beside the index, in the attribute `attributes_checksum` of /index.
std::uint64_t attributes_checksum(const nlohmann::json& attributes);

}  // namespace admmnet
