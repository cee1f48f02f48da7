/// Names of columns: those of test files against those of training.
#pragma once

#include <string>
#include <vector>

#include "runtime/types.h"

namespace admmnet {

/// At most this many bytes of a name are kept.
constexpr std::size_t kLongestName = 255;

/// A name as it is kept and compared: cut at a character's end.
std::string shortened_name(const std::string& name);

/// For each of `names` its place among `trained`. `path`: for messages. Throws BadInput, naming the
/// columns, unless the one is the other in some order; also when a name that stands twice leaves
/// the order open.
std::vector<Index> places_among(const std::vector<std::string>& trained,
                                const std::vector<std::string>& names, const std::string& path);

/// The places of `names` that do not stand among `trained`.
std::vector<Index> not_among(const std::vector<std::string>& trained,
                             const std::vector<std::string>& names);

/// "'a', 'b', 'c' and 12 more".
std::string listed(const std::vector<std::string>& names);

}  // namespace admmnet
