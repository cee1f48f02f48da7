/// Names in a checkpoint: data sets of UTF-8 text, and labels that are integers.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/catalogue.h"

namespace admmnet {

/// One name an element, each of the longest one's bytes rounded up to eight, filled up with zeros.
SmallDataSet encode_texts(const std::string& name, const std::vector<std::string>& texts);
std::vector<std::string> decode_texts(const DataSet& data_set,
                                      const std::vector<std::uint64_t>& words);

/// True when every label is an integer in its usual spelling; their values are then in `numbers`.
bool labels_as_integers(const std::vector<std::string>& labels, std::vector<Index>& numbers);

}  // namespace admmnet
