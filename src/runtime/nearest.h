/// The nearest word, for "did you mean".
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace admmnet {

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (optimal
/// string alignment). Time and memory |a| |b|.
std::size_t edit_distance(const std::string& a, const std::string& b);

/// The word of `words` nearest to `word`, the first one of equals; empty when none is near: more
/// than a third of the letters (at least 1, at most 3) would have to change.
std::string nearest_word(const std::string& word, const std::vector<std::string>& words);

}  // namespace admmnet
