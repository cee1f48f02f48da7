/// The labels of a table, each kept once.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/types.h"

namespace admmnet {

/// Numbers labels in the order in which they first appear. Integers are labels in one spelling; any
/// other text is a name; numbers that are not integers are names only when some label is not a
/// number at all.
class LabelCollector {
 public:
  /// `remedy`: what a user can do where the labels are none; it stands in messages.
  explicit LabelCollector(
      std::string remedy = "say with -data_label_column which column holds the labels")
      : remedy_(std::move(remedy)) {}

  /// The number of a label. `place`: gives that of the field, for messages. Throws BadInput for a
  /// name that is too long or not UTF-8, and when there are too many labels.
  int add(std::string_view field, const std::function<std::string()>& place);

  /// Whether one is a number that is no integer, and none is a word.
  bool are_real() const { return !first_fraction_place_.empty() && first_word_place_.empty(); }

  std::size_t distinct() const { return names_.size(); }

  /// After the last one. Throws BadInput when the labels are numbers and not integers, or when the
  /// first one alone is a word: `guessed` says that the first line may have been a header.
  void finish(bool guessed) const;

  std::vector<std::string> take_names() { return std::move(names_); }

 private:
  int add_new(std::string_view field, const std::string& place);
  std::string remedy_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, int> by_name_;   ///< in the one spelling
  std::unordered_map<std::string, int> by_field_;  ///< as written
  std::string last_field_;
  int last_ = -1;
  Index samples_ = 0, words_ = 0;  ///< words: samples whose label is no number
  std::vector<bool> is_word_;
  std::string first_word_place_, first_word_, first_fraction_place_, first_fraction_;
};

}  // namespace admmnet
