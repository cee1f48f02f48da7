/// Several files as one: what -data_train and -data_test may name for arrays.
#pragma once

#include <string>
#include <vector>

namespace admmnet {

/// The files that a text names: one file; or a list with commas between the names, of which each
/// may be a pattern of the shell (run*.h5), whose files follow in the order of their names. Throws
/// BadInput, which names `key`, for a pattern without files and for a file named twice. Rank-local.
std::vector<std::string> listed_files(const std::string& key, const std::string& text);

/// The way through one text, and back: names with commas between them.
std::string joined_names(const std::vector<std::string>& files);
std::vector<std::string> split_names(const std::string& text, std::size_t files);

}  // namespace admmnet
