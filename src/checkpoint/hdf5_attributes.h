/// Reads attributes of untrusted files: kind, size and extent are compared with what is expected
/// before a byte goes into memory. Rank-local.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "checkpoint/attribute_rules.h"
#include "hdf5/handle.h"

namespace admmnet {

/// The attributes of one file.
class AttributeReader {
 public:
  /// The value of an attribute with a rule. Throws IoFailure naming it, its form and the expected
  /// one, or saying that it is missing.
  nlohmann::json required(hid_t object, const std::string& group, const std::string& name);

  /// All attributes of a group by name, those without a rule as they come; null for these when they
  /// are of a kind that checkpoints do not have. Throws IoFailure like required().
  nlohmann::json all(hid_t group, const std::string& path);

 private:
  nlohmann::json value(hid_t attribute, const std::string& group, const std::string& name);
  nlohmann::json text(hid_t attribute, hid_t type, const std::string& place);

  Index text_left_ = most_text;
};

/// A checksum attribute of the data set `path`: one unsigned integer of eight bytes, or IoFailure.
std::uint64_t read_checksum(hid_t object, const std::string& path, const std::string& name);

}  // namespace admmnet
