#include "data/target_values.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "data/csv_text.h"
#include "data/dataset.h"
#include "runtime/error.h"

namespace admmnet {

TargetCollector::TargetCollector(std::optional<Task> task, Index targets, const std::string& remedy,
                                 Contents& contents)
    : kind_(targets > 1 || task == Task::regression ? reals
            : task == Task::classification          ? classes
                                                    : open),
      targets_(targets),
      labels_(remedy),
      contents_(contents) {
  static_assert(kWithout == kNoLabel && kOut == kLeftOut);
}

namespace {

std::string not_finite(std::string_view field) {
  return "the target " + quoted(field) +
         " is not a finite number; replace it or take the sample out";
}

}  // namespace

void TargetCollector::add_real(double value, std::string_view field, const Place& place) {
  if (!std::isfinite(value)) throw BadInput(place() + not_finite(field));
  contents_.reals.push_back(value);
  if (static_cast<Index>(contents_.reals.size()) % targets_ == 0) contents_.labels.push_back(0);
}

/// As both, until it is clear.
void TargetCollector::add_open(double value, std::string_view field, const Place& place) {
  constexpr std::size_t kMostNames = 1000;  // more numbers that are no integers are no names
  contents_.labels.push_back(labels_.add(field, place));
  contents_.reals.push_back(value);
  if (std::isinf(value) && not_finite_.empty()) not_finite_ = place() + not_finite(field);
  if (labels_.are_real() && labels_.distinct() > kMostNames) settle_on_reals();
}

void TargetCollector::settle_on_reals() {
  if (!not_finite_.empty()) throw BadInput(not_finite_);
  kind_ = reals;
  for (int& known : contents_.labels) known = std::min(known, 0);
}

void TargetCollector::add(std::string_view field, const Place& place) {
  double value = std::numeric_limits<double>::quiet_NaN();
  const bool number = kind_ != classes && parse_number(field, value);
  if (kind_ == classes)
    contents_.labels.push_back(labels_.add(field, place));
  else if (kind_ == open)
    add_open(value, field, place);
  else if (number)
    add_real(value, field, place);
  else
    throw BadInput(place() + "the target " + quoted(field) +
                   " is not a number, and real targets are; -data_label_column says where they "
                   "stand, -data_task classification takes names of classes");
}

void TargetCollector::add(double value, const Place& place) {
  char text[40];
  const bool whole = std::floor(value) == value && std::abs(value) < 1e15;
  std::snprintf(text, sizeof text, whole ? "%.0f" : "%.17g", value);
  if (kind_ == reals)
    add_real(value, text, place);
  else
    add(std::string_view(text), place);
}

void TargetCollector::add_without(int label) {
  contents_.labels.push_back(label);
  contents_.reals.insert(contents_.reals.end(), static_cast<std::size_t>(targets_),
                         std::numeric_limits<double>::quiet_NaN());
}

void TargetCollector::finish(bool guessed) {
  const auto has_label = [](int label) { return label >= 0; };
  contents_.labelled = std::any_of(contents_.labels.begin(), contents_.labels.end(), has_label);
  if (kind_ == open && labels_.are_real()) settle_on_reals();
  if (kind_ == reals) {
    contents_.targets = targets_;
    return;
  }
  labels_.finish(guessed);
  contents_.label_names = labels_.take_names();
  contents_.reals.clear();
}

}  // namespace admmnet
