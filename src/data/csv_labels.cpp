#include "data/csv_labels.h"

#include <algorithm>

#include "data/csv_columns.h"
#include "data/csv_text.h"
#include "runtime/error.h"

namespace admmnet {

namespace {

constexpr std::size_t kMostLabels = std::size_t{1} << 20;

}  // namespace

int LabelCollector::add(std::string_view field, const std::function<std::string()>& place) {
  ++samples_;
  if (last_ < 0 || field != last_field_) {
    last_field_ = std::string(field);
    const auto known = by_field_.find(last_field_);
    last_ = known != by_field_.end() ? known->second : add_new(field, place());
  }
  if (is_word_[static_cast<std::size_t>(last_)]) ++words_;
  return last_;
}

int LabelCollector::add_new(std::string_view field, const std::string& place) {
  std::string name;
  const LabelKind kind = read_label(field, name);
  if (!is_utf8(field))
    throw BadInput(place + "the label " + quoted(field) +
                   " is not in UTF-8; write the file anew (iconv -f ISO-8859-1 -t UTF-8)");
  const bool control =
      std::any_of(field.begin(), field.end(), [](unsigned char c) { return c < 32 || c == 127; });
  if (name.size() > kLongestName || control)
    throw BadInput(place + "the label " + quoted(field) + " is " +
                   (control ? "of several lines" : std::to_string(name.size()) + " bytes long") +
                   "; " + remedy_);
  if (kind == LabelKind::text && first_word_place_.empty()) {
    first_word_place_ = place;
    first_word_ = quoted(field);
  }
  if (kind == LabelKind::number && first_fraction_place_.empty()) {
    first_fraction_place_ = place;
    first_fraction_ = quoted(field);
  }
  const auto [entry, is_new] = by_name_.emplace(name, static_cast<int>(names_.size()));
  if (is_new) {
    names_.push_back(name);
    is_word_.push_back(kind == LabelKind::text);
  }
  by_field_.emplace(field, entry->second);
  if (by_field_.size() > kMostLabels) {
    finish(false);
    throw BadInput(place + "is the label number " + std::to_string(by_field_.size()) + "; " +
                   remedy_);
  }
  return entry->second;
}

void LabelCollector::finish(bool guessed) const {
  if (are_real())
    throw BadInput(first_fraction_place_ + "the label " + first_fraction_ + " is not an integer; " +
                   remedy_ + ", and number or name the classes, or set -data_task regression");
  if (guessed && words_ == 1 && samples_ > 2 && is_word_.front())
    throw BadInput(first_word_place_ + "the label " + first_word_ +
                   " is the only one that is not a number; say -data_header yes if this line holds "
                   "names, no if it is a sample");
}

}  // namespace admmnet
